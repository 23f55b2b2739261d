"""How one number per prompt becomes an estimate with its uncertainty.

The unit of analysis is the prompt: samples are averaged first, and n counts prompts.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from prefvec.errors import PrefvecError
from prefvec.statistics.scales import told, told_interval
from prefvec.vocabulary import Alternative, Scale

Interval = tuple[float, float]
"""Its lower and upper end."""

BOOTSTRAP_SEED = 2_718
BOOTSTRAP_RESAMPLES = 9_999


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over prompts and how well it is known.

    Attributes:
        estimate: the mean, on the scale `unit`.
        standard_error: of the mean, on the same scale; 0 where all prompts agree.
        df: degrees of freedom of the t distribution that judges it.
        n: prompts.
        unit: the scale it is told on.

    Example:
        >>> longer = Estimate(estimate=0.48, standard_error=0.045, df=95, n=96)
        >>> longer.summary()
        '×1.62 [1.48, 1.77]'
        >>> longer.pvalue(0.4) < 0.05 < longer.pvalue(0.5)
        True
    """

    estimate: float
    standard_error: float
    df: float
    n: int
    unit: Scale = "log"

    def confidence_interval(self, level: float = 0.95) -> Interval:
        """Two-sided Student t interval, on the scale of the estimate.

        Args:
            level: its coverage, between 0 and 1.
        """
        half = float(stats.t.ppf((1 + level) / 2, self.df)) * self.standard_error
        return self.estimate - half, self.estimate + half

    def bound(self, alternative: Alternative = "greater", level: float = 0.95) -> float:
        """The one-sided t limit that belongs to a one-sided test at 1 − `level`.

        Args:
            alternative: "greater" gives the lower limit, "less" the upper one.
            level: its coverage, between 0 and 1.

        Example:
            >>> longer = Estimate(estimate=0.48, standard_error=0.045, df=95, n=96)
            >>> round(longer.bound(), 3), round(longer.bound("less"), 3)
            (0.405, 0.555)
        """
        reach = float(stats.t.ppf(level, self.df)) * self.standard_error
        return self.estimate - reach if alternative == "greater" else self.estimate + reach

    def pvalue(self, threshold: float = 0.0, alternative: Alternative = "greater") -> float:
        """One-sided t test against a threshold; nan where all prompts agree.

        Args:
            threshold: on the scale of the estimate.
            alternative: the side to be shown.
        """
        if self.standard_error == 0:
            return math.nan
        statistic = (self.estimate - threshold) / self.standard_error
        return float(stats.t.sf(statistic if alternative == "greater" else -statistic, self.df))

    def record(self) -> dict[str, float]:
        """The estimate and its 95 % interval as `estimate`, `low` and `high`, on their scale."""
        low, high = self.confidence_interval()
        return {"estimate": self.estimate, "low": low, "high": high}

    def summary(self) -> str:
        """Such as "×1.62 [1.48, 1.77]"."""
        low, high = self.confidence_interval()
        return f"{told(self.estimate, self.unit)} {told_interval(low, high, self.unit)}"


