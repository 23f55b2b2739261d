"""Power of a claim's contrasts, and how many more prompts would decide."""

from prefvec.decision import prompts_to_decide
from prefvec.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, fails

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


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
