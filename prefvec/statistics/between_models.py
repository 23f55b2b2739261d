"""From shares by source and target to a sentence about models.

The unit is the target: its share is the mean over its sources, and whatever one target has in
common with itself counts once. Ordered pairs are no units: with a spread between targets, a t test
over the 30 ordered pairs of 6 models rejects a true null in 13 to 29 % of runs at a nominal 5 %.
The sources are those of the run: the sentence is about further targets, not about further sources.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from prefvec.errors import PrefvecError
from prefvec.statistics.estimates import Estimate, Interval, mean_of
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told, told_interval
from prefvec.vocabulary import Alternative


@dataclass(frozen=True, kw_only=True)
class TargetShares:
    """Shares of what a target does to itself, by target and by source within it.

    Attributes:
        shares: for each target, the share of every source's vector, as a fraction of 1.
        kin: for each target, what it shares with its siblings: models of one architecture and
            budget that differ in their training seed.

    Example:
        >>> shares = TargetShares(
        ...     shares={"a1": {"b": 0.1, "c": 0.3}, "a2": {"b": 0.2}, "b": {"a1": 0.0}},
        ...     kin={"a1": "a", "a2": "a", "b": "b"},
        ... )
        >>> shares.estimate.summary()
        '13 % [−15, 42]'
    """

    shares: Mapping[str, Mapping[str, float]]
    kin: Mapping[str, str]

    def __post_init__(self) -> None:
        empty = [target for target, by_source in self.shares.items() if not by_source]
        found = [share for by_source in self.shares.values() for share in by_source.values()]
        if len(self.shares) < 2 or empty or not np.isfinite(found).all():
            raise PrefvecError(
                f"Shares of {len(self.shares)} targets ({', '.join(empty) or 'none'} without a "
                f"source, {int((~np.isfinite(found)).sum())} not finite) say nothing of models. "
                "Measure at least two targets, each with a source, whose own vectors steer them."
            )

    @classmethod
    def of_pairs(
        cls, shares: Mapping[tuple[str, str], float], kin: Mapping[str, str]
    ) -> "TargetShares":
        """From shares by source and target, in the order of their targets.

        Args:
            shares: by source and target.
            kin: of every target.

        Raises:
            PrefvecError: for fewer than two targets, or a share that is not finite.
        """
        by_target: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for (source, target), share in shares.items():
            by_target[target][source] = share
        return cls(shares=dict(by_target), kin={target: kin[target] for target in by_target})

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Each target's mean over its sources, shape (targets,)."""
        means = [sum(by.values()) / len(by) for by in self.shares.values()]
        return np.array(means, dtype=np.float64)

    @property
    def m(self) -> int:
        """How many targets there are."""
        return len(self.shares)

    @cached_property
    def estimate(self) -> Estimate:
        """The mean over targets, by t with m − 1 degrees of freedom."""
        return mean_of(self.values, "share")

    def prediction_interval(self, level: float = 0.95) -> Interval:
        """Where the share of a further target lies: mean ± t(m − 1)·s·√(1 + 1/m).

        Args:
            level: its coverage, between 0 and 1.
        """
        half = float(stats.t.ppf((1 + level) / 2, self.m - 1)) * float(self.values.std(ddof=1))
        half *= math.sqrt(1 + 1 / self.m)
        return self.estimate.estimate - half, self.estimate.estimate + half

    @cached_property
    def spread_of_seeds(self) -> float | None:
        """Standard deviation between targets of one architecture, pooled; None without siblings."""
        groups = self._groups
        df = self.m - len(groups)
        if df == 0:
            return None
        return math.sqrt(sum(float(((g - g.mean()) ** 2).sum()) for g in groups) / df)

    @cached_property
    def spread_of_architectures(self) -> float | None:
        """Standard deviation between architectures, beyond what seeds explain.

        By the analysis of variance (one way, at least 0); None of one architecture, or where no
        target has a sibling, so that the two spreads cannot be told apart.
        """
        groups, seeds = self._groups, self.spread_of_seeds
        if len(groups) < 2 or seeds is None:
            return None
        sizes, grand = np.array([g.size for g in groups]), self.values.mean()
        between = sum(g.size * float(g.mean() - grand) ** 2 for g in groups) / (len(groups) - 1)
        per_group = (self.m - float((sizes**2).sum()) / self.m) / (len(groups) - 1)
        return math.sqrt(max(0.0, (between - seeds**2) / per_group))

    @property
    def spreads(self) -> str:
        """Both spreads in words."""
        ways = {
            "between training seeds within an architecture": self.spread_of_seeds,
            "between architectures": self.spread_of_architectures,
        }
        found = [f"{told(sd, 'share')} {way}" for way, sd in ways.items() if sd is not None]
        return f"standard deviation {' and '.join(found)}" if found else "no spread estimable"

    def summary(self) -> str:
        """The mean with its interval, that of a further target, and the spreads."""
        further = told_interval(*self.prediction_interval(), "share")
        return (
            f"The mean over {self.m} targets is {self.estimate.summary()}; a further target is "
            f"predicted in {further} % ({self.spreads})."
        )

    def record(self) -> dict[str, Any]:
        """Plain Python types; a figure of kind "forest" but for its id, title and caption.

        A row for each target, with an interval over its sources where it has several, and the
        mean under them.
        """
        rows = [
            {"label": target, **_over_sources([*by_source.values()])}
            for target, by_source in self.shares.items()
        ]
        low, high = self.prediction_interval()
        mean = {
            "label": f"mean over targets (m = {self.m})",
            "pooled": True,
            **self.estimate.record(),
            "predicted": {"low": low, "high": high},
        }
        return {"kind": "forest", "scale": "share", "rows": [*rows, mean]}

    @cached_property
    def _groups(self) -> list[NDArray[np.float64]]:
        groups: defaultdict[str, list[float]] = defaultdict(list)
        for target, value in zip(self.shares, self.values, strict=True):
            groups[self.kin[target]].append(float(value))
        return [np.array(group) for group in groups.values()]


