"""One effect over several models or pairs of them: the mean effect, and how much they differ.

A random-effects summary. Each effect is its own draw from a normal distribution with variance τ²
(Paule and Mandel 1982, by statsmodels). The effects of a run share prompts, and often a model: the
summary describes these, and its interval treats them as independent.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats
from statsmodels.stats.meta_analysis import combine_effects

from prefvec.errors import PrefvecError
from prefvec.statistics.estimates import Estimate, Interval
from prefvec.statistics.scales import told, told_interval, told_p
from prefvec.vocabulary import Scale

_SHORT_OF = 1e-9
"""How far below the root, relative to it, the library's iteration is started."""


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """The mean effect and the spread around it.

    Attributes:
        estimates: what was pooled, by name of the pair or model.
        estimate: the mean of the distribution of effects.
        standard_error: of that mean.
        tau2: variance between the effects, on the squared scale of the estimates.
        q: Cochran's Q, the weighted sum of squares around the fixed-effect mean.
        weights: of each estimate in the mean; they sum to 1.
        unit: the scale of the estimates.
    """

    estimates: Mapping[str, Estimate]
    estimate: float
    standard_error: float
    tau2: float
    q: float
    weights: Mapping[str, float]
    unit: Scale

    @property
    def k(self) -> int:
        """Estimates that were pooled."""
        return len(self.estimates)

    @property
    def i2(self) -> float:
        """The share of Q beyond what sampling explains (Higgins and Thompson 2002); at least 0."""
        return max(0.0, 1 - (self.k - 1) / self.q) if self.q > 0 else 0.0

    @property
    def q_pvalue(self) -> float:
        """Of "all effects are the same", by χ² with k − 1 degrees of freedom."""
        return float(stats.chi2.sf(self.q, self.k - 1))

    def confidence_interval(self, level: float = 0.95) -> Interval:
        """Of the mean effect on its scale, by t with k − 1 df (Hartung and Knapp 2001).

        Under Paule and Mandel's τ² the factor of Hartung and Knapp is 1, and below 1 where τ² is
        0; there it is held at 1, so that few effects that happen to agree do not make the interval
        shorter than that of a fixed effect (Röver, Knapp and Friede 2015).
        """
        return self._around(self.standard_error, self.k - 1, level)

    def prediction_interval(self, level: float = 0.95) -> Interval | None:
        """Where a further effect lies: t with k − 2 degrees of freedom (Higgins et al. 2009).

        None for two estimates, which leave no degree of freedom.
        """
        if self.k < 3:
            return None
        return self._around(math.sqrt(self.tau2 + self.standard_error**2), self.k - 2, level)

    def summary(self) -> str:
        """The mean with its interval, that of a further effect, and the heterogeneity."""
        predicted = self.prediction_interval()
        further = (
            f"; a further one is predicted in {told_interval(*predicted, self.unit)}"
            if predicted
            else ""
        )
        return (
            f"The mean of {self.k} effects is {told(self.estimate, self.unit)} "
            f"{told_interval(*self.confidence_interval(), self.unit)}{further} "
            f"(τ² = {self.tau2:.3g}, I² = {round(100 * self.i2)} %, Q = {self.q:.1f}, "
            f"{told_p(self.q_pvalue)})."
        )

    def record(self) -> dict[str, Any]:
        """Plain Python types; a figure of kind "forest" but for its id, title and caption.

        The rows are the estimates in their order, and the mean under them; all on their scale.
        """
        low, high = self.confidence_interval()
        predicted = self.prediction_interval()
        pooled: dict[str, Any] = {
            "label": f"random-effects mean (k = {self.k})",
            "pooled": True,
            "estimate": self.estimate,
            "low": low,
            "high": high,
        }
        if predicted is not None:
            pooled["predicted"] = {"low": predicted[0], "high": predicted[1]}
        rows = [
            {"label": name, **each.record(), "weight": self.weights[name]}
            for name, each in self.estimates.items()
        ]
        return {
            "k": self.k,
            "tau2": self.tau2,
            "i2": self.i2,
            "q": self.q,
            "q_pvalue": self.q_pvalue,
            "kind": "forest",
            "scale": self.unit,
            "rows": [*rows, pooled],
        }

    def _around(self, error: float, df: int, level: float) -> Interval:
        half = float(stats.t.ppf((1 + level) / 2, df)) * error
        return self.estimate - half, self.estimate + half


def random_effects(estimates: Mapping[str, Estimate]) -> Pooled:
    """Pool one estimate for each model, or pair of models.

    Args:
        estimates: by name, all on one scale.

    Raises:
        PrefvecError: for fewer than two, mixed scales, or an estimate that has no spread.

    Example:
        >>> one, other = (
        ...     Estimate(estimate=mean, standard_error=0.1, df=95, n=96) for mean in (0.4, 0.5)
        ... )
        >>> pooled = random_effects({"a": one, "b": other})
        >>> round(pooled.estimate, 3), round(pooled.tau2, 3), pooled.k
        (0.45, 0.0, 2)
    """
    units: set[Scale] = {each.unit for each in estimates.values()}
    if len(estimates) < 2 or len(units) != 1:
        raise PrefvecError(
            f"{len(estimates)} estimates on {len(units)} scales ({', '.join(sorted(units))}) have "
            "no mean effect. Pool at least two, measured on one scale."
        )
    effects = np.array([each.estimate for each in estimates.values()], dtype=float)
    variances = np.array([each.standard_error**2 for each in estimates.values()])
    if not (np.isfinite(effects).all() and np.isfinite(variances).all() and (variances > 0).all()):
        flat = [
            name
            for name, each in estimates.items()
            if not (math.isfinite(each.estimate) and 0 < each.standard_error < math.inf)
        ]
        raise PrefvecError(
            f"Without a finite standard error above 0 an estimate has no weight: {flat}. "
            "Leave out what has prompts that all agree, or measure more prompts."
        )
    # The library's iteration returns 0 where rounding carries a step past the root (0.15.0), so
    # it starts next to the root. What a Q of 0 leaves undefined is its I², not used here.
    start = (1 - _SHORT_OF) * _between_variance(effects, variances)
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = combine_effects(effects, variances, method_re="iterated", tau2_start=start)
    return Pooled(
        estimates=dict(estimates),
        estimate=float(fit.mean_effect_re),
        standard_error=float(fit.sd_eff_w_re),
        tau2=float(fit.tau2),
        q=max(0.0, float(fit.q)),
        weights=dict(zip(estimates, map(float, fit.weights_rel_re), strict=True)),
        unit=units.pop(),
    )


def _between_variance(effects: NDArray[np.float64], variances: NDArray[np.float64]) -> float:
    """The τ² at which the weighted sum of squares is its expectation, k − 1; 0 if it is below."""

    def excess(tau2: float) -> float:
        weights = 1 / (variances + tau2)
        mean = weights @ effects / weights.sum()
        return float(weights @ (effects - mean) ** 2) - (effects.size - 1)

    if excess(0.0) <= 0:
        return 0.0
    # At the sample variance the sum is below k − 1, however small the variances within.
    return float(optimize.brentq(excess, 0.0, 2 * float(effects.var(ddof=1)), xtol=1e-300))
