"""A judge of a rehearsal: it marks by the law what is long, and asks nobody."""

import math
from collections.abc import Iterator, Sequence

from prefvec.experiments.named_judges import judge_names
from prefvec.experiments.options import Options
from prefvec.experiments.rehearsal.law import PLAIN
from prefvec.experiments.rehearsal.ledger import Ledger
from prefvec.experiments.rehearsal.texts import words_told
from prefvec.judging.judge import Asking, Judge, Reply
from prefvec.judging.sheets import Sheet


class RehearsedJudge:
    """Takes an answer for the positive pole as far as it is longer than a plain one.

    Log-probabilities come with its replies, so that it is asked once for each sheet.

    Args:
        name: of the judge that it stands for.
        ledger: where sheets are written down.
    """

    def __init__(self, name: str, ledger: Ledger) -> None:
        self.name = name
        self._ledger = ledger

    def replies(self, askings: Sequence[Asking]) -> Iterator[tuple[Asking, Reply]]:
        """Reply to each by the law."""
        for asking in askings:
            self._ledger.sheets[self.name].add(asking.sheet)
            yield asking, _reply(asking.sheet)


def rehearsed_judges(options: Options, ledger: Ledger) -> tuple[Judge, ...]:
    """A stand-in for each judge of a run; see `named_judges`."""
    return tuple(RehearsedJudge(name, ledger) for name in judge_names(options))


def _reply(sheet: Sheet) -> Reply:
    """The highest mark as likely as the answer is longer than plain, or than the one it faces."""
    first, *second = words_told(sheet.user)
    (against,) = second or [PLAIN]
    high = first / (first + against)
    lowest, highest = sheet.scale[0], sheet.scale[-1]
    return Reply(
        text=highest if high > 0.5 else lowest,
        logprobs=((highest, math.log(high)), (lowest, math.log1p(-high))),
    )
