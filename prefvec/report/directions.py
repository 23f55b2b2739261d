"""The direction of a vector as a short text, precise enough to be told from another."""

import base64
import binascii
from collections.abc import Sequence

import numpy as np

_HALF = np.dtype("<f2")


def written(direction: Sequence[float]) -> str:
    """A unit vector of d_model numbers as base64 of half-precision numbers."""
    return base64.b64encode(np.asarray(direction, dtype=_HALF).tobytes()).decode()


def cosine(first: str, second: str) -> float | None:
    """The cosine of two written directions; None if they have not the same width."""
    try:
        a, b = (
            np.frombuffer(base64.b64decode(text, validate=True), dtype=_HALF).astype(float)
            for text in (first, second)
        )
    except (binascii.Error, ValueError):
        return None
    length = float(np.linalg.norm(a) * np.linalg.norm(b)) if a.shape == b.shape else 0.0
    return float(a @ b) / length if length else None
