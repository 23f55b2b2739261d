"""Rows that are no longer wanted, counted first and then deleted, and their room given back."""

import datetime
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.generation.store_file import StoreError
from prefvec.store.kinds import ANSWERS, Kind, count, earlier_in, kinds_in, rows_of, wrong
from prefvec.store.opened import bytes_of, opened


@dataclass(frozen=True, kw_only=True)
class Unwanted:
    """Which rows are to go: those that meet all that is said here.

    Attributes:
        models: fingerprints of models, or how they begin; none means any.
        code: the answers of this code alone.
        code_but: the answers of any code but this.
        judges: names of judges whose replies go; none means any.
        before: rows last put before this day; those without a date are older than any.
        broken: rows of which `check` finds something wrong.
        earlier: whether the tables of earlier versions go as well.
    """

    models: tuple[str, ...] = ()
    code: str | None = None
    code_but: str | None = None
    judges: tuple[str, ...] = ()
    before: datetime.date | None = None
    broken: bool = False
    earlier: bool = False

    def __post_init__(self) -> None:
        if self.of_answers and self.judges:
            raise PrefvecError(
                "A judge has replies, and a model or code has answers: no row has both. Prune them "
                "one after the other."
            )
        if not (self._of_rows or self.earlier):
            raise PrefvecError(
                "Nothing is said to be unwanted. Say which rows: --model, --code, --older-code, "
                "--judge, --before, --broken or --earlier. A store that is not wanted at all is a "
                "file to delete."
            )

    @property
    def of_answers(self) -> bool:
        """Whether something is said that only an answer has."""
        return bool(self.models or self.code or self.code_but)

    @property
    def _of_rows(self) -> bool:
        return bool(self.of_answers or self.judges or self.before or self.broken)

    def condition(self, kind: Kind, connection: sqlite3.Connection) -> tuple[str, list[object]]:
        """SQL that the unwanted rows of a kind meet, and the values of its question marks."""
        wrong_kind = self.judges if kind is ANSWERS else self.of_answers
        if wrong_kind or not self._of_rows:
            return "0", []
        parts: list[str] = []
        values: list[object] = []

        def met(part: str, *given: object) -> None:
            parts.append(part)
            values.extend(given)

        if self.models:
            begun = [name for model in self.models for name in _begun(connection, kind, model)]
            met(f"model IN ({', '.join('?' * len(begun))})", *begun)
        if self.code:
            met("code = ?", self.code)
        if self.code_but:
            met("code <> ?", self.code_but)
        if self.judges:
            known = _values(connection, kind, "judge")
            for judge in self.judges:
                _require(judge in known, f"There is no reply of {judge!r}", known)
            met(f"judge IN ({', '.join('?' * len(self.judges))})", *self.judges)
        if self.before and kind.dated in kind.where(connection):
            day = datetime.datetime.combine(self.before, datetime.time(), datetime.UTC)
            met(f"coalesce({kind.dated}, 0) < ?", day.timestamp())
        if self.broken:
            numbers = [number for number, row in rows_of(connection, kind) if wrong(kind, row)]
            met("rowid IN (SELECT value FROM json_each(?))", json.dumps(numbers))
        return " AND ".join(parts) or "1", values


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What went, or would go.

    Attributes:
        rows: how many of each table.
        kept: how many rows of answers and replies stay.
        freed: bytes that the file and its log are smaller by; None where nothing was deleted.
    """

    rows: dict[str, int]
    kept: int
    freed: int | None

    def summary(self) -> str:
        """One sentence."""
        told = " and ".join(f"{n:,} {what}" for what, n in self.rows.items() if n) or "nothing"
        if self.freed is None:
            return f"{told} would go, and {self.kept:,} rows would stay. Add --yes to delete them."
        return f"{told} went, and {self.kept:,} rows stay: {self.freed / 1e6:,.1f} MB were freed."


def prune(path: Path, unwanted: Unwanted, *, really: bool = False) -> Pruned:
    """Count the rows that are unwanted, or delete them and give their room back.

    Args:
        path: the store.
        unwanted: which rows.
        really: whether they are deleted. All of them go, or none.

    Raises:
        PrefvecError: if no row has what was named, or the file cannot be changed.
    """
    before = bytes_of(path)
    with opened(path, writing=really) as connection:
        conditions = [
            (kind, *unwanted.condition(kind, connection)) for kind in kinds_in(connection)
        ]
        tables = earlier_in(connection) if unwanted.earlier else []
        rows = {
            kind.many: _count(connection, kind, where, values) for kind, where, values in conditions
        }
        earlier = sum(count(connection, table) for table in tables)
        kept = sum(count(connection, kind.table) for kind, *_ in conditions) - sum(rows.values())
        rows |= {"rows of earlier versions": earlier} if tables else {}
        if not really:
            return Pruned(rows=rows, kept=kept, freed=None)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for kind, where, values in conditions:
                connection.execute(f"DELETE FROM {kind.table} WHERE {where}", values)
            for table in tables:
                connection.execute(f"DROP TABLE {table}")
        _give_back(path, connection)
    return Pruned(rows=rows, kept=kept, freed=before - bytes_of(path))


def _give_back(path: Path, connection: sqlite3.Connection) -> None:
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"The rows are deleted, but {path} could not be made smaller ({error}): that takes as "
            "much room again for a while, and no other run in the file. What is put next fills the "
            "room that is free in it. Run the same command again to make it smaller."
        ) from error


def _count(connection: sqlite3.Connection, kind: Kind, where: str, values: list[object]) -> int:
    asked = f"SELECT count(*) FROM {kind.table} WHERE {where}"
    (rows,) = connection.execute(asked, values).fetchone()
    return rows


def _values(connection: sqlite3.Connection, kind: Kind, column: str) -> list[str]:
    found = connection.execute(f"SELECT DISTINCT {column} FROM {kind.table} ORDER BY {column}")
    return [value for (value,) in found]


def _begun(connection: sqlite3.Connection, kind: Kind, model: str) -> list[str]:
    known = _values(connection, kind, "model")
    begun = [name for name in known if model and name.startswith(model)]
    _require(bool(begun), f"There is no answer of the model {model!r}", known)
    _require(len(begun) < 2, f"Several models begin with {model!r}", begun)
    return begun


def _require(holds: bool, else_told: str, known: Sequence[str]) -> None:
    if not holds:
        there = f"Name one of: {', '.join(known)}." if known else "The store has none at all."
        raise PrefvecError(f"{else_told}. {there}")
