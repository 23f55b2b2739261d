"""Live progress while models answer: quiet under -q and in logs that are not terminals."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tqdm import tqdm

WORTH_A_LINE = 5.0
"""Seconds of work that a log without a terminal is told about when they are over."""


class TerminalProgress:
    """Shows tasks as they run, outside pytest's capture.

    Args:
        config: of the session; its verbosity and terminal decide how much is shown.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._capture: Any = config.pluginmanager.getplugin("capturemanager")
        self._reporter: Any = config.pluginmanager.getplugin("terminalreporter")
        self._quiet = config.get_verbosity() < 0 or self._reporter is None

    @contextmanager
    def task(self, what: str, total: int) -> Generator[Callable[[int, int], None]]:
        """Show one task; call what is yielded with how much is done, of how much.

        Args:
            what: which model does what.
            total: how many answers.
        """
        if self._quiet:
            yield lambda done, of: None
        elif self._reporter.isatty:
            with self._capture.global_and_fixture_disabled(), self._bar(what, total) as bar:
                yield lambda done, of: self._advance(bar, done, of)
        else:
            start = time.monotonic()
            yield lambda done, of: None
            if time.monotonic() - start > WORTH_A_LINE:
                seconds = time.monotonic() - start
                with self._capture.global_and_fixture_disabled():
                    print(f"\n{what}: {total:,} answers in {seconds:.0f} s", end="", flush=True)

    def _bar(self, what: str, total: int) -> tqdm:
        from tqdm import tqdm

        return tqdm(total=total, desc=what, unit="answer", leave=False, dynamic_ncols=True)

    @staticmethod
    def _advance(bar: tqdm, done: int, of: int) -> None:
        bar.total = of
        bar.update(done - bar.n)
