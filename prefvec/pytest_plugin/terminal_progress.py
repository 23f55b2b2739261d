"""Live progress while models answer: quiet under -q and in logs that are not terminals.

Each line names the model, the trait and the arm, and how many answers the run has had so far; of a
run that was planned (`--plan`) also of how many, and about how long the others will take.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from prefvec.printing import say

if TYPE_CHECKING:
    from tqdm import tqdm

    from prefvec.generation.store import CompletionStore

WORTH_A_LINE = 5.0
"""Seconds of work that a log without a terminal is told about when they are over."""
AGAIN = 60.0
"""Seconds after which such a log is told how far work is that is not over."""
_KEPT_FROM = 20.0
"""Seconds of work from which a model's rate says anything."""


class Keep(Protocol):
    """Takes in how long a model took for something."""

    def __call__(self, name: str, count: int, seconds: float, *, unit: str) -> None:
        """Keep it."""
        ...


class Tally:
    """How many answers a run has had, and how many it generated.

    Args:
        planned: the answers of the whole run, where it was planned.
    """

    def __init__(self, planned: int | None = None) -> None:
        self.planned = planned
        self.done = 0
        self.generated = 0
        self.seconds = 0.0

    def add(self, done: int, generated: int, seconds: float) -> None:
        """Take in a task that is over."""
        self.done += done
        self.generated += generated
        self.seconds += seconds

    def told(self) -> str:
        """The running total: "12,480 so far", or "12,480 of about 118,004, 1 h 5 min left"."""
        if self.planned is None:
            return f"{self.done:,} so far"
        total = f"{self.done:,} of about {self.planned:,}"
        if not self.generated or self.done >= self.planned:
            return total
        left = (self.planned - self.done) * self.seconds / self.generated
        return f"{total}, {_duration(left)} left"


class TerminalProgress:
    """Shows tasks as they run, outside pytest's capture.

    Args:
        config: of the session; its verbosity and terminal decide how much is shown.
        tally: of the run; all of its labs share one.
        keep: takes in a model's name, the answers it generated or the steps it was trained, the
            seconds they took, and which of the two, "answer" or "step".
    """

    def __init__(
        self,
        config: pytest.Config,
        tally: Tally | None = None,
        keep: Keep | None = None,
    ) -> None:
        self._tally = tally or Tally()
        self._keep = keep
        self._store: CompletionStore | None = None
        self._capture: Any = config.pluginmanager.getplugin("capturemanager")
        self._reporter: Any = config.pluginmanager.getplugin("terminalreporter")
        self._quiet = config.get_verbosity() < 0 or self._reporter is None

    def watch(self, store: CompletionStore) -> None:
        """Tell answers that are generated from those that this store has already."""
        self._store = store

    @contextmanager
    def task(
        self, what: str, total: int, *, unit: str = "answer"
    ) -> Generator[Callable[[int, int], None]]:
        """Show one task; call what is yielded with how much is done, of how much.

        Args:
            what: which model does what.
            total: how many of them.
            unit: what is counted; answers add to what the run has had.
        """
        start, before, made = time.monotonic(), self._misses(), _Counted(total)
        with self._shown(what, total, unit) as show:
            yield lambda done, of: show(*made.count(done, of))
        seconds, generated = time.monotonic() - start, self._misses() - before
        if unit == "answer":
            self._tally.add(total, generated, seconds if generated else 0.0)
        rated = {"answer": generated, "step": made.times}.get(unit)
        if self._keep is not None and seconds > _KEPT_FROM and rated:
            self._keep(what.partition(": ")[0], rated, seconds, unit=unit)
        if self._logs and seconds > WORTH_A_LINE:
            so_far = f" ({self._tally.told()})" if unit == "answer" else ""
            self._line(f"{what}: {total or made.of:,} {unit}s in {seconds:.0f} s{so_far}")

    @contextmanager
    def _shown(self, what: str, total: int, unit: str) -> Generator[Callable[[int, int], None]]:
        """What shows how far a task is: a bar, now and then a line of a log, or nothing."""
        if self._logs:
            yield _Lines(what, unit, self._line)
        elif self._quiet:
            yield lambda done, of: None
        else:
            label = f"{what} ({self._tally.told()})" if self._tally.done else what
            with self._capture.global_and_fixture_disabled(), self._bar(label, total, unit) as bar:
                yield lambda done, of: self._advance(bar, done, of)

    @property
    def _logs(self) -> bool:
        return not (self._quiet or self._reporter.isatty)

    def _line(self, line: str) -> None:
        with self._capture.global_and_fixture_disabled():
            say(f"\n{line}", end="")

    def note(self, sentence: str) -> None:
        """Write a sentence on a line of its own, but under -q."""
        if not self._quiet:
            with self._capture.global_and_fixture_disabled():
                say(f"\n{sentence}")

    def _misses(self) -> int:
        return 0 if self._store is None else self._store.misses

    def _bar(self, what: str, total: int, unit: str) -> tqdm:
        from tqdm import tqdm

        return tqdm(total=total, desc=what, unit=unit, leave=False, dynamic_ncols=True)

    @staticmethod
    def _advance(bar: tqdm, done: int, of: int) -> None:
        bar.total = of
        bar.update(done - bar.n)


class _Counted:
    """How much there is of a task, and how often a part of it was done.

    A training that goes on from a checkpoint does the steps of this run alone.
    """

    def __init__(self, total: int) -> None:
        self.of = total
        self.times = 0

    def count(self, done: int, of: int) -> tuple[int, int]:
        """Take in what is told, and hand it on."""
        self.of, self.times = of, self.times + 1
        return done, of


class _Lines:
    """Tells a log how far a task is, once a minute."""

    def __init__(self, what: str, unit: str, line: Callable[[str], None]) -> None:
        self._what, self._unit, self._line = what, unit, line
        self._start = self._last = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if done < of and now - self._last >= AGAIN:
            self._last, seconds = now, now - self._start
            self._line(f"{self._what}: {done:,} of {of:,} {self._unit}s after {seconds:.0f} s")


def _duration(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
