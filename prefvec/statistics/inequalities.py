"""One tested inequality: a mean over prompts, a threshold, a side, and one p-value.

The p-value is the larger of two one-sided tests, paired t and sign-flip permutation, so that
neither skewed contrasts nor few prompts make it too small.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from prefvec.statistics.estimates import (
    Alternative,
    Estimate,
    Interval,
    agree,
    bca_interval,
    mean_of,
    per_prompt,
)
from prefvec.statistics.scales import told
from prefvec.statistics.signflips import signflip_pvalue, signflip_pvalues
from prefvec.vocabulary import Scale


@dataclass(frozen=True, kw_only=True, eq=False)
class Inequality:
    """That the mean of `values` is above (or below) `threshold`, tested one-sided.

    Attributes:
        name: what is compared, in words.
        values: one number per prompt, shape (prompts,).
        threshold: what the mean is compared with, on the scale of the values.
        alternative: the side to be shown.
        scale: how the numbers are told.
        multiplicity: of how many comparisons this is the most extreme (Bonferroni).
        planned: the mean under the effect that runs are planned for, if one is.
        share: where the values are differences, of parts minus this share of their wholes.
        whole: the mean of those wholes, so that a mean can be told as a share of it.
        whole_of: what the wholes are of, in a word.
        assumed: one more value that the test and the limit count, to be on the safe side; the
            mean that is told leaves it out, for nobody measured it.

    Example:
        >>> longer = Inequality.above("longer", [0.4, 0.1, 0.3, 0.2])
        >>> longer.pvalue_t < longer.pvalue == longer.pvalue_signflip == 1 / 16
        True
        >>> print(f"Needed {longer.needed}, measured {longer.measured}.")
        Needed above ×1.00, measured ×1.28, at least ×1.10.
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
    whole_of: str = "the whole"
    assumed: float | None = None

    @classmethod
    def above(
        cls,
        name: str,
        values: ArrayLike,
        threshold: float = 0.0,
        scale: Scale = "log",
        *,
        planned: float | None = None,
        assumed: float | None = None,
    ) -> "Inequality":
        """The mean is above the threshold.

        Args:
            name: what is compared, in words.
            values: one finite number for each of at least two prompts, shape (prompts,).
            threshold: on the scale of the values.
            scale: how the numbers are told.
            planned: the mean under the effect that runs are planned for, if one is.
            assumed: one more value that the test counts and the mean that is told leaves out.

        Raises:
            PrefvecError: for fewer than two prompts, or numbers that are not finite.
        """
        return cls(
            name=name,
            values=per_prompt(values),
            threshold=threshold,
            scale=scale,
            planned=planned,
            assumed=assumed,
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
        """The mean is below the threshold; arguments and errors as of `above`, nothing assumed."""
        return cls(
            name=name,
            values=per_prompt(values),
            threshold=threshold,
            alternative="less",
            scale=scale,
            planned=planned,
        )

    def knowing(self, pvalue_signflip: float) -> "Inequality":
        """A copy that need not work out this p-value, which was, together with others.

        A copy of that by `dataclasses.replace`, with other values for example, forgets it.
        """
        copy = replace(self)
        vars(copy)["pvalue_signflip"] = pvalue_signflip
        return copy

    @cached_property
    def estimate(self) -> Estimate:
        """The mean over prompts, with its paired t interval."""
        return mean_of(self.values, self.scale)

    @cached_property
    def tested(self) -> NDArray[np.float64]:
        """The values that the test counts: those measured, and the one that is assumed, if any."""
        return self.values if self.assumed is None else np.append(self.values, self.assumed)

    @cached_property
    def bound(self) -> float:
        """The one-sided 95 % limit of the mean on the tested side, which a test at 5 % agrees with.

        It is the lower limit of what must be above, and the upper one of what must be below.
        """
        known = self.estimate if self.assumed is None else mean_of(self.tested, self.scale)
        return known.bound(self.alternative)

    @cached_property
    def excess(self) -> NDArray[np.float64]:
        """By how much each tested value lies beyond the threshold on its side, shape (tested,)."""
        beyond = self.tested - self.threshold
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
        """Sign-flip permutation, one-sided; above 0."""
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
        """A mean of the values as a share of the whole; None where there is none above 0."""
        if self.share is None or self.whole is None or self.whole <= 0:
            return None
        return self.share + mean / self.whole

    @property
    def needed(self) -> str:
        """What the inequality asks for: "above ×1.00"."""
        side = "above" if self.alternative == "greater" else "below"
        if self.share is None:
            return f"{side} {told(self.threshold, self.scale)}"
        return f"{side} {told(self.share, 'share')} of {self.whole_of}, a contrast {side} ×1.00"

    @property
    def measured(self) -> str:
        """What came out, with its one-sided 95 % limit: "×1.62, at least ×1.50".

        Of a part, its share of the whole stands before that.
        """
        mean, limit = (told(each, self.scale) for each in (self.estimate.estimate, self.bound))
        found = f"{mean}, at {'least' if self.alternative == 'greater' else 'most'} {limit}"
        share = self.as_share(self.estimate.estimate)
        if share is None:
            return found
        return f"{told(share, 'share')} of {self.whole_of}, the contrast {found}"


def flipped_together(inequalities: Sequence[Inequality]) -> list[Inequality]:
    """The same inequalities, their sign-flip p-values computed in few matrix products.

    Each has the p-value that it would find by itself; nothing else about them changes.

    Example:
        >>> one, two = flipped_together(
        ...     [Inequality.above("longer", [0.4, 0.1]), Inequality.above("shorter", [-0.4, 0.1])]
        ... )
        >>> one.pvalue_signflip, two.pvalue_signflip
        (0.25, 0.75)
    """
    found = list(inequalities)
    by_prompts: dict[int, list[int]] = defaultdict(list)
    for index, inequality in enumerate(found):
        known = "pvalue_signflip" in vars(inequality)
        if not known and inequality.pvalue_t is not None:  # where all prompts agree t is undefined
            by_prompts[inequality.tested.size].append(index)
    for indices in by_prompts.values():
        pvalues = signflip_pvalues(np.stack([found[index].excess for index in indices]))
        for index, pvalue in zip(indices, pvalues, strict=True):
            found[index] = found[index].knowing(float(pvalue))
    return found


def equivalence(
    name: str, values: ArrayLike, margins: ArrayLike, scale: Scale = "log"
) -> tuple[Inequality, Inequality]:
    """Two one-sided tests (TOST) that a mean lies within ± the mean of the margins.

    Both must hold. The margins are themselves measured per prompt (a share of another effect),
    so each side is a contrast; with one constant margin this is
    `statsmodels.stats.weightstats.ttost_paired` against it.

    Args:
        name: what is compared, in words.
        values: one number per prompt, shape (prompts,).
        margins: likewise, on the same scale.
        scale: how the numbers are told.

    Raises:
        PrefvecError: for fewer than two prompts, or numbers that are not finite.
    """
    array, margin = per_prompt(values), per_prompt(margins)
    return (
        Inequality.above(f"{name} (lower margin)", array + margin, scale=scale),
        Inequality.below(f"{name} (upper margin)", array - margin, scale=scale),
    )
