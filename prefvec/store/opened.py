"""A store that is looked at: opened as it lies, and never made."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from prefvec.errors import PrefvecError
from prefvec.generation.store_file import PATIENCE, USUAL, StoreError, advice


def require_file(path: Path) -> None:
    """Refuse what is no file.

    Raises:
        PrefvecError: saying what is there instead.
    """
    if path.is_dir():
        raise PrefvecError(f"{path} is a folder. Name the file in it, such as {path / USUAL.name}.")
    if not path.is_file():
        raise PrefvecError(
            f"There is no store at {path}. Name the file that --store named for the run; one that "
            f"was told none keeps it at {USUAL}, in the folder it was started in."
        )


@contextmanager
def opened(path: Path, *, writing: bool = False) -> Generator[sqlite3.Connection]:
    """A connection to a store; what fails on it is told in a sentence.

    A file in a folder that cannot be written to is read as well, where no log lies beside it: the
    log of what was put last cannot be read without writing beside it.

    Args:
        path: the file.
        writing: whether it is to be changed.

    Raises:
        PrefvecError: if there is no such file.
        StoreError: if it cannot be opened, read or written to.
    """
    require_file(path)
    try:
        with closing(_connected(path, "rw" if writing else "ro")) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreError(
            f"The store at {path} cannot be {'changed' if writing else 'read'} ({error}). "
            f"{advice(error)} name another file."
        ) from error


def address(path: Path, mode: str) -> str:
    """What SQLite is told to open a file in a mode, whatever stands in its name.

    Args:
        path: the file.
        mode: "ro" to read it, "rw" to change it as well.
    """
    return f"file:{quote(str(path.resolve()))}?mode={mode}"


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address(path, mode), uri=True, timeout=PATIENCE)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        log = path.with_name(path.name + "-wal")
        if mode == "rw" or (log.exists() and log.stat().st_size):
            raise
        connection = sqlite3.connect(f"{address(path, mode)}&immutable=1", uri=True)
    return connection


def bytes_of(path: Path) -> int:
    """What a store takes on disk, with the log beside it."""
    beside = (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")))
    return sum(file.stat().st_size for file in beside if file.exists())
