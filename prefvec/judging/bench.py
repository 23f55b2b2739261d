"""The bench: marks from a judge, each reply paid for once, within a budget."""

import random
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager

from prefvec.judging.judge import Asking, BudgetSpentError, Judge, Reply
from prefvec.judging.marks import Mark, averaged, expected
from prefvec.judging.replies import ReplyStore
from prefvec.judging.sheets import Sheet

SAMPLES = 5
"""Replies behind a mark where the judge tells no log-probabilities."""
SAMPLED_AT = 1.0
"""Their temperature: at 0 they would be one reply five times."""


Task = Callable[[str, int], AbstractContextManager[Callable[[int, int], None]]]
"""Shows one piece of work, by its name and size; what it gives is told how much of it is done."""


@contextmanager
def silent(what: str, total: int) -> Generator[Callable[[int, int], None]]:
    """Show nothing."""
    yield lambda done, of: None


class Bench:
    """Has sheets marked, shuffled and blind.

    Each sheet is asked once at temperature 0. Where the reply comes with log-probabilities the mark
    is their expectation, else the mean of `SAMPLES` replies at temperature 1.

    Args:
        judge: replies.
        store: where replies are kept and found again.
        budget: most replies that may be paid for from now on; None for no limit.
        seed: of the order in which sheets are put to the judge.
        task: shows the replies that are paid for, as they come.

    Attributes:
        judge: the same.
        paid: replies that were asked for and not found in the store.

    Example:
        with ReplyStore(path) as store:
            marks = Bench(judge, store, budget=500).marks(sheets)
    """

    def __init__(
        self,
        judge: Judge,
        store: ReplyStore,
        *,
        budget: int | None = None,
        seed: int = 0,
        task: Task = silent,
    ) -> None:
        self.judge = judge
        self.paid = 0
        self._store = store
        self._budget = budget
        self._seed = seed
        self._task = task
        self._known: dict[Asking, Reply] = {}
        self._marks: dict[Sheet, Mark] = {}

    def marks(self, sheets: Sequence[Sheet]) -> list[Mark]:
        """The mark of each sheet; equal sheets are asked once.

        Raises:
            BudgetSpentError: if more replies are needed than may be paid for. What was paid for is
                kept.
            JudgeError: if the judge cannot be asked.
        """
        new = [sheet for sheet in dict.fromkeys(sheets) if sheet not in self._marks]
        random.Random(self._seed).shuffle(new)
        if new:
            self._ask([Asking(sheet=sheet) for sheet in new])
            silent = [s for s in new if self._known[Asking(sheet=s)].logprobs is None]
            self._ask([each for sheet in silent for each in _sampled(sheet)])
            self._marks |= {sheet: self._mark(sheet) for sheet in new}
        return [self._marks[sheet] for sheet in sheets]

    def _mark(self, sheet: Sheet) -> Mark:
        first = self._known[Asking(sheet=sheet)]
        if first.logprobs is not None:
            return expected(first, sheet.scale)
        return averaged([self._known[each] for each in _sampled(sheet)], sheet.scale)

    def _ask(self, askings: Sequence[Asking]) -> None:
        """Have a reply to each, from the store where there is one."""
        self._known |= self._store.get(self.judge.name, askings)
        missing = [asking for asking in askings if asking not in self._known]
        left = len(missing) if self._budget is None else self._budget - self.paid
        affordable = missing[:left]
        if affordable:
            self._pay(affordable)
        if len(missing) > len(affordable):
            raise BudgetSpentError(
                f"The judge's budget of {self._budget} replies is spent and {len(missing) - left} "
                f"more are needed here. What was paid for is kept in {self._store.path}: run again "
                "with a larger --judge-budget, and only the rest is paid for."
            )

    def _pay(self, askings: Sequence[Asking]) -> None:
        """Keep each reply as soon as it has come."""
        with self._task(f"{self.judge.name}: marks", len(askings)) as tell:
            for done, (asking, reply) in enumerate(self.judge.replies(askings), start=1):
                self._store.put(self.judge.name, asking, reply)
                self._known[asking] = reply
                self.paid += 1
                tell(done, len(askings))


def _sampled(sheet: Sheet) -> list[Asking]:
    return [Asking(sheet=sheet, temperature=SAMPLED_AT, sample=k) for k in range(SAMPLES)]
