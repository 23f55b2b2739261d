"""What corrects a p-value: Holm's method over families that are declared, not collected.

A claim is judged by `adjusted`, and by nothing else: the judge asks it of measured claims, the
calibration of simulated ones.
"""

import gc
import math
from collections.abc import Iterable, Mapping
from functools import lru_cache

from statsmodels.stats.multitest import multipletests

from prefvec.errors import PrefvecError

Family = Mapping[str, float | None]
"""The p-value of every declared member; None, which counts as 1, for one that was not selected or
could not be measured."""


def adjusted(claim: str, families: Iterable[Family]) -> float:
    """The p-value that decides a claim: the largest of its Holm p-values in its families.

    Args:
        claim: its id.
        families: every family that it belongs to, each whole.

    Raises:
        PrefvecError: if there is no family, if the claim is not in one of them, and for what
            `holm` refuses.

    Example:
        >>> small, large = {"a": 0.01, "b": 0.04}, {"a": 0.01, "c": None, "d": 0.2, "e": 0.3}
        >>> adjusted("a", [small]), adjusted("a", [small, large])
        (0.02, 0.04)
    """
    found: list[float] = []
    for family in families:
        if claim not in family:
            raise PrefvecError(
                f"The claim {claim!r} is to be corrected over a family it is no member of: "
                f"{', '.join(family) or 'one that is empty'}. Declare it there, or leave that out."
            )
        found.append(holm(family)[claim])
    if not found:
        raise PrefvecError(
            f"The claim {claim!r} belongs to no family, so nothing says for how many claims its "
            "p-value is to be corrected. Declare it in one, if need be by itself."
        )
    return max(found)


def holm(family: Family) -> dict[str, float]:
    """Holm's adjusted p-values (Holm 1979, by statsmodels) of a whole family, by member.

    Raises:
        PrefvecError: for an empty family, and for a p-value that is nan or outside [0, 1],
            which the correction would pass on in silence.

    Example:
        >>> holm({"a": 0.005, "b": 0.04, "c": None})
        {'a': 0.015, 'b': 0.08, 'c': 1.0}
    """
    for member, pvalue in family.items():
        if pvalue is not None and (math.isnan(pvalue) or not 0 <= pvalue <= 1):
            raise PrefvecError(
                f"The p-value of {member!r} is {pvalue}. Holm's correction would spread it over "
                "the family unnoticed; look at what that claim measured."
            )
    if not family:
        raise PrefvecError("A family without members corrects nothing. Declare its claims.")
    counted = tuple(1.0 if pvalue is None else float(pvalue) for pvalue in family.values())
    return dict(zip(family, _corrected(counted), strict=True))


@lru_cache(maxsize=256)
def _corrected(pvalues: tuple[float, ...]) -> tuple[float, ...]:
    """Holm's p-values in the same order; kept, for each member of a family asks for them."""
    gc.freeze()  # statsmodels collects garbage at every call, slow where much is alive
    try:
        return tuple(map(float, multipletests(pvalues, method="holm")[1]))
    finally:
        gc.unfreeze()
