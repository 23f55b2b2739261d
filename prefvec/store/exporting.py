"""A store written out, for tools that do not read SQLite: JSON lines or Parquet."""

import contextlib
import importlib
import itertools
import json
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.store.kinds import ANSWERS, Kind, rows_of
from prefvec.store.opened import opened

AT_ONCE = 50_000
"""Rows of a Parquet row group."""


def export(path: Path, into: Path | None, kind: Kind = ANSWERS) -> int:
    """Write every row of a kind, in the order they were put; returns how many there are.

    Args:
        path: the store.
        into: the file to write, which must not be there: JSON lines, or Parquet where its name
            ends so; None prints JSON lines.
        kind: answers or replies.

    Raises:
        PrefvecError: if the store cannot be read, the file cannot be written, or Parquet is asked
            for and pyarrow is not installed.
    """
    with opened(path) as connection:
        rows = (kind.plain(row) for _, row in rows_of(connection, kind))
        if not kind.where(connection):
            raise PrefvecError(f"{path} has no table of {kind.many}, so there is none to export.")
        if into is None:
            return _lines(rows, sys.stdout.write)
        with _whole(into) as unfinished:
            if into.suffix == ".parquet":
                return _parquet(rows, unfinished)
            with unfinished.open("w", encoding="utf-8") as file:
                return _lines(rows, file.write)


@contextlib.contextmanager
def _whole(into: Path) -> Generator[Path]:
    """A file to write to that takes its name once it is finished."""
    if into.exists():
        raise PrefvecError(f"{into} is there already. Name another file, or move it away.")
    if not into.parent.is_dir():
        raise PrefvecError(f"There is no folder {into.parent}. Make it, or name another.")
    unfinished = into.with_name(f"{into.name}.{os.getpid()}.part")
    try:
        yield unfinished
        unfinished.rename(into)
    except OSError as error:
        raise PrefvecError(f"{into} cannot be written ({error}). Name another file.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _lines(rows: Iterable[dict[str, Any]], write: Callable[[str], object]) -> int:
    count = 0
    for row in rows:
        # Whatever letters there are, a line of JSON is ASCII: a terminal may lack them.
        write(json.dumps(row) + "\n")
        count += 1
    return count


def _parquet(rows: Iterator[dict[str, Any]], file: Path) -> int:
    try:
        arrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise PrefvecError(
            "Parquet is written by pyarrow, which is not installed. Run `pip install "
            "'prefvec[parquet]'`, or name a file that ends in .jsonl."
        ) from error
    count, writer = 0, None
    try:
        while some := list(itertools.islice(rows, AT_ONCE)):
            table = arrow.Table.from_pylist(some, schema=_schema(arrow, some[0]))
            writer = writer or parquet.ParquetWriter(file, table.schema, compression="zstd")
            writer.write_table(table)
            count += len(some)
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise PrefvecError("There is no row, and Parquet needs one to know its columns.")
    return count


_NUMBERS = ("temperature", "perplexity", "expected_words", "written_at", "asked_at")


def _schema(arrow: Any, row: dict[str, Any]) -> Any:
    """Columns as they are in every row, whatever the first one lacks."""
    kinds = {
        name: arrow.float64()
        if name in _NUMBERS
        else arrow.list_(arrow.int32())
        if name == "ids"
        else arrow.list_(arrow.struct([("token", arrow.string()), ("logprob", arrow.float64())]))
        if name == "logprobs"
        else arrow.int64()
        if isinstance(value, int)
        else arrow.string()
        for name, value in row.items()
    }
    return arrow.schema([*kinds.items()])