def per_prompt(values: ArrayLike) -> NDArray[np.float64]:
    """One finite number per prompt, as an array of shape (prompts,).

    Raises:
        PrefvecError: for fewer than two prompts, or numbers that are not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size < 2:
        raise PrefvecError(
            f"An estimate needs one number for each of at least two prompts, got {array.shape}. "
            "Measure more prompts."
        )
    if not np.isfinite(array).all():
        raise PrefvecError(
            f"{int((~np.isfinite(array)).sum())} of {array.size} prompts have no finite number. "
            "Some have no answers that could be measured; generate them again."
        )
    return array


def agree(values: NDArray[np.float64]) -> bool:
    """Whether all prompts show one number, rounding apart, so that no variance is estimable.

    Args:
        values: one number per prompt, shape (prompts,).
    """
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def mean_of(values: ArrayLike, unit: Scale = "log") -> Estimate:
    """The mean over prompts with its usual standard error (paired t, if they are differences).

    Args:
        values: one number per prompt, shape (prompts,).
        unit: the scale they are on.

    Raises:
        PrefvecError: for fewer than two prompts, or numbers that are not finite.

    Example:
        >>> print(mean_of([0.4, 0.1, 0.3, 0.2]).summary())
        ×1.28 [1.05, 1.58]
    """
    array = per_prompt(values)
    n = array.size
    error = 0.0 if agree(array) else float(array.std(ddof=1)) / math.sqrt(n)
    return Estimate(estimate=float(array.mean()), standard_error=error, df=n - 1, n=n, unit=unit)


def clustered_mean(values: ArrayLike, clusters: ArrayLike, unit: Scale = "log") -> Estimate:
    """The mean with its error clustered, for prompts that share an entity or a topic.

    statsmodels' sandwich with its small-sample correction; df is clusters − 1. A check of
    robustness beside `mean_of`.

    Args:
        values: one number per prompt, shape (prompts,).
        clusters: what each prompt belongs to, shape (prompts,); compared as text.
        unit: the scale of the values.

    Raises:
        PrefvecError: for fewer than two clusters or prompts, labels that are not one per prompt,
            or numbers that are not finite.
    """
    array = per_prompt(values)
    codes, labels = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    if codes.size < 2 or labels.size != array.size:
        raise PrefvecError(
            f"{codes.size} clusters over {labels.size} labels cannot cluster {array.size} prompts. "
            "Give each prompt a label, of at least two kinds."
        )
    fit = sm.OLS(array, np.ones((array.size, 1))).fit(
        cov_type="cluster", cov_kwds={"groups": labels}
    )
    error = 0.0 if agree(array) else float(fit.bse[0])
    return Estimate(
        estimate=float(array.mean()),
        standard_error=error,
        df=codes.size - 1,
        n=array.size,
        unit=unit,
    )


def bca_interval(values: ArrayLike, level: float = 0.95) -> Interval | None:
    """Bias-corrected and accelerated bootstrap interval of the mean (Efron 1987, by scipy).

    Prompts are resampled, with a fixed seed. Where all prompts agree scipy gives nan; here the
    interval is that one number. None where BCa is undefined for other reasons.

    Args:
        values: one number per prompt, shape (prompts,).
        level: the interval's coverage, between 0 and 1.

    Raises:
        PrefvecError: for fewer than two prompts, or numbers that are not finite.
    """
    array = per_prompt(values)
    if agree(array):
        return float(array[0]), float(array[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        interval = stats.bootstrap(
            (array,),
            np.mean,
            method="BCa",
            confidence_level=level,
            n_resamples=BOOTSTRAP_RESAMPLES,
            rng=np.random.default_rng(BOOTSTRAP_SEED),
        ).confidence_interval
    low, high = float(interval.low), float(interval.high)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def prediction_limit(values: Sequence[float]) -> float:
    """The upper 95 % prediction limit for one more of k values: mean + t(0.95, k−1)·s·√(1 + 1/k).

    Args:
        values: at least two, of one normal distribution; the limit is on their scale.

    Example:
        >>> round(prediction_limit([0.1, -0.1, 0.2, -0.2]), 3)
        0.48
    """
    k = len(values)
    spread = float(np.std(values, ddof=1))
    return float(np.mean(values)) + float(stats.t.ppf(0.95, k - 1)) * spread * math.sqrt(1 + 1 / k)


@dataclass(frozen=True, kw_only=True)
class Share:
    """A proportion of prompts with its 95 % Wilson interval, as fractions of 1.

    Example:
        >>> Share.of([True, False, False, False]).summary()
        '25 % [5, 70]'
    """

    share: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: ArrayLike) -> "Share":
        """The share of true entries, one per prompt, shape (prompts,)."""
        array = np.asarray(hits, dtype=bool)
        count, n = int(array.sum()), int(array.size)
        low, high = proportion_confint(count, n, method="wilson")
        return cls(share=count / n, low=float(low), high=float(high))

    def summary(self) -> str:
        """Such as "2 % [0, 6]"."""
        return f"{told(self.share, 'share')} {told_interval(self.low, self.high, 'share')}"


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """One mean over prompts as a fraction of another.

    Attributes:
        ratio: nan where the other mean is 0.
        low: the lower end of its 95 % interval; None if that is unbounded.
        high: the upper end; None likewise.
    """

    ratio: float
    low: float | None
    high: float | None

    def summary(self) -> str:
        """Such as "82 % [71, 95]"."""
        if self.low is None or self.high is None:
            return f"{told(self.ratio, 'share')} (no bounded interval)"
        return f"{told(self.ratio, 'share')} {told_interval(self.low, self.high, 'share')}"


def ratio_of_means(numerator: ArrayLike, denominator: ArrayLike, level: float = 0.95) -> Ratio:
    """The ratio of two paired means with Fieller's interval (Fieller 1954).

    The interval holds every ratio r for which mean(numerator − r · denominator) does not differ
    from 0 by paired t. It is unbounded where the denominator's mean does not differ from 0.

    Args:
        numerator: one number per prompt, shape (prompts,).
        denominator: likewise, of the same prompts in the same order.
        level: the interval's coverage, between 0 and 1.

    Raises:
        PrefvecError: for fewer than two prompts, or numbers that are not finite.

    Example:
        >>> ratio_of_means([0.4, 0.5, 0.3, 0.4], [0.5, 0.6, 0.4, 0.5]).summary()
        '80 % [73, 84]'
    """
    top, bottom = per_prompt(numerator), per_prompt(denominator)
    a, b = float(top.mean()), float(bottom.mean())
    if b == 0:
        return Ratio(ratio=math.nan, low=None, high=None)
    variances = np.cov(top, bottom) / top.size
    squared_t = float(stats.t.ppf((1 + level) / 2, top.size - 1)) ** 2
    leading = b * b - squared_t * variances[1, 1]
    linear = a * b - squared_t * variances[0, 1]
    discriminant = linear**2 - leading * (a * a - squared_t * variances[0, 0])
    if leading <= 0:
        return Ratio(ratio=a / b, low=None, high=None)
    root = math.sqrt(max(0.0, discriminant))
    return Ratio(
        ratio=a / b, low=float((linear - root) / leading), high=float((linear + root) / leading)
    )
