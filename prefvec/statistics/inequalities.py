"""One tested inequality: a mean over prompts, a threshold, a side, and one p-value.

The p-value is the larger of two one-sided tests, paired t and sign-flip permutation, so that
neither skewed contrasts nor few prompts make it too small.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from prefvec.statistics.estimates import (
    Alternative,
    Estimate,
    Interval,
    Scale,
    agree,
    bca_interval,
    mean_of,
    per_prompt,
    told,
)

EXHAUSTIVE_UP_TO = 15
"""With so few prompts all 2ⁿ sign patterns are visited; with more, `FLIPS` random ones."""

FLIPS = 9_999
SIGN_SEED = 3_141
AT_ONCE = 64
"""Contrasts in one matrix product: their sums over all patterns fit a processor's cache."""


@lru_cache(maxsize=8)
def sign_patterns(n: int) -> NDArray[np.float64]:
    """The sign patterns every test of n prompts shares; shape (patterns, n), entries ±1.

    All 2ⁿ of them, or `FLIPS` random ones under the pattern of no flips, with a fixed seed.
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
    """
    return float(signflip_pvalues(values[None, :])[0])


def signflip_pvalues(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The p-values of `signflip_pvalue` for many contrasts, shape (contrasts, prompts), at once.

    They share the sign patterns, so that all their sums are one matrix product.
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Inequality:
    """That the mean of `values` is above (or below) `threshold`, tested one-sided.

    Attributes:
        name: what is compared, in words.
        values: one number per prompt.
        threshold: what the mean is compared with, on the scale of the values.
        alternative: the side to be shown.
        scale: how the numbers are told.
        multiplicity: of how many comparisons this is the most extreme (Bonferroni).
        planned: the mean under the effect that runs are planned for, if one is.
        share: where the values are odd parts minus this share of the native ones.
        whole: the mean of the native ones, so that a mean can be told as a share of native.
    """

    name: str
    values: NDArray[np.float64]
    threshold: float = 0.0
    alternative: Alternative = "greater"
    scale: Scale = "log"
    multiplicity: int = 1
    planned: float | None = None
    share: float | None = None
    whole: float | None = None

    @classmethod
    def above(
        cls,
        name: str,
        values: ArrayLike,
        threshold: float = 0.0,
        scale: Scale = "log",
        *,
        planned: float | None = None,
    ) -> "Inequality":
        """The mean is above the threshold."""
        return cls(
            name=name,
            values=per_prompt(values),
            threshold=threshold,
            scale=scale,
            planned=planned,
        )

    @classmethod
    def below(
        cls,
        name: str,
        values: ArrayLike,
        threshold: float = 0.0,
        scale: Scale = "log",
        *,
        planned: float | None = None,
    ) -> "Inequality":
        """The mean is below the threshold."""
        return cls(
            name=name,
            values=per_prompt(values),
            threshold=threshold,
            alternative="less",
            scale=scale,
            planned=planned,
        )

    @cached_property
    def estimate(self) -> Estimate:
        """The mean over prompts."""
        return mean_of(self.values, self.scale)

    @cached_property
    def excess(self) -> NDArray[np.float64]:
        """By how much each prompt lies beyond the threshold, on the side to be shown."""
        beyond = self.values - self.threshold
        return beyond if self.alternative == "greater" else -beyond

    @cached_property
    def pvalue_t(self) -> float | None:
        """Paired t, one-sided; None where all prompts agree and t is undefined."""
        if agree(self.excess):
            return None
        n = self.excess.size
        mean = float(self.excess.sum()) / n
        beside = self.excess - mean
        error = math.sqrt(float(beside @ beside) / (n - 1) / n)
        # stdtr is the distribution that scipy.stats.ttest_1samp uses, without its overhead.
        return float(special.stdtr(n - 1, -mean / error))

    @cached_property
    def pvalue_signflip(self) -> float:
        """Sign-flip permutation, one-sided."""
        if self.pvalue_t is None and abs(float(self.excess[0])) <= 1e-12:
            return 1.0
        return signflip_pvalue(self.excess)

    @cached_property
    def pvalue(self) -> float:
        """The larger of the two, times the multiplicity, at most 1."""
        larger = max(self.pvalue_signflip, self.pvalue_t or 0.0)
        return min(1.0, larger * self.multiplicity)

    def holds(self, alpha: float) -> bool:
        """Whether the inequality is significant at this level."""
        # The p-value is the larger of the two, so where t alone is too large no signs are flipped.
        if min(1.0, (self.pvalue_t or 0.0) * self.multiplicity) > alpha:
            return False
        return self.pvalue <= alpha

    @cached_property
    def bca(self) -> Interval | None:
        """BCa bootstrap interval of the mean: shown beside the t interval, never deciding."""
        return bca_interval(self.values)

    @property
    def bca_disagrees(self) -> bool:
        """Whether one of the two 95 % intervals holds the threshold and the other does not."""
        if self.bca is None:
            return False
        low, high = self.estimate.confidence_interval()
        return (low <= self.threshold <= high) != (self.bca[0] <= self.threshold <= self.bca[1])

    def signflip_disagrees(self, alpha: float) -> bool:
        """Whether one of the two tests is significant at this level and the other is not."""
        if self.pvalue_t is None:
            return False
        level = alpha / self.multiplicity
        return (self.pvalue_t <= level) != (self.pvalue_signflip <= level)

    def as_share(self, mean: float) -> float | None:
        """A mean of the values as a share of native; None where there is none to compare with."""
        if self.share is None or self.whole is None or self.whole <= 0:
            return None
        return self.share + mean / self.whole

    @property
    def needed(self) -> str:
        """What the inequality asks for: "above ×1.00"."""
        side = "above" if self.alternative == "greater" else "below"
        if self.share is None:
            return f"{side} {told(self.threshold, self.scale)}"
        return f"{side} {told(self.share, 'share')} of native, a contrast {side} ×1.00"

    @property
    def measured(self) -> str:
        """What came out: "×1.62 [1.48, 1.77]"; against native, its share before that."""
        share = self.as_share(self.estimate.estimate)
        if share is None:
            return self.estimate.summary()
        return f"{told(share, 'share')} of native, the contrast {self.estimate.summary()}"


def flip_together(inequalities: Iterable[Inequality]) -> None:
    """Compute the sign-flip p-values of many inequalities in few matrix products.

    Each keeps its own, as if it had been asked for it; nothing else about them changes.
    """
    by_prompts: dict[int, list[Inequality]] = defaultdict(list)
    for inequality in inequalities:
        if inequality.pvalue_t is not None:  # else all prompts agree, which is seen to one by one
            by_prompts[inequality.excess.size].append(inequality)
    for group in by_prompts.values():
        pvalues = signflip_pvalues(np.stack([inequality.excess for inequality in group]))
        for inequality, pvalue in zip(group, pvalues, strict=True):
            vars(inequality)["pvalue_signflip"] = float(pvalue)


def equivalence(
    name: str, values: ArrayLike, margins: ArrayLike, scale: Scale = "log"
) -> tuple[Inequality, Inequality]:
    """Two one-sided tests (TOST) that a mean lies within ± the mean of the margins.

    Both must hold. The margins are themselves measured per prompt (a share of the native
    effect), so each side is a contrast; with one constant margin this is
    `statsmodels.stats.weightstats.ttost_paired` against it.
    """
    array, margin = per_prompt(values), per_prompt(margins)
    return (
        Inequality.above(f"{name} (lower margin)", array + margin, scale=scale),
        Inequality.below(f"{name} (upper margin)", array - margin, scale=scale),
    )
