"""What so many prompts can show: power, smallest detectable mean, prompts needed.

All by the power of the one-sided t test (statsmodels `TTestPower`), with the spread over prompts
as it was measured. Power at the measured *mean* is never computed: it only restates the p-value.
"""

import math

from scipy.optimize import brentq
from statsmodels.stats.power import TTestPower

from prefvec.statistics.estimates import mean_of
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.signflips import FLIPS

POWER = 0.8
"""The power that the smallest detectable mean and the prompts needed are stated for."""

FEASIBLE_PROMPTS = 5_000
"""Beyond so many prompts, more of them are not called a way to decide."""

LARGEST_EFFECT = 50.0
"""In standard deviations; beyond it any number of prompts shows the effect."""


def power_at(inequality: Inequality, mean: float, alpha: float) -> float:
    """The chance that the inequality is significant if its true mean is `mean`.

    Args:
        inequality: with its prompts and their spread.
        mean: on the scale of its values.
        alpha: the level, before the inequality's own multiplicity.

    Example:
        >>> longer = Inequality.above("longer", [0.4, 0.1, 0.3, -0.2])
        >>> round(power_at(longer, 0.0, alpha=0.05), 3)
        0.05
    """
    distance = mean - inequality.threshold
    distance = distance if inequality.alternative == "greater" else -distance
    spread = _spread(inequality)
    if spread == 0:
        return float(distance > 0)
    effect = min(LARGEST_EFFECT, distance / spread)
    return _power(effect, inequality.tested.size, alpha / inequality.multiplicity)


def minimum_detectable(inequality: Inequality, alpha: float, power: float = POWER) -> float | None:
    """The mean nearest the threshold that would be shown with this power; None if none would.

    Args:
        inequality: with its prompts and their spread; the mean is on the scale of its values.
        alpha: the level, before the inequality's own multiplicity.
        power: between α and 1.

    Example:
        >>> longer = Inequality.above("longer", [0.4, 0.1, 0.3, -0.2, 0.5, 0.1])
        >>> detectable = minimum_detectable(longer, alpha=0.05)
        >>> round(power_at(longer, detectable, alpha=0.05), 6)
        0.8
    """
    level, n = alpha / inequality.multiplicity, inequality.tested.size
    if _power(LARGEST_EFFECT, n, level) < power or n < (_fewest_prompts(level) or math.inf):
        return None
    effect = float(brentq(lambda d: _power(d, n, level) - power, 0.0, LARGEST_EFFECT, xtol=1e-9))
    distance = effect * _spread(inequality)
    return inequality.threshold + (distance if inequality.alternative == "greater" else -distance)


def prompts_needed(inequality: Inequality, alpha: float, power: float = POWER) -> int | None:
    """How many prompts would show it with this power, if mean and spread are as measured.

    At least as many as the sign flips need to reach the level. None if the mean lies on the wrong
    side, or if it would take more than `FEASIBLE_PROMPTS`.

    Args:
        inequality: with its prompts, their mean and their spread.
        alpha: the level, before the inequality's own multiplicity.
        power: between α and 1.

    Example:
        >>> prompts_needed(Inequality.above("longer", [0.4, 0.1, 0.3, -0.2]), alpha=0.05)
        21
    """
    mean, spread = float(inequality.excess.mean()), _spread(inequality)
    level = alpha / inequality.multiplicity
    fewest = _fewest_prompts(level)
    if mean <= 0 or fewest is None:
        return None
    # Beyond an effect of 3 standard deviations the smallest sample decides in any case.
    effect = min(3.0, mean / spread) if spread > 0 else 3.0
    low, high = fewest - 1, fewest
    while _power(effect, high, level) < power:
        low, high = high, 2 * high
        if low > FEASIBLE_PROMPTS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _power(effect, middle, level) >= power else (middle, high)
    return high if high <= FEASIBLE_PROMPTS else None


def _spread(inequality: Inequality) -> float:
    """Over what the test counts; as exactly 0 as the mean's error is where all agree."""
    return mean_of(inequality.tested).standard_error * math.sqrt(inequality.tested.size)


def _fewest_prompts(level: float) -> int | None:
    """The fewest prompts whose sign flips can reach a level; None if random flips never can."""
    return max(2, math.ceil(-math.log2(level))) if level >= 1 / (FLIPS + 1) else None


def _power(effect: float, n: int, alpha: float) -> float:
    value = TTestPower().power(effect, n, alpha, alternative="larger")
    # The noncentral t runs out of digits only where the power is 1.
    return 1.0 if math.isnan(value) else float(value)
