"""The hazard of ending: does steering change the rate at which answers end, whatever the cap?

A cap ends answers before they end themselves, and mean lengths do not know. Proportional hazards
do: each token is a chance to end, and a capped answer has only been seen not to end so far.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.duration.hazard_regression import PHReg

from prefvec.statistics.estimates import Estimate
from prefvec.statistics.scales import told_interval

LARGEST = 10.0
"""A log hazard ratio beyond this is the way to infinity, not an estimate."""


@dataclass(frozen=True, kw_only=True)
class EndingHazard:
    """How much more often an answer ends at a token, for one unit of the coefficient more.

    Attributes:
        estimate: the log hazard ratio per unit of the coefficient, n and df counting prompts;
            None where it is undefined.
        ended: how many answers the model ended.
        censored: how many the cap ended.
        undefined: why there is no estimate, or "".
    """

    estimate: Estimate | None
    ended: int
    censored: int
    undefined: str = ""

    @property
    def pvalue(self) -> float | None:
        """Two-sided, of a ratio of 1."""
        if self.estimate is None:
            return None
        side = "greater" if self.estimate.estimate > 0 else "less"
        return min(1.0, 2 * self.estimate.pvalue(0.0, side))

    @property
    def direction(self) -> int:
        """1 where a larger dose significantly lengthens answers, −1 where it shortens, else 0."""
        if self.estimate is None:
            return 0
        low, high = self.estimate.confidence_interval()
        return int(high < 0) - int(low > 0)

    @property
    def sentence(self) -> str:
        """What was measured."""
        if self.estimate is None:
            return f"Measured no hazard ratio: {self.undefined}."
        ends = told_interval(*self.estimate.confidence_interval(), "log")
        return (
            f"Measured a hazard ratio of ending of {math.exp(self.estimate.estimate):.2f} {ends} "
            f"for one unit of the coefficient, below 1 being longer; {self.censored} of "
            f"{self.ended + self.censored} answers were capped."
        )


def ending_hazard(lengths: pd.DataFrame) -> EndingHazard:
    """Cox's proportional hazards of the lengths in tokens (statsmodels `PHReg`).

    The covariate is the coefficient, unsteered answers at 0. Each prompt is a stratum with its own
    baseline hazard, and errors are robust to dependence within it (Lin and Wei 1989), as by R's
    `coxph(Surv(t, ended) ~ coefficient + strata(prompt), cluster = prompt, ties = "breslow")`.

    Args:
        lengths: one row per answer: prompt, coefficient, n_tokens, censored (1 where the cap
            ended it).

    Example:
        >>> rows = [
        ...     (prompt, dose, length + shift, 0)
        ...     for prompt in ("a", "b", "c")
        ...     for dose, lengths in ((0.0, (4, 9, 7)), (1.0, (8, 12, 6)))
        ...     for shift, length in enumerate(lengths)
        ... ]
        >>> columns = ["prompt", "coefficient", "n_tokens", "censored"]
        >>> found = ending_hazard(pd.DataFrame(rows, columns=columns))
        >>> found.ended, found.censored, found.estimate.estimate < 0
        (18, 0, True)
    """
    ended = int((lengths["censored"] == 0).sum())
    censored = len(lengths) - ended
    rows = _informative(lengths)
    prompts = rows["prompt"].nunique()
    if prompts < 2:
        return _undefined(ended, censored, "fewer than two prompts have an answer that ended")
    status = (rows["censored"] == 0).to_numpy(dtype=int)
    strata = pd.factorize(rows["prompt"])[0]
    try:
        # Where the likelihood has no maximum, statsmodels warns and returns a number all the same.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fit = PHReg(
                _times(rows), rows[["coefficient"]].to_numpy(), status=status, strata=strata
            ).fit(groups=strata, disp=False)
        ratio, error = float(fit.params[0]), float(fit.bse[0])
    except (Warning, np.linalg.LinAlgError):
        return _undefined(ended, censored, "the likelihood has no maximum")
    if not (abs(ratio) < LARGEST and 0 < error < LARGEST):
        return _undefined(ended, censored, "answers differ by dose without overlap, or not at all")
    estimate = Estimate(estimate=ratio, standard_error=error, df=prompts - 1, n=prompts)
    return EndingHazard(estimate=estimate, ended=ended, censored=censored)


def _times(rows: pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """At which token an answer ended, the one that ends it counted, or was last seen going on."""
    return (rows["n_tokens"] + (rows["censored"] == 0)).to_numpy(dtype=np.float64)


def _informative(lengths: pd.DataFrame) -> pd.DataFrame:
    """The answers that were still going when one of the same prompt ended.

    The others add nothing to the partial likelihood, and make statsmodels' robust errors nan.
    """
    times = pd.Series(_times(lengths), index=lengths.index)
    first = times[lengths["censored"] == 0].groupby(lengths["prompt"]).min()
    return lengths[times >= lengths["prompt"].map(first)]


def _undefined(ended: int, censored: int, why: str) -> EndingHazard:
    return EndingHazard(estimate=None, ended=ended, censored=censored, undefined=why)
