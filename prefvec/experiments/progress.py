"""Where long work tells how far it is: whoever measures decides how that is shown."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, runtime_checkable

Told = Callable[[int, int], None]
"""Told how much of a task is done, and of how much."""


@runtime_checkable
class Progress(Protocol):
    """Shows tasks as they run."""

    def task(self, what: str, total: int, *, unit: str = "answer") -> AbstractContextManager[Told]:
        """Show one task; call what is yielded with how much is done, of how much.

        Args:
            what: which model does what.
            total: how many of them.
            unit: what is counted.
        """
        ...

    def note(self, sentence: str) -> None:
        """Show what should be known at once, and not when the work is over."""
        ...


class Silent:
    """Shows nothing."""

    @contextmanager
    def task(self, what: str, total: int, *, unit: str = "answer") -> Generator[Told]:
        """Take what is told, and show none of it."""
        yield lambda done, of: None

    def note(self, sentence: str) -> None:
        """Take what is told, and show none of it."""
