"""Sign-flip permutation: is a mean above 0, if each prompt's sign could as well be the other?"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

EXHAUSTIVE_UP_TO = 15
"""With so few prompts all 2ⁿ sign patterns are visited; with more, `FLIPS` random ones."""

FLIPS = 9_999
SIGN_SEED = 3_141
AT_ONCE = 64
"""Contrasts in one matrix product: their sums over all patterns fit a processor's cache."""


@lru_cache(maxsize=8)
def sign_patterns(n: int) -> NDArray[np.float64]:
    """The sign patterns that every test of n prompts shares; shape (patterns, n), entries ±1.

    All 2ⁿ of them, or `FLIPS` random ones under the pattern of no flips, with a fixed seed.

    Example:
        >>> sign_patterns(2).tolist()
        [[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]]
    """
    if n <= EXHAUSTIVE_UP_TO:
        bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
        return (1.0 - 2.0 * bits).astype(np.float64)
    flips = np.random.default_rng(SIGN_SEED).integers(0, 2, size=(FLIPS + 1, n))
    flips[0] = 0
    return (1.0 - 2.0 * flips).astype(np.float64)


def signflip_pvalue(values: NDArray[np.float64]) -> float:
    """P-value of "the mean is above 0" when each prompt's sign could as well be the other.

    Fisher's randomisation test for paired differences, the observed pattern counted among
    them. Never 0; at least 2⁻ⁿ.

    Args:
        values: one number per prompt, shape (prompts,).

    Example:
        >>> signflip_pvalue(np.array([0.4, 0.1, 0.3]))
        0.125
    """
    return float(signflip_pvalues(values[None, :])[0])


def signflip_pvalues(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The p-values of `signflip_pvalue` for many contrasts at once, shape (contrasts,).

    They share the sign patterns, so that all their sums are one matrix product.

    Args:
        rows: shape (contrasts, prompts).
    """
    patterns = sign_patterns(rows.shape[1])
    # Sums equal in exact arithmetic must tie: a tie that rounding breaks would make p too small.
    limits = rows.sum(axis=1) - 1e-12 * np.abs(rows).sum(axis=1)
    counts: list[int] = []
    for start in range(0, len(rows), AT_ONCE):
        these = slice(start, start + AT_ONCE)
        sums = rows[these] @ patterns.T
        counts += [
            int(np.count_nonzero(s >= limit)) for s, limit in zip(sums, limits[these], strict=True)
        ]
    return np.array(counts) / len(patterns)
