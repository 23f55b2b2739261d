"""The judge's card: what it does on answers whose pole is known, before anything rests on it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prefvec.judging.accuracy import (
    area,
    area_lower,
    kappa,
    kappa_lower,
    require_labelled,
)
from prefvec.judging.bench import Bench
from prefvec.judging.biases import (
    AtEqualLength,
    Bias,
    at_equal_length,
    flips,
    length_bias,
    position_bias,
)
from prefvec.judging.correction import Rate
from prefvec.judging.failures import Failures
from prefvec.judging.marks import Mark
from prefvec.judging.sheets import comparing, marking
from prefvec.text.rubrics import Rubric

LEAST_AREA = 0.85
"""Lower 95 % bound of ROC-AUC that a judge needs."""
LEAST_KAPPA = 0.6
"""Lower 95 % bound of Cohen's κ that a judge needs."""
LEAST_PROMPTS = 12
"""Prompts with labelled answers below which a card cannot be written."""
MIDDLE = 0.5
"""Of the scale: a mark above it judges an answer positive. Fixed, and not fitted to the labels."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """An unsteered answer whose pole is known.

    Attributes:
        prompt: its id.
        question: what was asked, without the instruction.
        text: the answer.
        positive: whether it is of the positive pole.
        words: its length.
    """

    prompt: str
    question: str
    text: str
    positive: bool
    words: float


@dataclass(frozen=True, kw_only=True)
class JudgeCard:
    """What a judge is worth for one rubric.

    Attributes:
        judge: its name.
        rubric: "first" or "second".
        answers: labelled answers whose mark could be read.
        prompts: that they are answers to.
        area: ROC-AUC of the marks.
        area_lower: its lower 95 % bound.
        kappa: Cohen's κ of the mark above or below the middle of the scale.
        kappa_lower: likewise.
        sensitivity: of answers of the positive pole, those judged so.
        specificity: of the others, those judged so.
        position: bias for the answer that stands first; None where pairs could not be read.
        flips: share of the pairs whose preferred answer changes with the order.
        length: bias for long answers.
        equal_length: accuracy among answers of equal length.
        failures: marks that could not be read, by pole.
        mass: mean probability of the scale's tokens; None where the judge tells none.
    """

    judge: str
    rubric: str
    answers: int
    prompts: int
    area: float
    area_lower: float
    kappa: float
    kappa_lower: float
    sensitivity: Rate
    specificity: Rate
    position: Bias | None
    flips: float
    length: Bias | None
    equal_length: AtEqualLength
    failures: Failures
    mass: float | None

    @property
    def passed(self) -> bool:
        """Whether claims may rest on the judge."""
        return not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why they may not, in sentences; what could not be read comes first."""
        unread = [self.failures.reason] if self.failures.reason else []
        if not math.isfinite(self.area):
            few = "Too few marks could be read to tell the poles apart."
            if self.mass is not None:
                few += f" The scale's marks have a probability of {100 * self.mass:.0f} % together."
            return (*unread, few)
        found: list[str] = []
        if not self.area_lower >= LEAST_AREA:
            found.append(
                f"ROC-AUC is {_bounded(self.area, self.area_lower)}, and must be at least "
                f"{LEAST_AREA:g}."
            )
        if not self.kappa_lower >= LEAST_KAPPA:
            found.append(
                f"Cohen's κ is {_bounded(self.kappa, self.kappa_lower)}, and must be at least "
                f"{LEAST_KAPPA:g}."
            )
        return (*unread, *found)

    @property
    def biases(self) -> tuple[str, ...]:
        """The biases that were found: they fail no judge, and what rests on it must be read so."""
        known = [("position", self.position), ("length", self.length)]
        return tuple(name for name, bias in known if bias is not None and bias.found)

    @property
    def sentence(self) -> str:
        """What the card comes to."""
        if not self.passed:
            return f"The judge {self.judge} failed its card ({self.rubric} rubric): " + " ".join(
                self.reasons
            )
        biased = f"; biased by {' and '.join(self.biases)}" if self.biases else ""
        return (
            f"The judge {self.judge} tells the poles apart ({self.rubric} rubric): ROC-AUC "
            f"{_bounded(self.area, self.area_lower)}, κ {_bounded(self.kappa, self.kappa_lower)}"
            f"{biased}."
        )

    def rows(self) -> list[tuple[str, str, str]]:
        """What was measured, what was found, and what was needed."""
        position, length = self.position, self.length
        rows = [
            ("ROC-AUC", _bounded(self.area, self.area_lower), f"bound ≥ {LEAST_AREA:g}"),
            ("Cohen's κ", _bounded(self.kappa, self.kappa_lower), f"bound ≥ {LEAST_KAPPA:g}"),
            ("marks that cannot be read", self.failures.sentence, "≤ 5 %, equal by pole"),
            ("sensitivity", f"{self.sensitivity.right} of {self.sensitivity.of}", ""),
            ("specificity", f"{self.specificity.right} of {self.specificity.of}", ""),
            ("position bias", "not measured" if position is None else position.sentence, ""),
            ("pairs that flip with the order", _told(self.flips), ""),
            ("length bias", "not measured" if length is None else length.sentence, ""),
            ("at equal length", self.equal_length.sentence, ""),
        ]
        return rows if self.mass is None else [*rows, ("scale's tokens", _told(self.mass), "")]

    def record(self) -> dict[str, Any]:
        """As plain Python types, for the report."""
        return {
            "judge": self.judge,
            "rubric": self.rubric,
            "passed": self.passed,
            "sentence": self.sentence,
            "answers": self.answers,
            "prompts": self.prompts,
            "biases": list(self.biases),
            "rows": [list(row) for row in self.rows()],
        }


