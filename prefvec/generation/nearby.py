"""How many rows of logits are worked through at once."""

from collections.abc import Iterator

from jaxtyping import Float
from torch import Tensor

NEARBY = {"cpu": 2**19}
"""Numbers worked through at once: as many as a core keeps by itself, 2 MB in float32."""

FAR = 2**27
"""The same for accelerators, which would rather do more at once."""

NEAREST = {"cpu": 2**18}
"""Numbers at once where answers are read, each several times over: 1 MB in float32. One row of
262,144 words at a time is compared in half the time that eight take, and in a fifth of what 256 do
with a copy for each step."""


def rows_nearby(logits: Float[Tensor, "rows vocabulary"]) -> int:
    """Rows of logits whose float32 copy stays near the cores; at least one.

    Example:
        >>> import torch
        >>> rows_nearby(torch.zeros(3, 2**18))
        2
    """
    return max(1, NEARBY.get(logits.device.type, FAR) // logits.shape[1])


def rows_read(logits: Float[Tensor, "rows vocabulary"]) -> int:
    """Rows of logits that `in_pieces` gives at once; at least one."""
    return max(1, NEAREST.get(logits.device.type, FAR) // logits.shape[1])


def in_pieces(
    *logits: Float[Tensor, "rows vocabulary"],
) -> Iterator[tuple[Float[Tensor, "some vocabulary"], ...]]:
    """The same rows of several logits, a few at a time, in float32.

    Args:
        logits: all of one shape, of any floating type.
    """
    most = rows_read(logits[0])
    for pieces in zip(*(each.split(most) for each in logits), strict=True):
        yield tuple(piece.float() for piece in pieces)
