"""Holm's correction over families that are declared, not collected."""

import math
from collections.abc import Mapping

from statsmodels.stats.multitest import multipletests

from prefvec.errors import PrefvecError
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.verdict import Verdict
from prefvec.verdicts.wording import conclude


def holm(pvalues: Mapping[str, float | None]) -> dict[str, float]:
    """Holm's adjusted p-values (Holm 1979, by statsmodels) of a whole family.

    Args:
        pvalues: by member; None for one that was not selected, which counts as 1.

    Raises:
        PrefvecError: for an empty family, and for a p-value that is nan or outside [0, 1],
            which the correction would pass on in silence.
    """
    for member, pvalue in pvalues.items():
        if pvalue is not None and (math.isnan(pvalue) or not 0 <= pvalue <= 1):
            raise PrefvecError(
                f"The p-value of {member!r} is {pvalue}. Holm's correction would spread it over "
                "the family unnoticed; look at what that claim measured."
            )
    if not pvalues:
        raise PrefvecError("A family without members corrects nothing. Declare its claims.")
    counted = [1.0 if pvalue is None else pvalue for pvalue in pvalues.values()]
    adjusted = multipletests(counted, method="holm")[1]
    return {member: float(p) for member, p in zip(pvalues, adjusted, strict=True)}


def resolve(family: Mapping[str, Assessment | None]) -> dict[str, Verdict]:
    """The verdicts of a declared family, corrected for its size.

    Args:
        family: every declared member by name; None for one that this run did not select. Those,
            and members that are INVALID or NOT APPLICABLE, count as p = 1.

    Returns:
        A verdict for each member that was assessed.
    """
    adjusted = holm({name: a.pvalue if a is not None else None for name, a in family.items()})
    return {name: conclude(a, adjusted[name]) for name, a in family.items() if a is not None}
