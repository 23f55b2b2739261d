"""Where a judge's replies are kept, beside the answers, so that none is paid for twice."""

import json
import sqlite3
import time
from collections.abc import Iterable, Sequence

from prefvec.generation.store_file import StoreError, StoreFile, advice
from prefvec.judging.judge import Asking, Reply

TABLE = "judge_replies"
COLUMNS = ("judge", "prompt_hash", "temperature", "sample", "text", "logprobs", "raw", "asked_at")
_CREATE = f"""CREATE TABLE IF NOT EXISTS {TABLE} (
    judge TEXT NOT NULL, prompt_hash TEXT NOT NULL, temperature REAL NOT NULL,
    sample INTEGER NOT NULL, text TEXT NOT NULL, logprobs TEXT, raw TEXT NOT NULL,
    asked_at REAL NOT NULL, PRIMARY KEY (judge, prompt_hash, temperature, sample)
)"""
_SELECT = f"""SELECT text, logprobs, raw FROM {TABLE}
    WHERE judge = ? AND prompt_hash = ? AND temperature = ? AND sample = ?"""
_INSERT = f"INSERT OR REPLACE INTO {TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class ReplyStore(StoreFile):
    """A table of replies in the file that holds the answers; a context manager.

    A reply is found by the judge, the hash of all that the judge read, the temperature and the
    sample. Replies that cannot be read are kept as well: they were paid for, and a rule that reads
    more of them costs nothing.

    Args:
        path: the file of the answers, or ":memory:".

    Raises:
        StoreError: if the file cannot be opened.

    Example:
        >>> from prefvec.judging.sheets import Sheet
        >>> asked = Asking(sheet=Sheet(system="Mark.", user="An answer.", scale="12"))
        >>> with ReplyStore(":memory:") as store:
        ...     store.put("a judge", asked, Reply(text="2"))
        ...     store.get("a judge", [asked])[asked].text, len(store)
        ('2', 1)
    """

    def _prepare(self) -> None:
        with self._connection:
            self._connection.execute(_CREATE)

    def __len__(self) -> int:
        (count,) = self._connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone()
        return count

    def get(self, judge: str, askings: Iterable[Asking]) -> dict[Asking, Reply]:
        """The replies there are; askings without one are left out.

        Raises:
            StoreError: if the file cannot be read.
        """
        found: dict[Asking, Reply] = {}
        try:
            for asking in askings:
                row = self._connection.execute(_SELECT, _key(judge, asking)).fetchone()
                if row is not None:
                    found[asking] = _reply(row)
        except (sqlite3.Error, ValueError) as error:
            raise self._failure("read", error) from error
        return found

    def put(self, judge: str, asking: Asking, reply: Reply) -> None:
        """Keep one reply as soon as it has come.

        Raises:
            StoreError: if the file cannot be written.
        """
        logprobs = None if reply.logprobs is None else json.dumps(reply.logprobs)
        told = reply.text, logprobs, reply.raw, time.time()
        try:
            with self._connection:
                self._connection.execute(_INSERT, (*_key(judge, asking), *told))
        except sqlite3.Error as error:
            raise self._failure("written to", error) from error

    def _failure(self, what: str, error: Exception) -> StoreError:
        return StoreError(
            f"The store of a judge's replies at {self.path} cannot be {what} ({error}). "
            f"{advice(error)} name another file (--store)."
        )


def _key(judge: str, asking: Asking) -> tuple[str, str, float, int]:
    return judge, asking.sheet.digest, asking.temperature, asking.sample


def _reply(row: Sequence[str | None]) -> Reply:
    text, logprobs, raw = row
    pairs = None if logprobs is None else tuple((str(t), float(p)) for t, p in json.loads(logprobs))
    return Reply(text=text or "", logprobs=pairs, raw=raw or "")
