"""Whether a store is whole: the file, its tables, and each row."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from prefvec.generation.store_file import StoreError
from prefvec.store.kinds import Kind, earlier_in, kinds_in, rows_of, wrong
from prefvec.store.opened import opened, require_file

AT_MOST = 100
"""Faults that SQLite tells of one file."""


def faults(path: Path) -> Iterator[str]:
    """One sentence for everything that is wrong with a store.

    A changed letter in an answer's text is told where the answer has a checksum, as all have but
    those of early versions. In a judge's reply, which has none, it cannot be told.

    Raises:
        PrefvecError: if there is no such file.
    """
    require_file(path)
    try:
        with opened(path) as connection:
            yield from _of_the_file(connection)
            yield from _of_the_tables(connection)
            for kind in kinds_in(connection):
                if not _missing(connection, kind):
                    yield from _of_the_rows(connection, kind)
    except StoreError as error:
        yield str(error)


def _of_the_file(connection: sqlite3.Connection) -> Iterator[str]:
    for (said,) in connection.execute(f"PRAGMA integrity_check({AT_MOST})"):
        if said != "ok":
            yield f"SQLite finds the file broken: {' '.join(said.split())}."


def _of_the_tables(connection: sqlite3.Connection) -> Iterator[str]:
    there = kinds_in(connection)
    if not there and not earlier_in(connection):
        yield (
            "The file has neither a table of answers nor one of replies: it is another database."
        )
    for kind in there:
        if missing := _missing(connection, kind):
            yield (
                f"The table of {kind.many} has no {', '.join(missing)}: it is not of this version, "
                "and nothing is found in it."
            )


def _missing(connection: sqlite3.Connection, kind: Kind) -> list[str]:
    there = kind.where(connection)
    return [name for name in kind.columns if name not in there]


def _of_the_rows(connection: sqlite3.Connection, kind: Kind) -> Iterator[str]:
    for number, row in rows_of(connection, kind):
        for fault in wrong(kind, row):
            yield f"The {kind.one} in row {number} is wrong: {fault}."
