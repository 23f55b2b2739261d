"""What the rule `steers` gives, and why."""

import math

import pytest

from prefvec.verdicts.controls import Controls
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, share_of, steers

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


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
