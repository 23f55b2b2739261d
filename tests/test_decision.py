"""The decision rules: each gives each of its outcomes, and says why."""

import json
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

from prefvec.assessment import Assessment, invalid, not_applicable
from prefvec.controls import Controls, beyond, differs_from_unrelated, prediction_limit
from prefvec.criteria import LONGER_BY_A_QUARTER, Fails, Steers, Works
from prefvec.decision import conclude, prompts_to_decide
from prefvec.doses import DoseResponse
from prefvec.errors import PrefvecError
from prefvec.failures import LABELS
from prefvec.preconditions import adapter_learned, model_check
from prefvec.rules import assess_fails, assess_steers, assess_works
from prefvec.verdict import Outcome, Verdict
from tests.simulated import NATIVE, Scene, fails, share_of, steers, works

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


def judged(assessment: Assessment) -> Verdict:
    """The verdict of a claim that is its own family."""
    return conclude(assessment, assessment.pvalue)


@pytest.fixture
def scene() -> Scene:
    """Ninety-six prompts."""
    return Scene(0)


@pytest.fixture
def native(scene: Scene) -> DoseResponse:
    """The planned native effect."""
    return scene.arm("native", *NATIVE)


# ---------------------------------------------------------------------------------- steers


def test_a_vector_that_steers_is_supported(scene: Scene, native: DoseResponse) -> None:
    """The planned effect, with its interval around the true factor √(2 / 0.6)."""
    verdict = judged(steers(scene, native))
    assert verdict.outcome is SUPPORTED
    assert verdict.effect is not None
    assert verdict.effect.low < math.sqrt(2 / 0.6) < verdict.effect.high
    assert all(c.passed for c in verdict.components if c.role != "shown")


@pytest.mark.parametrize(
    ("up", "down", "outcome"),
    [
        (0.0, 0.0, REFUTED),  # does nothing: the odd part is significantly below ×1.25
        (-0.7, 0.5, REFUTED),  # steers the other way
        (0.7, 0.7, REFUTED),  # lengthens both ways: damage, not steering
        (0.7, 0.0, INCONCLUSIVE),  # lengthens, and does not shorten
        (0.23, -0.23, INCONCLUSIVE),  # too near ×1.25 to tell which side
    ],
)
def test_steering_is_both_ways_and_large_enough(up: float, down: float, outcome: Outcome) -> None:
    """What misses one part of the conjunction is not supported."""
    scene = Scene(3)
    assert judged(steers(scene, scene.arm("native", up, down))).outcome is outcome


def test_incoherent_steering_is_not_supported(scene: Scene) -> None:
    """Loops lengthen answers; a third of coherent answers lost is named as what is lacking."""
    verdict = judged(steers(scene, scene.arm("native", *NATIVE, coherent=0.6)))
    assert verdict.outcome is INCONCLUSIVE
    assert "coherence kept" in verdict.sentence
    assert "No feasible number" in verdict.sentence


def test_a_random_direction_as_strong_blocks_support(scene: Scene, native: DoseResponse) -> None:
    """Even one that is as strong the other way round."""
    strong = scene.arm("random-8", *share_of(NATIVE, -1.3), doses=(-1.0, 1.0))
    calm = scene.controls(kinds=1)
    verdict = judged(steers(scene, native, Controls(random=(*calm.random, strong))))
    assert verdict.outcome is INCONCLUSIVE
    assert "beyond random directions" in verdict.sentence
    assert "No feasible number of prompts" in verdict.sentence


def test_too_few_controls_leave_a_claim_inconclusive(scene: Scene, native: DoseResponse) -> None:
    """Seven random directions are not eight: the control is undecided, not failed."""
    verdict = judged(steers(scene, native, scene.controls(kinds=1, count=7)))
    assert verdict.outcome is INCONCLUSIVE
    assert [c.passed for c in verdict.components if c.role == "control"] == [None]


# ----------------------------------------------------------------------------------- fails


