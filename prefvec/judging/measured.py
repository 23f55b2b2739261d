"""A judge as a measure: the marks of answers as counts, one prompt the unit as ever."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.judging.bench import Bench
from prefvec.judging.card import MIDDLE
from prefvec.judging.failures import Failures
from prefvec.judging.sheets import Sheet, marking
from prefvec.text.completions import Completion
from prefvec.text.measures import Counts, Measure
from prefvec.text.rubrics import UNMARKED, Rubric, judged_measure


@dataclass(frozen=True, kw_only=True, eq=False)
class Marking:
    """Marks the answers of arms, without being told of which arm an answer is.

    It can be pickled with what it measured; it then knows no judge any more.

    Attributes:
        bench: where the judge is asked; None of one that was unpickled.
        rubric: what is marked.
        questions: by the id of their prompts.
    """

    bench: Bench | None
    rubric: Rubric
    questions: Mapping[str, str]

    def __getstate__(self) -> dict[str, Any]:
        return {"bench": None, "rubric": self.rubric, "questions": {}}

    def __call__(self, answer: Completion) -> Counts:
        """What speaks for the high pole and what against: the mark and what it lacks."""
        (mark,) = self._bench.marks([self._sheet(answer)])
        return UNMARKED if mark.share is None else (mark.share, 1 - mark.share)

    def ahead(self, answers: Sequence[Completion]) -> None:
        """Have all answers of an arm marked at once, shuffled."""
        self._bench.marks([self._sheet(answer) for answer in answers])

    def shares(self, answers: Iterable[Completion]) -> dict[str, float]:
        """By prompt, the share of its answers that are judged to be of the high pole.

        Prompts none of whose answers could be marked are left out.
        """
        known: dict[str, list[bool]] = {}
        told = list(answers)
        marks = self._bench.marks([self._sheet(answer) for answer in told])
        for answer, mark in zip(told, marks, strict=True):
            if mark.share is not None:
                known.setdefault(answer.prompt, []).append(mark.share > MIDDLE)
        return {prompt: sum(judged) / len(judged) for prompt, judged in known.items()}

    def failures(self, arms: Mapping[str, Sequence[Completion]]) -> Failures:
        """The marks of each arm that could not be read."""
        counted: dict[str, tuple[int, int]] = {}
        for arm, answers in arms.items():
            marks = self._bench.marks([self._sheet(answer) for answer in answers])
            counted[arm] = sum(mark.share is None for mark in marks), len(marks)
        return Failures(by_arm=counted)

    @property
    def _bench(self) -> Bench:
        if self.bench is None:
            raise PrefvecError(
                "These marks were read from a file, and no judge is at hand to add to them. "
                "Measure in a run that names one (--judge)."
            )
        return self.bench

    def _sheet(self, answer: Completion) -> Sheet:
        return marking(self.questions[answer.prompt], answer.text, self.rubric)


def measure_by(marking: Marking, positive: str, negative: str, higher: int) -> Measure:
    """The measure of a trait that a judge marks.

    Args:
        marking: has answers marked.
        positive: name of the trait's positive pole.
        negative: of the other one.
        higher: 1 where the positive pole gets the high marks; else −1, and less is more.
    """
    poles = (positive, negative) if higher > 0 else (negative, positive)
    asked = [marking.rubric.text, marking.rubric.scale]
    judge = marking.bench.judge.name if marking.bench is not None else ""
    bound = replace(
        judged_measure(*poles),
        count=marking,
        ahead=marking.ahead,
        code=hashlib.sha256(repr([judge, *asked]).encode()).hexdigest()[:12],
    )
    return bound if higher > 0 else bound.reversed()
