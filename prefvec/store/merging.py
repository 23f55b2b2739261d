"""Stores of several workers or machines, put into one: what was written anywhere is found there."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.generation.store import CompletionStore
from prefvec.generation.store_file import StoreError, advice
from prefvec.judging.replies import ReplyStore
from prefvec.store.kinds import Kind, kinds_in
from prefvec.store.opened import address, opened, require_file

_CACHE = "PRAGMA cache_size = -262144"
"""In KiB: rows go into the index in the order of their keys, and few pages come twice."""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What became of the rows of one kind of one file.

    Attributes:
        part: the file.
        many: what its rows are called.
        added: rows that were not there before.
        known: rows whose key was there already; what was there has stayed.
        otherwise: those of them that hold something else than what was there.
    """

    part: Path
    many: str
    added: int
    known: int
    otherwise: int

    def summary(self) -> str:
        """A line of it."""
        told = f"{self.part}: {self.added:,} {self.many} added, {self.known:,} were there"
        if self.otherwise:
            told += (
                f", {self.otherwise:,} of them in other words, which stay (in bfloat16 "
                "an answer depends on its batch)"
            )
        return f"{told}."


def merge(
    parts: Sequence[Path], into: Path, *, tell: Callable[[Merged], None] = lambda _: None
) -> list[Merged]:
    """Put the rows of several stores into one, each of them whole or not at all.

    A key that is there already keeps what it has, so that doing it again adds nothing. Activations,
    doses and measured claims lie in folders beside a store and are not merged: they are worked out
    again from the answers.

    Args:
        parts: files that are read, and left as they are.
        into: the file that is added to; made if it is not there.
        tell: told of each kind of rows of each file as soon as it is in.

    Raises:
        PrefvecError: if a part is not there, is no store or is the file that is added to.
        StoreError: if one cannot be read, or the other not written to; parts before it are in.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("a", "b"):
        ...         with pv.CompletionStore(f"{folder}/{name}") as store:
        ...             answers = pv.answer(source, questions[0], store=store)
        ...     [done.added for done in merge([Path(folder) / "a"], Path(folder) / "b")]
        [0]
    """
    for part in parts:
        require_file(part)
        if into.exists() and part.samefile(into):
            raise PrefvecError(
                f"{part} is to be put into itself. Name the other files, and where they go by "
                "--into."
            )
        with opened(part) as connection:
            if not kinds_in(connection):
                raise PrefvecError(
                    f"{part} has no answers and no replies of this version. Name the files that "
                    "--store named."
                )
    for store in (CompletionStore, ReplyStore):
        store(into).close()
    found: list[Merged] = []
    for part in parts:
        for done in _put(part, into):
            found.append(done)
            tell(done)
    return found


def _put(part: Path, into: Path) -> list[Merged]:
    with opened(into, writing=True) as connection:
        try:
            connection.execute(_CACHE)
            connection.execute("ATTACH ? AS part", (address(part, "ro"),))
            with connection:
                return [_rows(connection, kind, part) for kind in kinds_in(connection)]
        except sqlite3.Error as error:
            raise StoreError(
                f"The rows of {part} cannot be put into {into} ({error}). {advice(error)} name "
                "another file by --into."
            ) from error


def _rows(connection: sqlite3.Connection, kind: Kind, part: Path) -> Merged:
    """Within one transaction; a part of an earlier version lacks columns, which then stay empty."""
    there = f"part.{kind.table}"
    told = list(connection.execute(f"PRAGMA part.table_info({kind.table})"))
    if not told:
        return Merged(part=part, many=kind.many, added=0, known=0, otherwise=0)
    columns = ", ".join(name for _, name, *_ in told if name in kind.where(connection))
    keys = [name for _, name, *_, key in told if key]
    (rows,) = connection.execute(f"SELECT count(*) FROM {there}").fetchone()
    same = " AND ".join(f"ours.{key} = theirs.{key}" for key in keys)
    other = f"ours.{kind.says} IS NOT theirs.{kind.says}"
    (otherwise,) = connection.execute(
        f"SELECT count(*) FROM {there} theirs JOIN main.{kind.table} ours ON {same} WHERE {other}"
    ).fetchone()
    added = connection.execute(
        f"INSERT OR IGNORE INTO main.{kind.table} ({columns}) "
        f"SELECT {columns} FROM {there} ORDER BY {', '.join(keys)}"
    ).rowcount
    return Merged(part=part, many=kind.many, added=added, known=rows - added, otherwise=otherwise)
