"""What a store holds, in lines for people."""

import datetime
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from prefvec.generation.store import EARLIER_TABLES
from prefvec.store.kinds import ANSWERS, Kind, count, earlier_in, kinds_in
from prefvec.store.opened import bytes_of, opened

_MEGA = 1e6


def listed(path: Path) -> str:
    """Every model and judge of a store, and how much is kept of it.

    Models and code go by their fingerprints, which a page and its record tell of each model.

    Raises:
        PrefvecError: if there is no such file, or it cannot be read.
    """
    with opened(path) as connection:
        lines = [_summary(path, connection)]
        for kind in kinds_in(connection):
            if count(connection, kind.table):
                lines += ["", *_table(connection, kind)]
        lines += _earlier(connection)
    return "\n".join(lines)


def sized(path: Path) -> str:
    """Where the bytes of a store are.

    Raises:
        PrefvecError: if there is no such file, or it cannot be read.
    """
    with opened(path) as connection:
        (page,) = connection.execute("PRAGMA page_size").fetchone()
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        rows = [
            (f"{count(connection, kind.table):,} {kind.many}", _held(connection, kind))
            for kind in kinds_in(connection)
        ]
        rows += [
            (f"{count(connection, table):,} rows of an earlier version, in {table}", None)
            for table in earlier_in(connection)
        ]
    log = bytes_of(path) - path.stat().st_size
    file = path.stat().st_size
    told = [
        ("the file", file),
        ("the log beside it", log),
        ("of the file, free", page * free),
        *rows,
    ]
    return "\n".join(f"{_megabytes(held):>12}  {what}" for what, held in told)


def _summary(path: Path, connection: sqlite3.Connection) -> str:
    there = kinds_in(connection)
    kept = [f"{count(connection, kind.table):,} {kind.many}" for kind in there]
    return f"{path}: {' and '.join(kept) or 'nothing'}, {_megabytes(bytes_of(path))}"


def _table(connection: sqlite3.Connection, kind: Kind) -> list[str]:
    """One line for each group of rows, and their heads."""
    dated = kind.dated if kind.dated in kind.where(connection) else "NULL"
    more = (
        ["count(DISTINCT steering)", "count(DISTINCT prompt)", "sum(n_tokens)"]
        if kind is ANSWERS
        else []
    )
    by = ", ".join(kind.by)
    asked = ["count(*)", *more, f"sum({_payload(connection, kind)})", f"min({dated})"]
    found = connection.execute(
        f"SELECT {by}, {', '.join(asked)}, max({dated}) FROM {kind.table} GROUP BY {by} "
        f"ORDER BY {by}"
    )
    heads = [*kind.by, kind.many, *(("steerings", "prompts", "tokens") if more else ())]
    lines = [[*heads, "held", "first", "last"]]
    for row in found:
        names, numbers = row[: len(kind.by)], row[len(kind.by) : -3]
        held, first, last = row[-3:]
        cells = [*map(str, names), *(f"{number:,}" for number in numbers)]
        lines.append([*cells, _megabytes(held), _day(first), _day(last)])
    return _aligned(lines, left=len(kind.by))


def _payload(connection: sqlite3.Connection, kind: Kind) -> str:
    """SQL for the bytes that a row's columns hold; eight for a number."""
    sizes = (
        f"CASE typeof({name}) WHEN 'text' THEN length(CAST({name} AS BLOB)) "
        f"WHEN 'blob' THEN length({name}) WHEN 'null' THEN 0 ELSE 8 END"
        for name in kind.where(connection)
    )
    return " + ".join(sizes)


def _held(connection: sqlite3.Connection, kind: Kind) -> int:
    asked = f"SELECT sum({_payload(connection, kind)}) FROM {kind.table}"
    return connection.execute(asked).fetchone()[0] or 0


def _earlier(connection: sqlite3.Connection) -> list[str]:
    tables = [table for table in EARLIER_TABLES if table in earlier_in(connection)]
    if not tables:
        return []
    rows = sum(count(connection, table) for table in tables)
    return [
        "",
        f"{rows:,} rows of earlier versions, which nothing reads: `prune --earlier` gives their "
        "room back.",
    ]


def _aligned(lines: Sequence[Sequence[str]], *, left: int) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


def _megabytes(held: int | None) -> str:
    return "–" if held is None else f"{held / _MEGA:,.1f} MB"


def _day(when: float | None) -> str:
    if when is None:
        return "–"
    return datetime.datetime.fromtimestamp(when, datetime.UTC).strftime("%Y-%m-%d")
