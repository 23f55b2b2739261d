"""Where completions are kept, so that no answer is generated twice."""

import hashlib
import sqlite3
import time
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
_COLUMNS = tuple(field.name for field in fields(CompletionKey))
_KEPT = tuple(field.name for field in fields(Answer))
_parts = attrgetter(*_COLUMNS)
_INT32 = "<i4"
_KINDS: dict[object, str] = {str: "TEXT", int: "INTEGER", float: "REAL"}
_CREATE = f"""CREATE TABLE IF NOT EXISTS {TABLE} (
    digest BLOB PRIMARY KEY,
    {", ".join(f"{field.name} {_KINDS[field.type]} NOT NULL" for field in fields(CompletionKey))},
    text TEXT NOT NULL, n_tokens INTEGER NOT NULL, finish_reason TEXT NOT NULL,
    ids BLOB NOT NULL, perplexity REAL, expected_words REAL, {WRITTEN_AT} REAL
)"""
_TOUCHED = 0
"""The version that a store has, and is given again to see whether it can be written."""
_AT_ONCE = 500
"""Keys in one look-up; SQLite before 3.32 takes no more than 999."""
_INSERT = f"""INSERT OR REPLACE INTO {TABLE} (digest, {", ".join(_COLUMNS + _KEPT)}, {WRITTEN_AT})
VALUES ({", ".join("?" * (2 + len(_COLUMNS) + len(_KEPT)))})"""


def _select(count: int) -> str:
    wanted = ", ".join("?" * count)
    return f"SELECT digest, {', '.join(_KEPT)} FROM {TABLE} WHERE digest IN ({wanted})"


def _values(answer: Answer) -> tuple[object, ...]:
    """What is kept of an answer, as the columns hold it: tokens are bytes, four for each."""
    packed = np.asarray(answer.ids, _INT32).tobytes()
    return tuple(packed if name == "ids" else getattr(answer, name) for name in _KEPT)


def ids_of(kept: bytes) -> tuple[int, ...]:
    """Tokens as they are kept.

    Raises:
        ValueError: if they are no whole number of four bytes.
    """
    return tuple(np.frombuffer(kept, _INT32).tolist())


def _answer(kept: Sequence[Any]) -> Answer:
    """An answer of what the columns hold."""
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
        super().__init__(path)

    def _prepare(self) -> None:
        with self._connection:
            self._connection.execute(_CREATE)
        self._have_dates()
        self._connection.execute(_select(1), (b"",))
        self._connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM {TABLE} LIMIT 0")

    def _have_dates(self) -> None:
        """Give a file of a version that kept no dates a column for them; its answers have none."""
        columns = f"SELECT count(*) FROM pragma_table_info('{TABLE}') WHERE name = '{WRITTEN_AT}'"
        if self._connection.execute(columns).fetchone() == (0,):
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                if self._connection.execute(columns).fetchone() == (0,):  # no other run was faster
                    self._connection.execute(f"ALTER TABLE {TABLE} ADD COLUMN {WRITTEN_AT} REAL")

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
            try:
                there = {digest: _answer(kept) for digest, *kept in rows}
            except (sqlite3.Error, ValueError) as error:
                raise self._failure("read", error) from error
            found |= {key: there[digest] for digest, key in some if digest in there}
            hits = sum(digest in there for digest, _ in some)
            self.hits += hits
            self.misses += len(some) - hits
        return found

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
            (key.digest, *_parts(key), *_values(answer), now) for key, answer in answers.items()
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
