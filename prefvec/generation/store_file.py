"""An SQLite file that several processes may share, and what is said where it fails."""

import sqlite3
import time
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.generation.closing import Closing

USUAL = Path(".prefvec") / "completions.sqlite"
"""Where a run keeps its answers when it is told nothing else."""

PATIENCE = 60.0
"""Seconds that a run waits for another one to let go of the file."""


class StoreError(PrefvecError):
    """Answers that cannot be kept or found again: nothing can be measured until that is mended."""


class StoreFile(Closing):
    """An open file with the tables of one kind of store; a context manager.

    Args:
        path: the file, made with its folders if it is not there, or ":memory:".

    Raises:
        StoreError: if the file cannot be opened, or is not a store.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = path
        try:
            if str(path) != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=PATIENCE)
        except (OSError, sqlite3.Error) as error:
            raise self._failure("opened", error) from error
        try:
            self._write_ahead()
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise self._failure("used", error) from error

    def close(self) -> None:
        """Let go of the file. What was put is already in it."""
        self._connection.close()

    def _write_ahead(self) -> None:
        """Have what is put go to a log beside the file first, so that none of it is ever half in.

        SQLite does not wait for its turn to switch to the log, as it does for every other one.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def _prepare(self) -> None:
        """Make the tables that are not there, and look whether the others can be read."""
        raise NotImplementedError

    def _failure(self, what: str, error: Exception) -> StoreError:
        """What is told of a file that cannot be opened, used, read or written to."""
        raise NotImplementedError


def advice(error: Exception) -> str:
    """What is to be done about a file where it lies; ends before another one is named.

    Example:
        >>> advice(sqlite3.OperationalError("database is locked"))
        'Another run has been writing to it for a minute: wait for it, or'
    """
    said = str(error)
    if "full" in said or "No space" in said:
        return "Make room on that disk, or"
    if "disk I/O" in said:
        return "Look whether that disk is full, or may hold no file so large, or fails; or"
    if "locked" in said:
        return "Another run has been writing to it for a minute: wait for it, or"
    if "readonly" in said or "Read-only" in said or isinstance(error, PermissionError):
        return "Let this user write to it and its folder, or"
    if "unable to open" in said or isinstance(error, OSError):
        return "Give a file and not a folder, in a folder that can be written to:"
    if isinstance(error, ValueError):
        return (
            "The disk or another program changed it. `python -m prefvec.store check` names what is "
            "broken and `prune --broken` deletes that, to be generated again; or"
        )
    return "Delete the file to generate its answers again, or"
