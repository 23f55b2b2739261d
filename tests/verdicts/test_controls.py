"""Controls: what an arm must stand out from."""

import math
from dataclasses import replace

import pytest

from prefvec.statistics.estimates import prediction_limit
from prefvec.verdicts.controls import Controls, beyond, differs_from_unrelated
from prefvec.verdicts.criteria import Works
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.rules import assess_works
from prefvec.verdicts.verdict import Outcome, Verdict
from tests.judged import judged
from tests.simulated import NATIVE, Scene, share_of, steers


def test_the_prediction_limit_is_by_hand() -> None:
    """Of 1…8: mean 4.5, s = √6, t(0.95, 7) = 1.894579 (tables), √(1 + 1/8)."""
    limit = 4.5 + 1.894579 * math.sqrt(6) * math.sqrt(9 / 8)
    assert prediction_limit([1, 2, 3, 4, 5, 6, 7, 8]) == pytest.approx(limit, rel=1e-6)


def test_an_arm_must_exceed_the_limit_and_the_largest(scene: Scene, native: DoseResponse) -> None:
    """One outlier among the controls that exceeds the arm is enough."""
    calm = scene.controls(kinds=1).random
    assert beyond(native, calm, "random directions").passed is True
    assert beyond(calm[0], calm, "random directions").passed is False
    assert beyond(native, (*calm, scene.arm("x", 1.0, -1.0)), "x").passed is False


def test_an_unrelated_concept_must_do_significantly_less(
    scene: Scene, native: DoseResponse
) -> None:
    """Both ways round, since its poles are named arbitrarily."""
    calm = scene.arm("formality", 0.02, -0.02)
    assert differs_from_unrelated(native, [calm], 0.05).passed is True
    for sign in (1, -1):
        strong = scene.arm("formality", *share_of(NATIVE, sign))
        assert differs_from_unrelated(native, [calm, strong], 0.05).passed is None


@pytest.mark.parametrize("kind", ["random", "shuffled", "unrelated"])
@pytest.mark.parametrize(
    ("hidden", "says"),
    [({"censored": 0.25}, "--max-new-tokens 320"), ({"changed": 0.0}, "hook never fired")],
)
def test_a_control_whose_effect_is_hidden_decides_nothing(
    scene: Scene, native: DoseResponse, kind: str, hidden: dict[str, float], says: str
) -> None:
    """Capped above a fifth, or never steered, it lowers the bar: undecided, so INCONCLUSIVE."""
    calm = scene.controls()
    mute = scene.arm(f"{kind}-mute", doses=(-1.0, 1.0), **hidden)
    controls = replace(calm, **{kind: (*getattr(calm, kind), mute)})
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9))
    raw, able = scene.arm("raw"), steers(scene, native)

    def verdict_with(controls: Controls) -> Verdict:
        return judged(
            assess_works(
                "works",
                adapted,
                native=native,
                raw=raw,
                positive_control=able,
                controls=controls,
                criterion=Works(),
                identity_holds=True,
            )
        )

    assert verdict_with(calm).outcome is Outcome.SUPPORTED
    verdict = verdict_with(controls)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "a control stands in the way" in verdict.sentence
    [undecided] = [c for c in verdict.components if c.role == "control" and c.passed is None]
    assert says in undecided.sentence


def test_a_control_at_the_censoring_limit_still_counts(scene: Scene, native: DoseResponse) -> None:
    """A fifth of its answers capped is allowed, as in the claim's own arms."""
    calm = scene.controls(kinds=1).random
    at_limit = scene.arm("x", doses=(-1.0, 1.0), censored=0.2)
    assert beyond(native, (*calm, at_limit), "random directions").passed is True


def test_the_record_of_controls_has_both_parts_and_the_cap(scene: Scene) -> None:
    """Odd and even part, censoring and the share of changed answers, for every control."""
    calm = scene.controls()
    records = calm.record()
    assert [record["kind"] for record in records] == ["random"] * 8 + ["shuffled"] * 8 + [
        "unrelated"
    ]
    first = calm.random[0]
    assert records[0] == {
        "name": "random-0",
        "kind": "random",
        "odd": pytest.approx(first.odd.mean()),
        "even": pytest.approx(first.even.mean()),
        "censored": pytest.approx(first.most_censored),
        "changed": 1.0,
    }
