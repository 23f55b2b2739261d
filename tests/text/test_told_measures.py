"""Verdicts speak of what was measured, and of nothing else."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from prefvec.text.completions import Completion
from prefvec.text.measures import FORMALITY, WORDS, Measure
from prefvec.verdicts.answered import dose_response
from prefvec.verdicts.controls import Controls
from prefvec.verdicts.criteria import SMALL_ODDS_RATIO, Steers
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.rules import assess_steers
from prefvec.verdicts.verdict import Outcome, Verdict
from tests.judged import judged
from tests.simulated import Scene, fails, works

OF_LENGTH = ("longer", "shorter", "lengthens", "words per answer")
CUES = {1: "concerning the expedition", -1: "gotta tell you guys"}
"""Answers with formal cues, or with casual ones."""


def an_answer(prompt: int, sample: int, dose: float, text: str) -> Completion:
    """Answers of one arm, or unsteered ones at dose 0."""
    return Completion(
        prompt=f"prompt-{prompt:03d}",
        sample=sample,
        text=text,
        n_tokens=len(text.split()),
        finish_reason="stop",
        arm="native" if dose else "unsteered",
        coefficient=dose,
    )


def formal_arm(seed: int, log_odds: float, measure: Measure = FORMALITY) -> DoseResponse:
    """An arm of forty-eight prompts whose cues are formal with these log odds at +1."""
    rng = np.random.default_rng(seed)
    answers = {
        dose: [
            an_answer(prompt, sample, dose, CUES[1 if rng.random() < chance else -1])
            for prompt in range(48)
            for sample in range(4)
        ]
        for dose in (-1.0, -0.5, 0.0, 0.5, 1.0)
        for chance in [1 / (1 + math.exp(-log_odds * dose))]
    }
    unsteered = answers.pop(0.0)
    steered = [answer for of_dose in answers.values() for answer in of_dose]
    return dose_response(steered, unsteered, coherent=lambda _: True, measure=measure)


@pytest.fixture(scope="module")
def formal() -> DoseResponse:
    """A vector of formality that works."""
    return formal_arm(0, 1.5)


@pytest.fixture(scope="module")
def verdict(formal: DoseResponse) -> Verdict:
    """On the claim that it steers."""
    random = tuple(formal_arm(seed, 0.0) for seed in range(1, 20))
    assessment = assess_steers(
        "steers",
        formal,
        controls=Controls(random=random),
        criterion=Steers(at_least=SMALL_ODDS_RATIO),
        identity_holds=True,
    )
    return judged(assessment)


def test_a_balance_is_told_as_odds(verdict: Verdict) -> None:
    """The odds change by a factor; each end of the dose-response has the trait's own word."""
    assert verdict.outcome is Outcome.SUPPORTED
    assert "the odds of formal over casual cues change by ×" in verdict.sentence
    assert verdict.measure == "odds of formal over casual cues"
    assert verdict.effect is not None
    assert verdict.effect.what == "odds of formal over casual cues, odd part at the full dose"
    names = {line.name for line in verdict.components}
    assert {"more formal at the full dose", "more casual at its negative"} <= names
    assert "×1.68" in verdict.record()["criterion"]["sentence"]


def test_a_balance_knows_no_lengths(verdict: Verdict, formal: DoseResponse) -> None:
    """No longer, no shorter, no words per answer, and no hazard that answers end."""
    told = json.dumps(verdict.record(), ensure_ascii=False, allow_nan=False)
    assert not any(word in told for word in (*OF_LENGTH, "hazard"))
    assert formal.lengths is not None
    assert formal.ending_hazard is None


def test_a_failure_is_told_by_its_measure(scene: Scene) -> None:
    """Disturbance too: both ways more formal, both ways more casual."""
    native, raw = (
        replace(scene.arm(name, up, -up), measure=FORMALITY)
        for name, up in (("native", 0.8), ("raw", 0.0))
    )
    verdict = judged(fails(scene, raw, native))
    assert verdict.outcome is Outcome.SUPPORTED
    told = json.dumps(verdict.record(), ensure_ascii=False)
    assert not any(word in told for word in OF_LENGTH)
    assert "disruptive: both ways more casual" in told


def test_the_reverse_of_a_trait_steers_the_other_way(scene: Scene) -> None:
    """A vector of brevity: the arm's effects are those on words, negated, and so are its words."""
    brief = formal_arm(3, 1.5, WORDS.reversed())
    assert brief.odd.to_numpy() == pytest.approx(-formal_arm(3, 1.5, WORDS).odd.to_numpy())
    assert brief.ending_hazard is None
    arm = replace(scene.arm("native", 0.8, -0.6), measure=WORDS.reversed())
    random = tuple(replace(c, measure=arm.measure) for c in scene.controls(kinds=1).random)
    controls = Controls(random=random)
    assessment = assess_steers(
        "steers", arm, controls=controls, criterion=Steers(), identity_holds=True
    )
    verdict = judged(assessment)
    assert "words per answer, inverted" in verdict.sentence
    assert verdict.components[0].name == "shorter at the full dose"


def test_words_are_told_as_before(scene: Scene, native: DoseResponse) -> None:
    """An amount has no odds."""
    verdict = judged(works(scene, native, native))
    assert "words per answer change by ×" in verdict.sentence
    assert "odds" not in json.dumps(verdict.record(), ensure_ascii=False)
