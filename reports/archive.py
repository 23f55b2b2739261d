"""All answers of a claim's arms, packed: text that nobody reads whole and anybody may search."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

from prefvec.errors import PrefvecError


def packed(answers: Sequence[Mapping[str, Any]]) -> str:
    """Answers as base64 of gzipped JSON; the same answers give the same text.

    Args:
        answers: each with `arm`, `coefficient`, `prompt`, `sample`, `text`, `finish_reason`,
            `coherent`, and `false`, the [start, end) of what it says against the facts.
    """
    text = json.dumps(answers, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def unpacked(text: str) -> list[dict[str, Any]]:
    """The answers that `packed` has packed.

    Raises:
        PrefvecError: if it is something else.
    """
    try:
        return json.loads(gzip.decompress(base64.b64decode(text, validate=True)))
    except (OSError, EOFError, ValueError) as error:
        raise PrefvecError(
            f"The answers of a claim cannot be unpacked ({error}). The record was changed by hand "
            "or cut short: run the claims again."
        ) from error
