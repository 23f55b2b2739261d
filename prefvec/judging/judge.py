"""What any judge does: it replies to sheets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from prefvec.errors import PrefvecError
from prefvec.judging.sheets import Sheet


class JudgeError(PrefvecError):
    """A judge that cannot be asked: what needs it cannot be measured."""


class BudgetSpentError(JudgeError):
    """More replies are needed than may be paid for."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A sheet as it is put to a judge.

    Attributes:
        sheet: what it reads.
        temperature: the reply is sampled at; at 0 the likeliest one.
        sample: index of the reply.
    """

    sheet: Sheet
    temperature: float = 0.0
    sample: int = 0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a judge replied.

    Attributes:
        text: the reply.
        logprobs: the likeliest tokens where the mark stands, each with its natural log-probability;
            None where the judge does not tell them.
        raw: the whole reply as it came, for people.
    """

    text: str
    logprobs: tuple[tuple[str, float], ...] | None = None
    raw: str = ""


@runtime_checkable
class Judge(Protocol):
    """Something that replies to sheets, blind to where an answer is from."""

    @property
    def name(self) -> str:
        """The judge, its version and where it runs: replies are kept under it."""
        ...

    def replies(self, askings: Sequence[Asking]) -> Iterator[tuple[Asking, Reply]]:
        """Reply to each, in any order, as the replies come.

        Raises:
            JudgeError: saying why no reply can be had.
        """
        ...
