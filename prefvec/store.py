"""Where completions are kept, so that no answer is generated twice."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from types import TracebackType

from prefvec.completions import FinishReason
from prefvec.errors import PrefvecError


@dataclass(frozen=True)
class CompletionKey:
    """Everything an answer depends on.

    Attributes:
        model: fingerprint of the weights.
        tokenizer: fingerprint of the tokenizer and chat template.
        dtype: the model computes in.
        prompt: id of the prompt, which the noise depends on.
        rendered: hash of the text the model is given.
        sample: index of the answer.
        steering: fingerprint of what is added.
        max_new_tokens: cap on its length.
        temperature: it is sampled at.
        seed: of the noise.
        generation: version of the code that generates.
    """

    model: str
    tokenizer: str
    dtype: str
    prompt: str
    rendered: str
    sample: int
    steering: str
    max_new_tokens: int
    temperature: float
    seed: int
    generation: int


@dataclass(frozen=True)
class Answer:
    """What is kept of an answer; the fields are those of `Completion`."""

    text: str
    n_tokens: int
    finish_reason: FinishReason


_COLUMNS = tuple(field.name for field in fields(CompletionKey))
_KINDS: dict[object, str] = {str: "TEXT", int: "INTEGER", float: "REAL"}
_CREATE = f"""CREATE TABLE IF NOT EXISTS answers (
    {", ".join(f"{field.name} {_KINDS[field.type]} NOT NULL" for field in fields(CompletionKey))},
    text TEXT NOT NULL, n_tokens INTEGER NOT NULL, finish_reason TEXT NOT NULL,
    PRIMARY KEY ({", ".join(_COLUMNS)})
) WITHOUT ROWID"""
_SELECT = "SELECT text, n_tokens, finish_reason FROM answers WHERE " + " AND ".join(
    f"{column} = ?" for column in _COLUMNS
)
_INSERT = f"INSERT OR REPLACE INTO answers VALUES ({', '.join('?' * (len(_COLUMNS) + 3))})"


class CompletionStore:
    """An SQLite file of answers, safe to share between processes; a context manager.

    Args:
        path: the file, made with its folders if it is not there, or ":memory:".

    Attributes:
        hits: answers found so far.
        misses: answers asked for and not found.

    Raises:
        PrefvecError: if the file cannot be opened, or is not a store.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self.hits = 0
        self.misses = 0
        try:
            if str(path) != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=60)
        except (OSError, sqlite3.Error) as error:
            raise self._failure("opened", error) from error
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            with self._connection:
                self._connection.execute(_CREATE)
            self._connection.execute(_SELECT, ("",) * len(_COLUMNS))
        except sqlite3.Error as error:
            self._connection.close()
            raise self._failure("used", error) from error

    def __enter__(self) -> "CompletionStore":
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

    def __len__(self) -> int:
        (count,) = self._run("SELECT count(*) FROM answers").fetchone()
        return count

    def get_many(self, keys: Iterable[CompletionKey]) -> dict[CompletionKey, Answer]:
        """The answers there are; keys without one are left out.

        Raises:
            PrefvecError: if the file cannot be read.
        """
        found: dict[CompletionKey, Answer] = {}
        for key in keys:
            row = self._run(_SELECT, astuple(key)).fetchone()
            if row is None:
                self.misses += 1
            else:
                self.hits += 1
                found[key] = Answer(*row)
        return found

    def put_many(self, answers: Mapping[CompletionKey, Answer]) -> None:
        """Keep answers, all of them or none.

        Raises:
            PrefvecError: if the file cannot be written.
        """
        rows = [(*astuple(key), *astuple(answer)) for key, answer in answers.items()]
        try:
            with self._connection:
                self._connection.executemany(_INSERT, rows)
        except sqlite3.Error as error:
            raise self._failure("written to", error) from error

    def _run(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise self._failure("read", error) from error

    def _failure(self, what: str, error: Exception) -> PrefvecError:
        return PrefvecError(
            f"The store of answers at {self.path} cannot be {what} ({error}). Delete the file to "
            "generate its answers again, or name another folder with --cache-dir."
        )
