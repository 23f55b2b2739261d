"""The direction of a vector as a short text, precise enough to be told from another."""

import base64
import binascii
from collections.abc import Sequence

import numpy as np

_HALF = np.dtype("<f2")

Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def written(direction: Sequence[float]) -> str:
    """A unit vector of d_model numbers as base64 of half-precision numbers."""
    return base64.b64encode(np.asarray(direction, dtype=_HALF).tobytes()).decode()


def numbers(text: str) -> Numbers | None:
    """What `written` wrote, as float64 numbers; None of a text that it did not write."""
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), dtype=_HALF).astype(float)
    except (binascii.Error, ValueError):
        return None


def cosine(first: str, second: str) -> float | None:
    """The cosine of two written directions; None if they have not the same width."""
    a, b = numbers(first), numbers(second)
    if a is None or b is None:
        return None
    length = float(np.linalg.norm(a) * np.linalg.norm(b)) if a.shape == b.shape else 0.0
    return float(a @ b) / length if length else None