def card_of(bench: Bench, labelled: Sequence[Labelled], rubric: Rubric, higher: int) -> JudgeCard:
    """Have labelled answers marked, and pairs of them compared in both orders.

    Args:
        bench: where the judge is asked.
        labelled: unsteered answers of both poles.
        rubric: what is marked.
        higher: 1 where the positive pole gets the high marks, else −1.

    Raises:
        PrefvecError: if the labelled set cannot tell, or the judge cannot be asked.
    """
    all_positive = np.array([each.positive for each in labelled], bool)
    require_labelled(all_positive, [each.prompt for each in labelled], LEAST_PROMPTS)
    marks = bench.marks([marking(each.question, each.text, rubric) for each in labelled])
    orders = _orders(bench, labelled, rubric)
    failures = _failures(labelled, marks)
    known = [
        (each, mark.share if higher > 0 else 1 - mark.share)
        for each, mark in zip(labelled, marks, strict=True)
        if mark.share is not None
    ]
    scores = np.array([share for _, share in known], float)
    positive = np.array([each.positive for each, _ in known], bool)
    prompts = [each.prompt for each, _ in known]
    words = np.array([each.words for each, _ in known], float)
    judged = scores > MIDDLE
    both = bool(len(known)) and bool(positive.any()) and not positive.all()
    masses = [mark.mass for mark in marks if mark.mass is not None]
    return JudgeCard(
        judge=bench.judge.name,
        rubric=rubric.name,
        answers=len(known),
        prompts=len(set(prompts)),
        area=area(scores, positive) if both else math.nan,
        area_lower=area_lower(scores, positive, prompts) if both else math.nan,
        kappa=kappa(judged, positive) if both else math.nan,
        kappa_lower=kappa_lower(judged, positive, prompts) if both else math.nan,
        sensitivity=Rate(right=int((judged & positive).sum()), of=int(positive.sum())),
        specificity=Rate(right=int((~judged & ~positive).sum()), of=int((~positive).sum())),
        position=position_bias(orders),
        flips=flips(orders),
        length=length_bias(scores, positive, words, prompts) if both else None,
        equal_length=at_equal_length(scores, positive, words, prompts),
        failures=failures,
        mass=float(np.mean(masses)) if masses else None,
    )


def _orders(
    bench: Bench, labelled: Sequence[Labelled], rubric: Rubric
) -> list[tuple[float, float]]:
    """Of each prompt's two poles, the preference for the first answer, in both orders."""
    by_prompt: dict[str, dict[bool, Labelled]] = {}
    for each in labelled:
        by_prompt.setdefault(each.prompt, {}).setdefault(each.positive, each)
    pairs = [(both[True], both[False]) for both in by_prompt.values() if len(both) == 2]
    sheets = [
        comparing(one.question, first.text, second.text, rubric)
        for one, other in pairs
        for first, second in ((one, other), (other, one))
    ]
    shares = [mark.share for mark in bench.marks(sheets)]
    return [
        (one, other)
        for one, other in zip(shares[::2], shares[1::2], strict=True)
        if one is not None and other is not None
    ]


def _failures(labelled: Sequence[Labelled], marks: Sequence[Mark]) -> Failures:
    failed = {"the positive pole": list[bool](), "the negative pole": list[bool]()}
    for each, mark in zip(labelled, marks, strict=True):
        pole = "the positive pole" if each.positive else "the negative pole"
        failed[pole].append(mark.share is None)
    return Failures(by_arm={pole: (sum(some), len(some)) for pole, some in failed.items()})


def _told(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "not measured"


def _bounded(value: float, lower: float) -> str:
    """A value with its lower bound, which there is none of where it was not measured."""
    return f"{_told(value)}, at least {_told(lower)}" if math.isfinite(value) else _told(value)