class OverTargets(Inequality):
    """An inequality over targets: t with m − 1 degrees of freedom decides.

    With few targets sign-flip permutation has few p-values to give (of 6, none below 1/64); it is
    kept beside t, like the sign test.
    """

    @cached_property
    def pvalue(self) -> float:
        """By t; by the sign test where all targets agree and t is undefined."""
        found = self.pvalue_t if self.pvalue_t is not None else self.pvalue_sign
        return min(1.0, found * self.multiplicity)

    def holds(self, alpha: float) -> bool:
        """Whether the inequality is significant at this level."""
        return self.pvalue <= alpha

    def signflip_disagrees(self, alpha: float) -> bool:
        """Never of note: t decides."""
        return False

    @property
    def beyond(self) -> int:
        """How many targets lie beyond the threshold, on the side that is to be shown."""
        return int((self.excess > 0).sum())

    @cached_property
    def pvalue_sign(self) -> float:
        """The sign test, one-sided: a target upon the threshold counts against."""
        count = int(self.excess.size)
        return float(stats.binomtest(self.beyond, count, 0.5, alternative="greater").pvalue)


def against(
    shares: TargetShares,
    threshold: float,
    alternative: Alternative,
    *,
    of: str,
    planned: float | None = None,
) -> OverTargets:
    """That the mean share over targets lies above, or below, a threshold.

    Args:
        shares: by target.
        threshold: as a fraction of 1.
        alternative: which.
        of: what they are shares of.
        planned: the mean under the effect that runs are planned for, if one is.
    """
    side = "above" if alternative == "greater" else "below"
    return OverTargets(
        name=f"mean share of {of} {side} {told(threshold, 'share')}",
        values=shares.values,
        threshold=threshold,
        alternative=alternative,
        scale="share",
        planned=planned,
    )


def _over_sources(shares: list[float]) -> dict[str, float | None]:
    if len(shares) < 2:
        return {"estimate": shares[0], "low": None, "high": None}
    return {**mean_of(shares, "share").record()}
