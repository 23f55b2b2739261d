"""What a judge is asked about an answer: a rubric, and the scale that it marks on."""

import math
from dataclasses import dataclass

from prefvec.errors import PrefvecError
from prefvec.text.completions import Completion
from prefvec.text.measures import REVERSED, Counts, Measure

JUDGE = "judge"
"""What a trait file writes for `measure` where a judge measures."""


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """One way to ask a judge how much of a quality an answer has.

    Attributes:
        name: "first" or "second": two wordings of one question, so that a verdict can be asked
            twice.
        text: what is asked, and what the lowest and the highest mark mean.
        scale: the marks, lowest first: digits or letters, each of them one character.

    Raises:
        PrefvecError: if the scale is no scale.

    Example:
        >>> Rubric(name="first", text="How formal is it?", scale="12345").value("4")
        0.75
    """

    name: str
    text: str
    scale: str = "12345"

    def __post_init__(self) -> None:
        marks = self.scale
        plain = marks.isascii() and marks.isalnum() and (marks.isdigit() or marks.isalpha())
        if len(marks) < 2 or len(set(marks.casefold())) < len(marks) or not plain:
            raise PrefvecError(
                f"{marks!r} is no scale. Write its marks as one string, lowest first: two or more "
                'digits or letters, each once, as in "12345".'
            )

    def value(self, mark: str) -> float:
        """A mark as a share of the scale: 0 for the lowest, 1 for the highest."""
        return self.scale.index(mark) / (len(self.scale) - 1)


@dataclass(frozen=True, kw_only=True)
class Rubrics:
    """What a trait's judge is asked.

    Attributes:
        first: decides.
        second: the same question in other words: a verdict that changes with it is none.
        higher: which pole gets the high marks: 1 the positive one, −1 the negative one.
    """

    first: Rubric
    second: Rubric
    higher: int = 1

    @property
    def both(self) -> tuple[Rubric, Rubric]:
        """The first and the second."""
        return self.first, self.second


def judged_measure(positive: str, negative: str) -> Measure:
    """The measure of a trait that a judge marks, before a judge is named.

    An answer that is marked at a share s of the scale speaks for the quality with s and against it
    with 1 − s; effects are factors of the odds, as of every balance.

    Args:
        positive: name of the pole with the high marks.
        negative: name of the other one.
    """
    return Measure(
        unread=True,
        name=JUDGE,
        what="high over low marks of the judge",
        up=f"judged more {positive}",
        down=f"judged more {negative}",
        count=_unjudged,
        form="balance",
    )


def by_judge(measure: Measure) -> bool:
    """Whether a trait's measure is a judge's marks."""
    return measure.name.removesuffix(REVERSED) == JUDGE


UNMARKED: Counts = (math.nan, math.nan)
"""An answer whose mark could not be read: it speaks neither for nor against, and is left out."""


def _unjudged(answer: Completion) -> Counts:
    raise PrefvecError(
        f"The answer to {answer.prompt!r} is to be marked by a judge, and none is named. Give "
        "--judge URL (or --judge local) and --judge-model NAME, or choose another measure in the "
        "trait file."
    )
