"""How an effect ranks among directions that mean nothing, each of which counts with either sign.

A direction and its reverse are written by the same two doses, so k directions give 2k effects.
If the arm's direction is one more of their kind, whose sign is arbitrary too, each of the 2k + 2
effects is as likely as any other to be the one that is looked at, and the rank is exact.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prefvec.errors import PrefvecError

LEVEL = 0.95
"""Of the quantile that chance reaches."""


def either_sign(controls: Sequence[float]) -> NDArray[np.float64]:
    """The effects of directions and of their reverses, ascending, shape (2 · controls,).

    Raises:
        PrefvecError: if there are none, or one is not finite.
    """
    effects = np.asarray(controls, dtype=np.float64)
    if effects.size == 0 or not np.isfinite(effects).all():
        raise PrefvecError(
            f"An effect cannot be ranked among {effects.tolist()}. Give the finite mean odd part "
            "of at least one control direction."
        )
    return np.sort(np.concatenate([effects, -effects]))


def at_least_as_large(effect: float, controls: Sequence[float]) -> int:
    """How many of the 2k control effects reach an effect.

    Example:
        >>> at_least_as_large(0.3, [0.1, -0.4, 0.3])
        2
    """
    return int(np.count_nonzero(either_sign(controls) >= effect))


def p_chance(effect: float, controls: Sequence[float]) -> float:
    """The chance that a direction of the controls' kind does as much, by its rank.

    (1 + #{x ∈ {±r₁ … ±r_k} ∪ {−e} : x ≥ e}) / (2k + 2). With 19 controls at least 1/40, and at
    most 5 % for an effect that no more than one of the 38 reaches.

    Args:
        effect: e, the arm's mean odd part.
        controls: r, those of the control directions.

    Raises:
        PrefvecError: if there are no controls, or one is not finite.

    Example:
        >>> p_chance(0.3, [0.1, -0.2, 0.05])
        0.125
        >>> p_chance(0.15, [0.1, -0.2, 0.05])
        0.25
    """
    reached = at_least_as_large(effect, controls) + (-effect >= effect)
    return (1 + reached) / (2 * len(controls) + 2)


def quantile(controls: Sequence[float]) -> float:
    """Q, the smallest of the 2k effects that at least 95 % of them do not exceed.

    With 19 controls an effect above it, and no other above 0, has p_chance ≤ 5 %.

    Raises:
        PrefvecError: if there are no controls, or one is not finite.

    Example:
        >>> quantile([0.1, -0.2, 0.05])
        0.2
    """
    return float(np.quantile(either_sign(controls), LEVEL, method="inverted_cdf"))


def spread(controls: Sequence[float]) -> float:
    """The root mean square of control effects around 0, as their signs are arbitrary.

    Example:
        >>> spread([0.3, -0.4])
        0.35355339059327373
    """
    return float(np.sqrt(np.mean(np.square(controls))))
