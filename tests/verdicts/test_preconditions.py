"""Without what a measurement tells nothing."""

import pytest

from prefvec.errors import PrefvecError
from prefvec.statistics.estimates import Estimate, mean_of
from prefvec.text.traits import PoleName
from prefvec.verdicts.assessment import invalid, not_applicable
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Fails, Steers
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.preconditions import adapter_learned, heeds_trait, model_check
from prefvec.verdicts.rules import assess_fails, assess_steers
from prefvec.verdicts.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, fails, share_of, steers, works

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


@pytest.mark.parametrize("confirmatory", ["adapted", "native", "raw", "target-only"])
def test_every_confirmatory_arm_must_have_steered(scene: Scene, confirmatory: str) -> None:
    """Whichever arm it is, the claim is INVALID and says what is wrong."""
    fired = dict.fromkeys(("adapted", "native", "raw", "target-only"), 1.0) | {confirmatory: 0.0}
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9), changed=fired["adapted"])
    native = scene.arm("native", *NATIVE, changed=fired["native"])
    raw = scene.arm("raw", changed=fired["raw"])
    alone = scene.arm("target-only", *NATIVE, changed=fired["target-only"])
    verdict = judged(works(scene, adapted, native, raw, target_only=alone))
    assert verdict.outcome is Outcome.INVALID
    assert "hook never fired" in verdict.sentence


def test_answers_that_were_cut_off_void_nothing_and_are_shown(scene: Scene) -> None:
    """What steers best never stops: lengths are expectations, and no answer is censored."""
    verdict = judged(steers(scene, scene.arm("native", *NATIVE, censored=0.9)))
    assert verdict.outcome is SUPPORTED
    [line] = [c for c in verdict.components if c.name == "answers cut off"]
    assert (line.role, line.estimate) == ("shown", 0.9)


@pytest.mark.parametrize(("less", "heeded"), [(-0.2, True), (0.2, False)])
def test_a_model_that_does_not_heed_the_trait_tells_nothing(
    scene: Scene, native: DoseResponse, less: float, heeded: bool
) -> None:
    """By hand: half of 0.4 ± 0.2 is 0.3 or 0.1, and D is 0.22."""
    asked: dict[PoleName, Estimate] = {
        "positive": mean_of([0.3, 0.5]),
        "negative": mean_of([less, less + 1e-9]),
    }
    heeds = heeds_trait(asked, LONGER_BY_A_QUARTER, "verbosity", "words per answer")
    assert heeds.passed is heeded
    assessment = assess_steers(
        "steers",
        native,
        controls=scene.controls(kinds=1),
        criterion=Steers(),
        identity_holds=True,
        preconditions=[heeds],
    )
    verdict = judged(assessment)
    assert verdict.outcome is (SUPPORTED if heeded else Outcome.INVALID)
    assert ("does not heed the trait" in verdict.sentence) is not heeded


def test_without_assay_sensitivity_nothing_follows(scene: Scene) -> None:
    """Where the target's own vector does nothing, neither failing nor working can be judged."""
    deaf, raw = scene.arm("native"), scene.arm("raw")
    for assessment in (fails(scene, raw, deaf), works(scene, raw, deaf)):
        verdict = judged(assessment)
        assert verdict.outcome is Outcome.INVALID
        assert "own vector was not shown to steer it" in verdict.sentence
        assert assessment.pvalue == 1


def test_native_must_move_in_the_comparison_too(scene: Scene, native: DoseResponse) -> None:
    """Another arm of the same vector that steers tells nothing of one that does not."""
    assessment = assess_fails(
        "fails",
        scene.arm("raw"),
        native=scene.arm("native"),
        random=scene.controls(kinds=1).random,
        positive_control=steers(scene, native),
        criterion=Fails(),
        identity_holds=True,
    )
    assert judged(assessment).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("r2", "shuffled", "passed"),
    [
        (0.9, [*[0.01] * 4, *[-0.2] * 4], True),
        (0.1, [*[0.01] * 4, *[-0.2] * 4], False),  # above each of eight, within the limit
        (0.0, [0.0], False),
        (0.02, [0.01, 0.05], False),
        (-0.1, [], False),
    ],
)
def test_an_adapter_must_have_learnt(r2: float, shuffled: list[float], passed: bool) -> None:
    """Held-out R² above every shuffled map's and their prediction limit; 0 without any.

    By hand: mean −0.095, s = 0.1122, t(0.95, 7) = 1.8946 and √(1 + 1/8) give a limit of 0.130.
    """
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
    with pytest.raises(PrefvecError, match="other prompts"):
        steers(scene, Scene(0, n=23).arm("native", *NATIVE))


def test_a_map_worse_than_the_mean_has_not_learnt() -> None:
    """R² below 0 predicts worse than the mean does, even where shuffled maps are worse still."""
    learnt = adapter_learned(-0.1, [-0.3])
    assert learnt.passed is False
    assert "learnt nothing" in learnt.sentence


def test_invalid_verdicts_say_every_reason_in_whole_sentences(
    scene: Scene, native: DoseResponse
) -> None:
    """Each failed precondition's sentence, and no plan of power for what cannot tell."""
    adapted = scene.arm("adapted", *NATIVE, changed=0.0)
    verdict = judged(works(scene, adapted, native, scene.arm("raw", changed=0.0)))
    assert verdict.outcome is Outcome.INVALID
    assert verdict.sentence.startswith("With the adapted vector, every steered answer equals")
    assert ". With the raw vector, every steered answer equals" in verdict.sentence
    assert verdict.power is None
