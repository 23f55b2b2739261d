"""How well a judge tells two poles apart, with lower bounds that hold for few answers as well.

Two answers to one prompt are not independent, so the prompt is left out as a whole (jackknife); and
a judge that made no error among few answers has no spread, so each bound is also one that follows
from counts. The lower of the two is the bound.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from prefvec.errors import PrefvecError

LEVEL = 0.95
"""Of one-sided lower bounds."""
Scores = NDArray[np.float64]
Labels = NDArray[np.bool_]


def area(scores: Scores, positive: Labels) -> float:
    """Area under the ROC curve: how often a positive answer is marked higher, ties as half.

    Example:
        >>> area(np.array([0.9, 0.4, 0.4, 0.1]), np.array([True, True, False, False]))
        0.875
    """
    up, down = scores[positive], scores[~positive]
    if not len(up) or not len(down):
        return math.nan
    down = np.sort(down)
    below, not_above = (np.searchsorted(down, up, side) for side in ("left", "right"))
    return float((below + not_above).mean() / (2 * len(down)))


def area_lower(scores: Scores, positive: Labels, prompts: Sequence[str]) -> float:
    """The lower bound of the area.

    By counts: the score interval of Newcombe (2006, "Confidence intervals for an effect size
    measure based on the Mann–Whitney statistic. Part 2", Statistics in Medicine 25, 559-573,
    method 5), which takes the variance of Hanley & McNeil at the bound itself.

    Args:
        scores: one an answer.
        positive: whether the answer is of the positive pole.
        prompts: what it is an answer to.
    """
    found = area(scores, positive)
    up, down = int(positive.sum()), int((~positive).sum())
    by_counts = _newcombe(found, up, down)
    return min(by_counts, _jackknife_lower(area, found, scores, positive, prompts))


def kappa(judged: Labels, positive: Labels) -> float:
    """Cohen's κ (1960): agreement beyond what the two margins give by chance.

    Example:
        >>> judged = np.array([True, True, False, False, True])
        >>> round(kappa(judged, np.array([True, True, False, False, False])), 3)
        0.615
    """
    agreed, chance = _agreement(judged, positive)
    return (agreed - chance) / (1 - chance) if chance < 1 else 0.0


def kappa_lower(judged: Labels, positive: Labels, prompts: Sequence[str]) -> float:
    """The lower bound of κ.

    By counts: the bound of Clopper & Pearson (1934) for the share of agreement, at its margins.
    """
    agreed, chance = _agreement(judged, positive)
    n = len(judged)
    right = round(agreed * n)
    least = float(stats.beta.ppf(1 - LEVEL, right, n - right + 1)) if right else 0.0
    by_counts = (least - chance) / (1 - chance) if chance < 1 else 0.0
    found = kappa(judged, positive)
    return min(by_counts, _jackknife_lower(kappa, found, judged, positive, prompts))


def require_labelled(positive: Labels, prompts: Sequence[str], least: int) -> None:
    """Refuse a labelled set that cannot tell: too few prompts, or one pole alone.

    Raises:
        PrefvecError: saying which.
    """
    if len(set(prompts)) < least or positive.all() or not positive.any():
        raise PrefvecError(
            f"{len(positive)} answers to {len(set(prompts))} prompts, {int(positive.sum())} of the "
            f"positive pole, cannot tell how good a judge is. Label answers of both poles to at "
            f"least {least} prompts."
        )


def _agreement(judged: Labels, positive: Labels) -> tuple[float, float]:
    agreed = float((judged == positive).mean())
    p, q = float(judged.mean()), float(positive.mean())
    return agreed, p * q + (1 - p) * (1 - q)


def _newcombe(found: float, up: int, down: int) -> float:
    more, z = (up + down) / 2 - 1, float(stats.norm.ppf(LEVEL))

    def beyond(true: float) -> float:
        by_rank = 1 + more * (1 - true) / (2 - true) + more * true / (1 + true)
        return found - true - z * math.sqrt(true * (1 - true) * by_rank / (up * down))

    if not beyond(1e-9) > 0:
        return 0.0
    return float(optimize.brentq(beyond, 1e-9, found - 1e-12 if found < 1 else 1 - 1e-9))


def _jackknife_lower(
    statistic: Callable[..., float],
    found: float,
    first: NDArray[np.generic],
    positive: Labels,
    prompts: Sequence[str],
) -> float:
    """The bound from leaving out each prompt in turn (Student t over pseudo-values)."""
    named = np.asarray(prompts)
    without = [
        statistic(first[named != prompt], positive[named != prompt])
        for prompt in dict.fromkeys(prompts)
    ]
    n = len(without)
    values = n * found - (n - 1) * np.asarray(without)
    if n < 2 or not np.isfinite(values).all():
        return -math.inf
    error = float(values.std(ddof=1)) / math.sqrt(n)
    return found - float(stats.t.ppf(LEVEL, n - 1)) * error