@pytest.mark.parametrize(
    ("share", "outcome"),
    [(0.0, SUPPORTED), (0.25, INCONCLUSIVE), (1.0, REFUTED), (-0.8, SUPPORTED)],
)
def test_failing_is_less_than_a_quarter_of_native(
    scene: Scene, native: DoseResponse, share: float, outcome: Outcome
) -> None:
    """Nothing and reversal fail, as much as native does not, and a quarter is neither."""
    raw = scene.arm("raw", *share_of(NATIVE, share))
    assert judged(fails(scene, raw, native)).outcome is outcome


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ({}, "inert"),
        ({"up": -0.5, "down": 0.4}, "reversed"),
        ({"coherent": 0.7}, "disruptive"),
        ({"up": 0.5, "down": 0.5}, "disruptive"),
        ({"up": -0.5, "down": -0.5}, "disruptive"),
    ],
)
def test_failures_are_told_apart(
    scene: Scene, native: DoseResponse, raw: dict[str, float], label: str
) -> None:
    """A supported failure says in which way it fails."""
    verdict = judged(fails(scene, scene.arm("raw", **raw), native))
    assert (verdict.outcome, verdict.label) == (SUPPORTED, label)
    assert LABELS[label] in verdict.sentence


def test_a_failure_that_few_prompts_cannot_tell_is_unresolved() -> None:
    """Twelve prompts show that raw is below a quarter, and not that it is nothing."""
    labels: set[str | None] = set()
    for seed in range(60):
        scene = Scene(seed, n=12)
        native = scene.arm("native", *share_of(NATIVE, 1.5))
        verdict = judged(fails(scene, scene.arm("raw", -0.1, 0.1), native))
        if verdict.outcome is SUPPORTED:
            labels.add(verdict.label)
    assert "unresolved" in labels


def test_absence_of_an_effect_alone_is_no_failure() -> None:
    """With eight prompts nothing is significant, and nothing is concluded."""
    scene = Scene(1, n=8)
    native = scene.arm("native", *share_of(NATIVE, 2))
    raw = scene.arm("raw", 0.3, -0.3)
    verdict = judged(fails(scene, raw, native))
    assert verdict.outcome is INCONCLUSIVE
    assert "more prompts would decide" in verdict.sentence


# ----------------------------------------------------------------------------------- works


@pytest.mark.parametrize(
    ("share", "outcome", "label"),
    [
        (0.9, SUPPORTED, None),
        (0.0, REFUTED, None),
        (0.35, REFUTED, "partial"),
        (0.5, INCONCLUSIVE, None),
    ],
)
def test_working_is_more_than_half_of_native(
    native: DoseResponse, scene: Scene, share: float, outcome: Outcome, label: str | None
) -> None:
    """Much works, nothing is refuted, a third is refuted and called partial."""
    adapted = scene.arm("adapted", *share_of(NATIVE, share))
    verdict = judged(works(scene, adapted, native, scene.arm("raw")))
    assert verdict.outcome is outcome
    assert "of native" in verdict.sentence
    if share != 0.5:
        assert verdict.label == label
    assert ("partial transfer" in verdict.sentence) == (verdict.label == "partial")


def test_the_adapter_must_beat_the_raw_vector(scene: Scene, native: DoseResponse) -> None:
    """Where the raw copy does as much, the adapter has carried nothing."""
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9))
    raw = scene.arm("raw", *share_of(NATIVE, 0.9))
    assert judged(works(scene, adapted, native, raw)).outcome is INCONCLUSIVE
    assert judged(works(scene, adapted, native, raw=None)).outcome is SUPPORTED


def test_an_incoherent_adapted_vector_is_refuted(scene: Scene, native: DoseResponse) -> None:
    """Coherence significantly below the margin refutes that it works."""
    adapted = scene.arm("adapted", *NATIVE, coherent=0.6)
    verdict = judged(works(scene, adapted, native, scene.arm("raw")))
    assert verdict.outcome is REFUTED
    assert "coherence lost" in verdict.sentence


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("kind", ["random", "shuffled", "unrelated"])
def test_a_control_that_does_as_much_refutes(
    scene: Scene, native: DoseResponse, kind: str, sign: int
) -> None:
    """Whichever kind of control it is, and whichever way round."""
    rival = scene.arm(f"{kind}-rival", *share_of(NATIVE, 0.9 * sign), doses=(-1.0, 1.0))
    calm = scene.controls()
    controls = replace(calm, **{kind: (*getattr(calm, kind), rival)})
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9))
    verdict = judged(works(scene, adapted, native, scene.arm("raw"), controls))
    assert verdict.outcome is REFUTED
    assert f"{kind}-rival" in verdict.sentence


@pytest.mark.parametrize("missing", ["random", "shuffled", "unrelated"])
def test_every_kind_of_control_is_required(
    scene: Scene, native: DoseResponse, missing: str
) -> None:
    """An adapter without one of its controls is undecided."""
    controls = replace(scene.controls(), **{missing: ()})
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9))
    assessment = assess_works(
        "works",
        adapted,
        native=native,
        raw=None,
        positive_control=steers(scene, native),
        controls=controls,
        criterion=Works(),
        identity_holds=True,
    )
    assert judged(assessment).outcome is INCONCLUSIVE


