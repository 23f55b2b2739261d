"""What the rule `fails` gives, and how failures are told apart."""

import math

import numpy as np
import pytest

from prefvec.verdicts.controls import Controls
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.failures import LABELS
from prefvec.verdicts.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, fails, share_of

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("share", "outcome"),
    [(0.0, SUPPORTED), (0.25, INCONCLUSIVE), (1.0, REFUTED), (-0.8, SUPPORTED)],
    ids=["nothing", "a quarter", "all", "reversed"],
)
def test_failing_is_less_than_a_quarter_of_native(
    scene: Scene, native: DoseResponse, share: float, outcome: Outcome
) -> None:
    """Nothing and reversal fail, as much as native does not, and a quarter is neither."""
    raw = scene.arm("raw", *share_of(NATIVE, share))
    assert judged(fails(scene, raw, native)).outcome is outcome


def loud(scene: Scene, spread: float) -> Controls:
    """Random directions whose odd parts have this spread, evenly: Q is about 17/19 of it."""
    odds = [spread * k / 19 for k in range(1, 20)]
    arms = [scene.control("random", odd, -odd) for odd in odds]
    return Controls(random=tuple(arms))


def test_where_chance_reaches_a_transfer_the_cell_cannot_tell(
    scene: Scene, native: DoseResponse
) -> None:
    """Whatever raw does: random directions that reach half of native make it INVALID."""
    for share in (0.0, 1.0):
        raw = scene.arm("raw", *share_of(NATIVE, share))
        verdict = judged(fails(scene, raw, native, loud(scene, 0.9)))
        assert verdict.outcome is Outcome.INVALID
        assert "chance alone would pass for a transfer" in verdict.sentence
        assert judged(fails(scene, raw, native, loud(scene, 0.3))).outcome is not Outcome.INVALID


def test_what_chance_does_as_well_refutes_nothing(scene: Scene, native: DoseResponse) -> None:
    """Two fifths of native, as three of 38 signed directions: at chance level."""
    raw = scene.arm("raw", *share_of(NATIVE, 0.4))
    calm = scene.controls(kinds=1).random
    refuted = judged(fails(scene, raw, native, Controls(random=calm)))
    assert (refuted.outcome, refuted.label) == (REFUTED, None)
    strong = tuple(
        scene.control(f"x{k}", *share_of(NATIVE, sign * 0.45)) for k, sign in enumerate((1, -1))
    )
    verdict = judged(fails(scene, raw, native, Controls(random=(*calm[2:], *strong))))
    assert (verdict.outcome, verdict.label) == (INCONCLUSIVE, "at chance level")
    assert "at chance level" in verdict.sentence
    assert "chance does as much, which more prompts do not change" in verdict.sentence
    lines = {c.name: c for c in verdict.components}
    line = lines["would refute only beyond random directions"]
    assert (line.role, line.passed, line.pvalue) == ("shown", False, 0.075)


def test_too_few_random_directions_leave_the_cell_untold(
    scene: Scene, native: DoseResponse
) -> None:
    """Without 19 of them it is not known what chance does."""
    few = scene.controls(kinds=1, count=18)
    verdict = judged(fails(scene, scene.arm("raw"), native, few))
    assert verdict.outcome is Outcome.INVALID
    assert "Too few random directions" in verdict.sentence


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ({}, "inert"),
        ({"up": 0.1, "down": -0.1}, "weak, beyond chance"),
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
    spread = 0.03 if label == "weak, beyond chance" else 0.12
    chance = scene.controls(kinds=1, spread=spread)
    verdict = judged(fails(scene, scene.arm("raw", **raw), native, chance))
    assert (verdict.outcome, verdict.label) == (SUPPORTED, label)
    assert LABELS[label] in verdict.sentence


def test_a_failure_that_few_prompts_cannot_tell_is_unresolved() -> None:
    """Few prompts show that raw is below a quarter, and not that it is nothing."""
    labels: set[str | None] = set()
    for seed in range(20):
        scene = Scene(seed, n=24)
        native = scene.arm("native", *NATIVE)
        raw = scene.arm("raw", *share_of(NATIVE, -0.23))
        verdict = judged(fails(scene, raw, native))
        if verdict.outcome is SUPPORTED:
            labels.add(verdict.label)
    assert "unresolved" in labels


def test_absence_of_an_effect_alone_is_no_failure() -> None:
    """With 20 prompts nothing is significant, and nothing is concluded."""
    scene = Scene(5, n=20)
    native = scene.arm("native", *share_of(NATIVE, 2))
    raw = scene.arm("raw", 0.3, -0.3)
    verdict = judged(fails(scene, raw, native))
    assert verdict.outcome is INCONCLUSIVE
    assert "more prompts would decide" in verdict.sentence


def test_the_tests_behind_a_label_are_shown_and_decide_nothing(
    scene: Scene, native: DoseResponse
) -> None:
    """TOST's two sides against ±φ of native, the reversal and ±D, each with p, level and margin."""
    assessment = fails(scene, scene.arm("raw"), native)
    lines = {c.name: c.record() for c in judged(assessment).components}
    lower, upper = lines["inert: odd part (lower margin)"], lines["inert: odd part (upper margin)"]
    assert (lower["passed"], upper["passed"]) == (True, True)
    assert max(lower["pvalue"], upper["pvalue"]) <= 0.05
    assert "above −25 % of native" in lower["sentence"]
    assert "below 25 % of native" in upper["sentence"]
    turned = lines["reversed: odd part beyond the margin, the other way"]
    assert turned["passed"] is None
    assert "does not hold" in turned["sentence"]
    for name, side in (("longer", 1), ("shorter", -1)):
        line = lines[f"disruptive: both ways {name}"]
        assert line["threshold"] == pytest.approx(side * math.log(1.25))
        assert line["alpha"] == 0.025
    assert {lines[name]["role"] for name in lines if ": " in name and "hook" not in name} <= {
        "shown",
        "precondition",
    }


def test_the_label_follows_from_the_tests_that_are_shown() -> None:
    """For fifty random failures: reversed, disruptive, beyond chance, then inert by what holds."""
    labels = set()
    for seed in range(50):
        scene = Scene(seed, n=24)
        rng = np.random.default_rng(seed)
        up, down = rng.normal(0, 0.25, size=2)
        coherent = rng.choice([0.98, 0.85])
        raw = scene.arm("raw", up, down, coherent=coherent)
        failure = fails(scene, raw, scene.arm("native", *NATIVE)).failure
        assert failure is not None
        turned, longer, shorter, lower, upper = (part.holds(at) for part, at in failure.tests)
        lost = min(raw.coherence_change(dose).mean() for dose in (1.0, -1.0)) < -0.10
        expected = (
            "reversed"
            if turned
            else "disruptive"
            if lost or longer or shorter
            else "weak, beyond chance"
            if failure.beyond.passed
            else "inert"
            if lower and upper
            else "unresolved"
        )
        assert failure.label == expected
        labels.add(expected)
    assert labels == set(LABELS)


def test_nothing_is_tested_for_a_label_that_is_not_asked_for(
    scene: Scene, native: DoseResponse
) -> None:
    """An outcome needs no label, and calibration asks for outcomes alone, by the hundred thousand.

    Cached properties that were never computed are not in the instance's dictionary.
    """
    assessment = fails(scene, scene.arm("raw"), native)
    assert assessment.outcome(assessment.pvalue) is SUPPORTED
    assert set(vars(assessment.failure)) == {"raw", "native", "beyond", "criterion"}
