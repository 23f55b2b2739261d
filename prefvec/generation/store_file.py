"""An SQLite file that several processes may share, and what is said where it fails."""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from prefvec.errors import PrefvecError

Store = TypeVar("Store", bound="StoreFile")


class StoreError(PrefvecError):
    """Answers that cannot be kept or found again: nothing can be measured until that is mended."""


class StoreFile:
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
            self._connection = sqlite3.connect(path, timeout=60)
        except (OSError, sqlite3.Error) as error:
            raise self._failure("opened", error) from error
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise self._failure("used", error) from error

    def __enter__(self: Store) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. What was put is already in it."""
        self._connection.close()

    def _prepare(self) -> None:
        """Make the tables that are not there, and look whether the others can be read."""
        raise NotImplementedError

    def _failure(self, what: str, error: Exception) -> StoreError:
        """What is told of a file that cannot be opened, used, read or written to."""
        raise NotImplementedError