# ------------------------------------------------------------------------------- invalid


@pytest.mark.parametrize(
    ("arm", "says"),
    [
        ({"censored": 0.25}, "--max-new-tokens 320"),
        ({"changed": 0.0}, "hook never fired"),
    ],
)
@pytest.mark.parametrize("confirmatory", ["adapted", "native", "raw"])
def test_no_confirmatory_arm_may_be_capped_or_unsteered(
    scene: Scene, arm: dict[str, float], says: str, confirmatory: str
) -> None:
    """Whichever arm it is, the claim is INVALID and says what to do."""
    bad = {confirmatory: arm}
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9), **bad.get("adapted", {}))
    native = scene.arm("native", *NATIVE, **bad.get("native", {}))
    raw = scene.arm("raw", **bad.get("raw", {}))
    verdict = judged(works(scene, adapted, native, raw))
    assert verdict.outcome is Outcome.INVALID
    assert says in verdict.sentence


def test_a_fifth_of_censored_answers_is_still_valid(scene: Scene) -> None:
    """The limit itself is allowed."""
    assert judged(steers(scene, scene.arm("native", *NATIVE, censored=0.2))).outcome is SUPPORTED


def test_without_assay_sensitivity_nothing_follows(scene: Scene) -> None:
    """Where the target's own vector does nothing, neither failing nor working can be judged."""
    deaf, raw = scene.arm("native"), scene.arm("raw")
    for assessment in (fails(scene, raw, deaf), works(scene, raw, deaf)):
        verdict = judged(assessment)
        assert verdict.outcome is Outcome.INVALID
        assert "own vector was not shown to steer it" in verdict.sentence
        assert assessment.pvalue == 1


def test_native_must_move_at_the_arms_norm_too(scene: Scene, native: DoseResponse) -> None:
    """A native vector that steers at its own norm tells nothing of a norm at which it does not."""
    assessment = assess_fails(
        "fails",
        scene.arm("raw"),
        native=scene.arm("native"),
        positive_control=steers(scene, native),
        criterion=Fails(),
        identity_holds=True,
    )
    assert judged(assessment).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("r2", "shuffled", "passed"),
    [
        (0.9, [0.01, -0.2], True),
        (0.0, [0.0], False),
        (0.02, [0.01, 0.05], False),
        (-0.1, [], False),
    ],
)
def test_an_adapter_must_have_learnt(r2: float, shuffled: list[float], passed: bool) -> None:
    """Held-out R² above that of every shuffled map, and above 0 without any."""
    assert adapter_learned(r2, shuffled).passed is passed


def test_failed_checks_are_named(scene: Scene, native: DoseResponse) -> None:
    """A failed check makes INVALID, whatever was measured, and with nothing measured."""
    failed = model_check("left padding", False, "one answer alone and in a batch differ.")
    for assessment in (
        assess_steers(
            "steers",
            native,
            controls=scene.controls(kinds=1),
            criterion=Steers(),
            identity_holds=True,
            preconditions=[failed],
        ),
        invalid("steers", Steers(), [failed]),
    ):
        verdict = judged(assessment)
        assert verdict.outcome is Outcome.INVALID
        assert "left padding" in verdict.sentence


def test_a_broken_identity_is_invalid(scene: Scene, native: DoseResponse) -> None:
    """Coefficient 0 must change nothing."""
    assessment = assess_steers(
        "steers",
        native,
        controls=scene.controls(kinds=1),
        criterion=Steers(),
        identity_holds=False,
    )
    assert judged(assessment).outcome is Outcome.INVALID


def test_an_undefined_claim_is_not_applicable() -> None:
    """Its reason is its sentence."""
    verdict = judged(not_applicable("raw", Fails(), "The widths 128 and 160 differ"))
    assert verdict.outcome is Outcome.NOT_APPLICABLE
    assert verdict.summary() == "NOT APPLICABLE: The widths 128 and 160 differ."
    assert verdict.record()["effect"] is None


def test_arms_of_different_prompts_are_refused(scene: Scene, native: DoseResponse) -> None:
    """A paired contrast needs pairs."""
    with pytest.raises(PrefvecError, match="different prompts"):
        steers(scene, Scene(0, n=24).arm("native", *NATIVE))


# ------------------------------------------------------------------------ parts of the rules


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


