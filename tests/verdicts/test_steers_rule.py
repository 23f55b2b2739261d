"""What the rule `steers` gives, and why."""

import pytest

from prefvec.verdicts.controls import Controls
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, share_of, steers

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


def test_a_vector_that_steers_is_supported(scene: Scene, native: DoseResponse) -> None:
    """The planned effect, with its interval around the true factor √(2.2 / 0.55) = 2."""
    verdict = judged(steers(scene, native))
    assert verdict.outcome is SUPPORTED
    assert verdict.effect is not None
    assert verdict.effect.low < 2 < verdict.effect.high
    assert all(c.passed for c in verdict.components if c.role != "shown")


@pytest.mark.parametrize(
    ("up", "down", "outcome"),
    [
        (0.0, 0.0, REFUTED),  # does nothing: the odd part is significantly below ×1.25
        (-0.7, 0.5, REFUTED),  # steers the other way
        (0.7, 0.7, REFUTED),  # lengthens both ways: damage, not steering
        (0.7, 0.0, INCONCLUSIVE),  # lengthens, and does not shorten
        (0.205, -0.205, INCONCLUSIVE),  # too near ×1.25 to tell which side
    ],
)
def test_steering_is_both_ways_and_large_enough(up: float, down: float, outcome: Outcome) -> None:
    """What misses one part of the conjunction is not supported."""
    scene = Scene(3)
    assert judged(steers(scene, scene.arm("native", up, down))).outcome is outcome


@pytest.mark.parametrize("coherent", [(0.6, 0.98), (0.98, 0.6), 0.6])
def test_coherence_lost_at_either_dose_refutes(
    scene: Scene, coherent: float | tuple[float, float]
) -> None:
    """Loops lengthen answers; what −c keeps does not make up for what +c loses."""
    verdict = judged(steers(scene, scene.arm("native", *NATIVE, coherent=coherent)))
    assert verdict.outcome is REFUTED
    assert "coherence lost beyond the margin at" in verdict.sentence


def test_a_loss_within_the_margin_on_average_is_not_kept(scene: Scene) -> None:
    """A tenth lost at +c alone is 5 points on average, and is not called kept."""
    verdict = judged(steers(scene, scene.arm("native", *NATIVE, coherent=(0.88, 0.98))))
    assert verdict.outcome is INCONCLUSIVE
    assert "coherence kept at +c" in verdict.sentence
    assert "coherence kept at −c" not in verdict.sentence


def test_two_random_directions_as_strong_block_support_and_refute_nothing(
    scene: Scene, native: DoseResponse
) -> None:
    """Even ones that are as strong the other way round."""
    strong = scene.control("random-x", *share_of(NATIVE, -1.3))
    calm = scene.controls(kinds=1)
    verdict = judged(steers(scene, native, Controls(random=(*calm.random[2:], strong, strong))))
    assert verdict.outcome is INCONCLUSIVE
    assert "beyond random directions" in verdict.sentence
    assert "No feasible number of prompts" in verdict.sentence
    assert "p_chance = 0.075" in verdict.sentence


def test_too_few_controls_leave_a_claim_inconclusive(scene: Scene, native: DoseResponse) -> None:
    """Eighteen random directions are not nineteen: the control is undecided, not failed."""
    verdict = judged(steers(scene, native, scene.controls(kinds=1, count=18)))
    assert verdict.outcome is INCONCLUSIVE
    assert [c.passed for c in verdict.components if c.role == "control"] == [None]
