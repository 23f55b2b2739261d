"""Where completions are kept, so that no answer is generated twice."""

import hashlib
import math
import sqlite3
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from prefvec.generation.store_file import StoreError, StoreFile, advice
from prefvec.text.completions import FinishReason


@dataclass(frozen=True)
class CompletionKey:
    """Everything an answer depends on.

    Attributes:
        model: fingerprint of the weights.
        tokenizer: fingerprint of the tokenizer and chat template.
        ends: fingerprint of what ends an answer.
        dtype: the model computes in.
        prompt: id of the prompt, which the noise depends on.
        rendered: hash of the text the model is given.
        sample: index of the answer.
        steering: fingerprint of what is added.
        max_new_tokens: cap on its length.
        temperature: it is sampled at.
        seed: of the noise.
        code: fingerprint of the code that generates.
        environment: what else decides the numbers: libraries' versions and kind of device.
    """

    model: str
    tokenizer: str
    ends: str
    dtype: str
    prompt: str
    rendered: str
    sample: int
    steering: str
    max_new_tokens: int
    temperature: float
    seed: int
    code: str
    environment: str

    @property
    def digest(self) -> bytes:
        """16 bytes that stand for the whole key: a hash of all its parts and their types."""
        return hashlib.sha256(repr(_parts(self)).encode()).digest()[:16]


@dataclass(frozen=True)
class Answer:
    """What is kept of an answer; the fields are those of `Completion`."""

    text: str
    n_tokens: int
    finish_reason: FinishReason
    ids: tuple[int, ...]
    perplexity: float | None = None
    expected_words: float | None = None


TABLE = "written_answers"
"""Whenever more is kept of an answer the table has another name."""
EARLIER_TABLES = ("answers", "completions", "sampled_answers")
"""What earlier versions called it; they are left as they are, and not read."""
WRITTEN_AT = "written_at"
"""Seconds since 1970 at which an answer was last put; null where a version kept no dates."""
CHECKSUM = "checksum"
"""Of what is kept of an answer, by `checksum`; null where a version kept none."""
_ADDED = {WRITTEN_AT: "REAL", CHECKSUM: "INTEGER"}
"""Columns that a file of an earlier version is given; its answers have none of it."""
_COLUMNS = tuple(field.name for field in fields(CompletionKey))
_KEPT = tuple(field.name for field in fields(Answer))
_parts = attrgetter(*_COLUMNS)
_INT32 = "<i4"
_KINDS: dict[object, str] = {str: "TEXT", int: "INTEGER", float: "REAL"}
_CREATE = f"""CREATE TABLE IF NOT EXISTS {TABLE} (
    digest BLOB PRIMARY KEY,
    {", ".join(f"{field.name} {_KINDS[field.type]} NOT NULL" for field in fields(CompletionKey))},
    text TEXT NOT NULL, n_tokens INTEGER NOT NULL, finish_reason TEXT NOT NULL,
    ids BLOB NOT NULL, perplexity REAL, expected_words REAL,
    {", ".join(f"{name} {kind}" for name, kind in _ADDED.items())}
)"""
_TOUCHED = 0
"""The version that a store has, and is given again to see whether it can be written."""
_AT_ONCE = 500
"""Keys in one look-up; SQLite before 3.32 takes no more than 999."""
_INSERT = f"""INSERT OR REPLACE INTO {TABLE} (digest, {", ".join((*_COLUMNS, *_KEPT, *_ADDED))})
VALUES ({", ".join("?" * (3 + len(_COLUMNS) + len(_KEPT)))})"""


def _select(count: int) -> str:
    wanted = ", ".join("?" * count)
    told = ", ".join((CHECKSUM, WRITTEN_AT, *_KEPT))
    return f"SELECT digest, {told} FROM {TABLE} WHERE digest IN ({wanted})"


def _values(answer: Answer) -> tuple[object, ...]:
    """What is kept of an answer, as the columns give it back: tokens are bytes, four for each."""
    held: dict[str, object] = {name: getattr(answer, name) for name in _KEPT}
    held["ids"] = np.asarray(answer.ids, _INT32).tobytes()
    held["perplexity"] = _number(answer.perplexity)
    held["expected_words"] = _number(answer.expected_words)
    return tuple(held.values())


def _number(value: float | None) -> float | None:
    """A number that is none is null in SQLite."""
    return None if value is None or math.isnan(value) else float(value)


def checksum(kept: Iterable[object]) -> int:
    """32 bits over what the columns of an answer hold, to tell whether it is what was put.

    Args:
        kept: text, number of tokens, what ended it, packed tokens, perplexity, expected words.
    """
    return zlib.crc32(repr([*kept]).encode("utf-8", "surrogatepass"))


def ids_of(kept: bytes) -> tuple[int, ...]:
    """Tokens as they are kept.

    Raises:
        ValueError: if they are no whole number of four bytes.
    """
    return tuple(np.frombuffer(kept, _INT32).tolist())