def test_holm_turns_a_support_into_inconclusive(scene: Scene, native: DoseResponse) -> None:
    """The same numbers in a family that they do not survive; a refutation would not care."""
    assessment = steers(scene, native)
    assert assessment.outcome(0.05) is SUPPORTED
    assert assessment.outcome(0.0501) is INCONCLUSIVE
    verdict = conclude(assessment, 0.06)
    assert "after Holm" in verdict.sentence
    assert not all(c.passed for c in verdict.components if c.role == "test")
    assert steers(scene, scene.arm("native")).outcome(1.0) is REFUTED


def test_more_prompts_are_asked_for_where_they_would_decide() -> None:
    """A claim that few prompts just miss says how many more; Holm's correction asks for more."""
    scene = Scene(6, n=16)
    raw, native = scene.arm("raw", 0.15, -0.1), scene.arm("native", *NATIVE)
    assessment = fails(scene, raw, native)
    assert judged(assessment).outcome is INCONCLUSIVE
    more = prompts_to_decide(assessment, assessment.pvalue)
    assert more is not None
    assert more > 0
    assert f"About {more} more prompts would decide" in judged(assessment).sentence
    corrected = prompts_to_decide(assessment, min(1.0, 3 * assessment.pvalue))
    assert corrected is not None
    assert corrected > more


# ------------------------------------------------------------------------------ the record


def test_records_are_json_that_the_report_understands(scene: Scene, native: DoseResponse) -> None:
    """Every outcome's record is plain JSON without nan, in the schema's words."""
    raw = scene.arm("raw")
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9))
    verdicts = [
        judged(steers(scene, native)),
        judged(fails(scene, raw, native)),
        judged(works(scene, adapted, native, raw)),
        judged(works(scene, raw, native, raw, Controls(random=()))),
        judged(not_applicable("raw", Fails(), "undefined")),
    ]
    for verdict in verdicts:
        record = verdict.record()
        assert json.loads(json.dumps(record, allow_nan=False)) == record
        assert record["outcome"] == verdict.outcome.name.replace("_", " ")
        for component in record["components"]:
            assert component["role"] in {"test", "filter", "precondition", "control", "shown"}
            assert component["sentence"].startswith(("Needed", "Measured")) or component[
                "role"
            ] in {"precondition"}


def test_a_verdict_shows_the_clustered_error_and_the_wrong_way(scene: Scene) -> None:
    """Robustness row by entity, and the share of prompts that moved the wrong way."""
    labels = np.array([f"entity-{i % 32}" for i in range(96)])
    arm = scene.arm("native", *NATIVE)
    clusters = arm.odd.astype(str)
    clusters[:] = labels
    names = {c.name for c in judged(steers(scene, replace(arm, clusters=clusters))).components}
    assert {"odd part, clustered by entity", "prompts moved the wrong way"} <= names


def test_bootstrap_disagreement_is_noted() -> None:
    """With one outlier among few prompts, t and BCa part ways about the threshold."""
    scene = Scene(2, n=12)
    arm = scene.arm("native", *NATIVE)
    effects = arm.effects.copy()
    effects[1.0] = [0.02] * 11 + [1.5]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = judged(steers(scene, replace(arm, effects=effects)))
    assert any("longer at the full dose" in note for note in verdict.notes)
    assert verdict.record()["notes"] == list(verdict.notes)


@pytest.mark.parametrize(
    ("criterion", "wrong"),
    [
        (Steers, {"at_least": 0.0}),
        (Steers, {"alpha": 1.0}),
        (Fails, {"share_of_native": 0.0}),
        (Works, {"share_of_native": 1.5}),
        (Works, {"share_of_native": 0.2}),
        (Works, {"coherence_margin": -0.1}),
    ],
)
def test_criteria_that_decide_nothing_are_refused(
    criterion: type[Steers | Fails | Works], wrong: dict[str, float]
) -> None:
    """A slip in a claim's file is found before anything is generated."""
    with pytest.raises(PrefvecError):
        criterion(**wrong)


def test_criteria_speak() -> None:
    """Their sentences name their thresholds, their parameters are the protocol's."""
    assert "×1.25" in Steers().sentence
    assert "25 %" in Fails().sentence
    assert "50 %" in Works().sentence
    assert Works().parameters == {
        "alpha": 0.05,
        "D": LONGER_BY_A_QUARTER,
        "phi": 0.25,
        "rho": 0.5,
        "coherence_margin": 0.10,
    }
