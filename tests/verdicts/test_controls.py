"""Controls: what an arm must stand out from."""

import math
from dataclasses import replace

import numpy as np
import pytest

from prefvec.statistics.estimates import prediction_limit
from prefvec.verdicts.controls import (
    RANDOM,
    SHUFFLED,
    Controls,
    beyond_chance,
    differs_from_unrelated,
)
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


def test_one_control_in_38_may_reach_the_arm_and_not_two(
    scene: Scene, native: DoseResponse
) -> None:
    """Whichever way round; by hand p_chance is 1/40, 2/40 and 3/40."""
    calm = scene.controls(kinds=1).random
    for strong, passed, pvalue in ((0, True, 0.025), (1, True, 0.05), (2, False, 0.075)):
        rivals = tuple(
            scene.control("x", *share_of(NATIVE, sign * 1.5)) for sign in (1, -1)[:strong]
        )
        check = beyond_chance(native, (*rivals, *calm[strong:]), RANDOM, 0.05)
        assert (check.passed, check.pvalue) == (passed, pytest.approx(pvalue))
        assert f"more than {38 - strong} of 38" in check.sentence
        assert f"p_chance = {pvalue:.3f}" in check.sentence


def test_the_mean_and_the_spread_of_a_family_stand_in_the_record(
    scene: Scene, native: DoseResponse
) -> None:
    """Oracle: numpy, over the mean odd parts of its members."""
    calm = scene.controls(kinds=1)
    odds = np.array([arm.mean_odd for arm in calm.random])
    [line] = [c for c in judged(steers(scene, native, calm)).components if c.role == "control"]
    record = line.record()
    assert record["mean"] == pytest.approx(odds.mean())
    assert record["spread"] == pytest.approx(np.sqrt((odds**2).mean()))
    assert record["pvalue"] == 1 / 40
    assert record["threshold"] == pytest.approx(sorted(abs(odds))[-2])


def test_shuffled_maps_are_ranked_as_they_are_too(scene: Scene, native: DoseResponse) -> None:
    """One that does as much is one of 38 signed effects, and two of 20 unsigned ones: 0.1."""
    calm = scene.controls(kinds=1).random[1:]
    rival = scene.control("x", *share_of(NATIVE, 1.5))
    for kind, pvalue in ((RANDOM, 0.05), (SHUFFLED, 0.1)):
        check = beyond_chance(native, (*calm, rival), kind, 0.05)
        assert check.pvalue == pytest.approx(pvalue)
        assert check.passed is (kind == RANDOM)
    assert check.threshold == rival.mean_odd


def test_too_few_directions_tell_nothing(scene: Scene, native: DoseResponse) -> None:
    """Eighteen are not nineteen: two of 38 would have to be reached by none."""
    check = beyond_chance(native, scene.controls(kinds=1).random[:-1], RANDOM, 0.05)
    assert (check.passed, check.pvalue) == (None, None)
    assert "too few to tell" in check.sentence


def test_an_unrelated_concept_must_do_significantly_less(
    scene: Scene, native: DoseResponse
) -> None:
    """Both ways round, since its poles are named arbitrarily."""
    calm = scene.arm("formality", 0.02, -0.02)
    assert differs_from_unrelated(native, [calm], 0.05).passed is True
    for sign in (1, -1):
        strong = scene.arm("formality", *share_of(NATIVE, sign))
        assert differs_from_unrelated(native, [calm, strong], 0.05).passed is None


@pytest.mark.parametrize("kind", ["random", "shuffled", "through_map", "unrelated"])
def test_a_control_that_never_steered_decides_nothing(
    scene: Scene, native: DoseResponse, kind: str
) -> None:
    """It lowers the bar: undecided, so INCONCLUSIVE."""
    calm = scene.controls()
    make = scene.arm if kind == "unrelated" else scene.control
    mute = make(f"{kind}-mute", changed=0.0)
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
    assert "hook never fired" in undecided.sentence


def test_the_record_of_controls_has_both_parts_and_the_cap(scene: Scene) -> None:
    """Odd and even part, censoring and the share of changed answers, for every control."""
    calm = scene.controls()
    records = calm.record()
    assert [record["kind"] for record in records] == [
        *["random"] * 19,
        *["shuffled"] * 19,
        *["through_map"] * 19,
        "unrelated",
    ]
    first = calm.random[0]
    assert records[0] == {
        "name": "random-0",
        "kind": "random",
        "odd": pytest.approx(first.mean_odd),
        "even": pytest.approx(first.even.mean()),
        "censored": pytest.approx(first.most_censored),
        "changed": 1.0,
    }