def _answer(put: int | None, kept: Sequence[Any]) -> Answer:
    """An answer of what the columns hold.

    Raises:
        ValueError: if that is not what was put.
    """
    if put is not None and put != checksum(kept):
        raise ValueError("an answer in it is not the one that was put")
    found = dict(zip(_KEPT, kept, strict=True))
    found["ids"] = ids_of(found["ids"])
    return Answer(**found)


class CompletionStore(StoreFile):
    """An SQLite file of answers, safe to share between processes; a context manager.

    Answers are found by the digest of their key; the key's parts stand beside it to be read by
    people. A file of an earlier version keeps its answers in a table `answers`, `completions` or
    `sampled_answers`, which is left as it is and not read: what they lack cannot be known now (the
    environment, the expected words, the tokens). Delete the file to have the room back.

    Args:
        path: the file, made with its folders if it is not there, or ":memory:".

    Attributes:
        hits: answers found so far.
        misses: answers asked for and not found.
        written: when the answers found so far were put, the first and the last of them, in seconds
            since 1970; None where none was found or one has no date.

    Raises:
        StoreError: if the file cannot be opened, or is not a store.

    Example:
        >>> with pv.CompletionStore(":memory:") as store:
        ...     first = pv.answer(source, questions[0], store=store)
        ...     again = pv.answer(source, questions[0], store=store)
        ...     len(store), store.hits, first == again
        (1, 1, True)
    """

    def __init__(self, path: Path | str) -> None:
        self.hits = 0
        self.misses = 0
        self.written: tuple[float, float] | None = None
        super().__init__(path)

    def _prepare(self) -> None:
        with self._connection:
            self._connection.execute(_CREATE)
        self._complete()
        self._connection.execute(_select(1), (b"",))
        self._connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM {TABLE} LIMIT 0")

    def _complete(self) -> None:
        """Give a file of an earlier version the columns that it lacks."""
        if self._lacking():
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for name in self._lacking():  # none, where another run was faster
                    added = f"{name} {_ADDED[name]}"
                    self._connection.execute(f"ALTER TABLE {TABLE} ADD COLUMN {added}")

    def _lacking(self) -> list[str]:
        there = {name for _, name, *_ in self._connection.execute(f"PRAGMA table_info({TABLE})")}
        return [name for name in _ADDED if name not in there]

    def __len__(self) -> int:
        (count,) = self._run(f"SELECT count(*) FROM {TABLE}").fetchone()
        return count

    def get_many(self, keys: Iterable[CompletionKey]) -> dict[CompletionKey, Answer]:
        """The answers there are; keys without one are left out.

        Raises:
            StoreError: if the file cannot be read.
        """
        found: dict[CompletionKey, Answer] = {}
        wanted = [(key.digest, key) for key in keys]
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            rows = self._run(_select(len(some)), [digest for digest, _ in some])
            there: dict[bytes, Answer] = {}
            dates: list[float | None] = []
            try:
                for digest, put, date, *kept in rows:
                    there[digest] = _answer(put, kept)
                    dates.append(date)
            except (sqlite3.Error, ValueError) as error:
                raise self._failure("read", error) from error
            found |= {key: there[digest] for digest, key in some if digest in there}
            hits = sum(digest in there for digest, _ in some)
            self._date(dates)
            self.hits += hits
            self.misses += len(some) - hits
        return found

    def _date(self, dates: Sequence[float | None]) -> None:
        """Note when some more answers were put, before they count as hits."""
        known = [date for date in dates if date is not None]
        if len(known) < len(dates) or (self.hits and self.written is None):
            self.written = None
        elif known:
            known += self.written or ()
            self.written = min(known), max(known)

    def mean_tokens(self, max_new_tokens: int) -> float | None:
        """Mean length of the answers that were capped there, in tokens; None where none is kept."""
        asked = f"SELECT avg(n_tokens) FROM {TABLE} WHERE max_new_tokens = ?"
        (mean,) = self._run(asked, (max_new_tokens,)).fetchone()
        return mean

    def require_writable(self) -> None:
        """Refuse a file that answers cannot be put into, before any is generated.

        Raises:
            StoreError: saying why.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(f"PRAGMA user_version = {_TOUCHED}")
            self._connection.rollback()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):  # another run writes to it, so that it can be written
                raise self._failure("written to", error) from error

    def put_many(self, answers: Mapping[CompletionKey, Answer]) -> None:
        """Keep answers, all of them or none.

        Raises:
            StoreError: if the file cannot be written.
        """
        now = time.time()
        rows = [
            (key.digest, *_parts(key), *kept, now, checksum(kept))
            for key, answer in answers.items()
            for kept in [_values(answer)]
        ]
        try:
            with self._connection:
                self._connection.executemany(_INSERT, rows)
        except sqlite3.Error as error:
            raise self._failure("written to", error) from error

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise self._failure("read", error) from error

    def _failure(self, what: str, error: Exception) -> StoreError:
        return StoreError(
            f"The store of answers at {self.path} cannot be {what} ({error}). "
            f"{advice(error)} name another file (CompletionStore(path), --store)."
        )
