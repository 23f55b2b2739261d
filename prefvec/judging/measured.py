"""A judge as a measure: the marks of answers as counts, one prompt the unit as ever."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
        given: the answers of each arm and dose that were marked together, by their arm's name.
    """

    bench: Bench | None
    rubric: Rubric
    questions: Mapping[str, str]
    given: dict[tuple[str, float], tuple[Completion, ...]] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        return {"bench": None, "rubric": self.rubric, "questions": {}, "given": {}}

    def __call__(self, answer: Completion) -> Counts:
        """What speaks for the high pole and what against: the mark and what it lacks."""
        (mark,) = self._at_hand.marks([self._sheet(answer)])
        return UNMARKED if mark.share is None else (mark.share, 1 - mark.share)

    def ahead(self, answers: Sequence[Completion]) -> None:
        """Have all answers of an arm marked at once, shuffled; what is given is noted down."""
        self._at_hand.marks([self._sheet(answer) for answer in answers])
        for answer in answers:
            key = answer.arm, answer.coefficient
            self.given[key] = (*self.given.get(key, ()), answer)

    def shares(self, answers: Iterable[Completion]) -> dict[str, float]:
        """By prompt, the share of its answers that are judged to be of the high pole.

        Prompts none of whose answers could be marked are left out.
        """
        known: dict[str, list[bool]] = {}
        told = list(answers)
        marks = self._at_hand.marks([self._sheet(answer) for answer in told])
        for answer, mark in zip(told, marks, strict=True):
            if mark.share is not None:
                known.setdefault(answer.prompt, []).append(mark.share > MIDDLE)
        return {prompt: sum(judged) / len(judged) for prompt, judged in known.items()}

    def failures(self, arms: Iterable[str]) -> Failures:
        """The marks that could not be read, of each arm and dose that was given.

        Control arms of a family, such as random-0 to random-18, have few answers each and count as
        one arm.

        Args:
            arms: names of those that count; others may have been given besides.
        """
        wanted, answers = set(arms), dict[str, set[Completion]]()
        for (arm, coefficient), some in self.given.items():
            if arm in wanted:
                dose = f" at {coefficient:+g}" if coefficient else ""
                name = f"{re.sub(r'-[0-9]+$', '', arm)}{dose}"
                answers[name] = answers.get(name, set()) | set(some)
        counted: dict[str, tuple[int, int]] = {}
        for name, some in answers.items():
            marks = self._at_hand.marks([self._sheet(answer) for answer in some])
            counted[name] = sum(mark.share is None for mark in marks), len(marks)
        return Failures(by_arm=counted)

    @property
    def _at_hand(self) -> Bench:
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
