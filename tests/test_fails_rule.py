"""What the rule `fails` gives, and how failures are told apart."""

import pytest

from prefvec.doses import DoseResponse
from prefvec.failures import LABELS
from prefvec.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, fails, share_of

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


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
