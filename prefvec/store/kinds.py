"""The kinds of rows that a store holds: answers, and a judge's replies."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from prefvec.generation import store as answers
from prefvec.generation.store import Answer, CompletionKey
from prefvec.judging import replies
from prefvec.store import answer_rows, reply_rows

Row = Mapping[str, Any]
"""A row by the names of its columns."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One table.

    Attributes:
        table: its name in the file.
        one: what a row is called.
        many: what rows are called.
        by: the columns by which rows are told apart in a list.
        columns: those that must be there.
        dated: the column of seconds since 1970.
        says: the column by which two rows of one key are seen to be two.
        faults: what is wrong with a row, each as the end of a sentence.
        plain: a row as JSON can hold it.
    """

    table: str
    one: str
    many: str
    by: tuple[str, ...]
    columns: tuple[str, ...]
    dated: str
    says: str
    faults: Callable[[Row], list[str]]
    plain: Callable[[Row], dict[str, Any]]

    def where(self, connection: sqlite3.Connection) -> list[str]:
        """Those of its columns that a file has; none where it has no such table."""
        return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({self.table})")]


ANSWERS = Kind(
    table=answers.TABLE,
    one="answer",
    many="answers",
    by=("model", "code", "environment"),
    columns=("digest", *(f.name for f in fields(CompletionKey)), *(f.name for f in fields(Answer))),
    dated=answers.WRITTEN_AT,
    says="text",
    faults=answer_rows.faults,
    plain=answer_rows.plain,
)

REPLIES = Kind(
    table=replies.TABLE,
    one="reply",
    many="replies",
    by=("judge",),
    columns=replies.COLUMNS,
    dated="asked_at",
    says="raw",
    faults=reply_rows.faults,
    plain=reply_rows.plain,
)

KINDS = {kind.many: kind for kind in (ANSWERS, REPLIES)}


def kinds_in(connection: sqlite3.Connection) -> list[Kind]:
    """The kinds that a file has a table of."""
    return [kind for kind in KINDS.values() if kind.where(connection)]


def earlier_in(connection: sqlite3.Connection) -> list[str]:
    """The tables of earlier versions that a file still has."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    return [name for name in answers.EARLIER_TABLES if name in tables]


def count(connection: sqlite3.Connection, table: str) -> int:
    """Rows of a table."""
    (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return rows


def rows_of(
    connection: sqlite3.Connection, kind: Kind, where: str = "1", values: Sequence[object] = ()
) -> Iterator[tuple[int, Row]]:
    """The rows of a kind with their numbers, in the order they were put.

    Bytes that are no text come as lone surrogates, U+DC80 to U+DCFF.

    Args:
        connection: of the store.
        kind: of rows.
        where: an SQL condition that they meet.
        values: for its question marks.
    """
    connection.text_factory = _lenient
    cursor = connection.cursor()
    cursor.execute(f"SELECT rowid, * FROM {kind.table} WHERE {where} ORDER BY rowid", values)
    names = [name for name, *_ in cursor.description[1:]]
    for number, *found in cursor:
        yield number, dict(zip(names, found, strict=True))


def _lenient(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def wrong(kind: Kind, row: Row) -> list[str]:
    """What is wrong with a row of a kind, each as the end of a sentence."""
    told = [name for name, value in row.items() if isinstance(value, str) and _broken(value)]
    return [f"its {name} is not UTF-8" for name in told] or kind.faults(row)


def _broken(text: str) -> bool:
    """Whether some bytes of it were no text."""
    return any("\udc80" <= letter <= "\udcff" for letter in text)
