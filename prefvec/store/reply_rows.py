"""A judge's kept reply as a row: what can be wrong with it, and how it is written out."""

import json
import re
from collections.abc import Mapping
from typing import Any

_HASH = re.compile(r"[0-9a-f]{32}")


def faults(row: Mapping[str, Any]) -> list[str]:
    """What is wrong with a reply; nothing where it can be read.

    Args:
        row: a reply by the names of its columns.
    """
    wrong = [
        f"its {name} is no text"
        for name in ("judge", "text", "raw")
        if not isinstance(row[name], str)
    ]
    if not _HASH.fullmatch(str(row["prompt_hash"])):
        wrong.append("the hash of what the judge read is not of 32 hex digits")
    if not isinstance(row["temperature"], float) or not row["temperature"] >= 0:
        wrong.append(f"its temperature is {row['temperature']!r}")
    try:
        _pairs(row["logprobs"])
    except (ValueError, TypeError):
        wrong.append("its log-probabilities are no list of tokens, each with a number")
    return wrong


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A reply as JSON can hold it: log-probabilities as pairs of token and number."""
    return {**row, "logprobs": _pairs(row["logprobs"])}


def _pairs(told: str | None) -> list[tuple[str, float]] | None:
    return None if told is None else [(str(t), float(p)) for t, p in json.loads(told)]
