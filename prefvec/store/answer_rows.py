"""A kept answer as a row: what can be wrong with it, and how it is written out."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from prefvec.generation.store import CHECKSUM, Answer, CompletionKey, checksum, ids_of

_KEPT = [field.name for field in fields(Answer)]
_KEY = {field.name: field.type for field in fields(CompletionKey)}


def faults(row: Mapping[str, Any]) -> list[str]:
    """What is wrong with an answer; nothing where it can be served.

    Args:
        row: an answer by the names of its columns.

    Example:
        >>> faults({"digest": b"", "model": 3})[0]
        'its model is 3, which is no str'
    """
    wrong = [
        f"its {name} is {row.get(name)!r}, which is no {kind.__name__}"
        for name, kind in _KEY.items()
        if isinstance(kind, type) and not isinstance(row.get(name), kind)
    ]
    if wrong:
        return wrong
    if CompletionKey(**{name: row[name] for name in _KEY}).digest != row["digest"]:
        wrong.append("its digest is not that of its key, so that it is found under another one")
    return wrong + _content(row)


def _content(row: Mapping[str, Any]) -> list[str]:
    wrong: list[str] = []
    try:
        ids = ids_of(row["ids"])
    except (ValueError, TypeError):
        wrong.append("its tokens are no whole number of four bytes")
    else:
        # A token that ends the answer by its text is kept with it.
        if not isinstance(row["n_tokens"], int) or len(ids) - row["n_tokens"] not in (0, 1):
            wrong.append(f"it has {len(ids)} tokens and is said to have {row['n_tokens']!r}")
        if min(ids, default=0) < 0:
            wrong.append("one of its tokens is below zero")
    if not isinstance(row["text"], str):
        wrong.append("its text is no text")
    if row["finish_reason"] not in ("stop", "length"):
        wrong.append(f"it is said to have ended by {row['finish_reason']!r}")
    for name in ("perplexity", "expected_words"):
        value = row[name]
        if value is not None and not (isinstance(value, float) and value >= 0):
            wrong.append(f"its {name.replace('_', ' ')} is {value!r}")
    if row["expected_words"] is not None and not math.isfinite(row["expected_words"]):
        wrong.append("its expected words are without end")
    put = row.get(CHECKSUM)
    if put is not None and put != checksum(row[name] for name in _KEPT):
        wrong.append("what is kept of it is not what was put")
    return wrong


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as JSON can hold it: the digest in hex digits, tokens as numbers."""
    return {**row, "digest": row["digest"].hex(), "ids": [*ids_of(row["ids"])]}
