"""Simulated contrasts at their thresholds: how often each method is wrong, and they disagree."""

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from prefvec.calibration.simulated_claims import ALPHA, Play
from prefvec.calibration.simulation import AT_MARGIN, NATIVE, Scenes, share_of
from prefvec.statistics.inequalities import Inequality, flipped_together
from prefvec.verdicts.criteria import Fails, Steers
from prefvec.verdicts.rules import ONE_MORE_PROMPT

SIGNIFICANT = "significant"
T_ALONE, FLIPS_ALONE = "significant by t alone", "significant by sign flips alone"
BOOTSTRAPPED = "bootstrapped"
T_EXCLUDES, BCA_EXCLUDES = "t interval misses the truth", "BCa interval misses the truth"
DISAGREE = "t and BCa intervals disagree"

ONE_IN_TEN = 10
"""Of ten runs one is bootstrapped, or that would take longer than all the rest."""

Contrasts = Callable[[Scenes], list[Inequality]]
"""One inequality of each run, whose threshold is the true mean."""


def methods(contrasts: Contrasts) -> Play:
    """Count what is significant, and what is by one method alone."""

    def play(scenes: Scenes) -> Counter[str]:
        counts: Counter[str] = Counter()
        found = flipped_together(contrasts(scenes))
        for contrast in found:
            by_t = contrast.pvalue_t is None or contrast.pvalue_t <= ALPHA
            by_flips = contrast.pvalue_signflip <= ALPHA
            counts[SIGNIFICANT] += by_t and by_flips
            counts[T_ALONE] += by_t and not by_flips
            counts[FLIPS_ALONE] += by_flips and not by_t
        for contrast in found[::ONE_IN_TEN]:
            if contrast.bca is None:
                continue
            counts[BOOTSTRAPPED] += 1
            counts[T_EXCLUDES] += _misses(contrast.estimate.confidence_interval(), contrast)
            counts[BCA_EXCLUDES] += _misses(contrast.bca, contrast)
            counts[DISAGREE] += contrast.bca_disagrees
        return counts

    return play


def no_effect(scenes: Scenes) -> list[Inequality]:
    """An arm that does nothing lengthens at the full dose."""
    return [Inequality.above("longer", arm.effects[1.0]) for arm in scenes.arm("null")]


def share_of_native(scenes: Scenes) -> list[Inequality]:
    """A raw arm of exactly φ of the native one lies below that share."""
    share = Fails().share_of_native
    natives, raws = scenes.arm("native", *NATIVE), scenes.arm("raw", *share_of(NATIVE, share))
    return [
        Inequality.below("share", raw.odd - share * native.odd)
        for raw, native in zip(raws, natives, strict=True)
    ]


def coherence(scenes: Scenes) -> list[Inequality]:
    """An arm that loses exactly the margin of coherent answers keeps more."""
    margin = -Steers().coherence_margin
    return [
        Inequality.above(
            "coherence", arm.coherence_change(1.0), margin, "points", assumed=ONE_MORE_PROMPT
        )
        for arm in scenes.arm("native", *NATIVE, coherent=AT_MARGIN)
    ]


def skewed_above(scenes: Scenes) -> list[Inequality]:
    """Exponential numbers lie above their mean: skewness 2, far beyond what answers show."""
    return [Inequality.above("skewed", row) for row in _exponential(scenes)]


def skewed_below(scenes: Scenes) -> list[Inequality]:
    """Exponential numbers lie below their mean."""
    return [Inequality.below("skewed", row) for row in _exponential(scenes)]


def _exponential(scenes: Scenes) -> NDArray[np.float64]:
    return scenes.rng.exponential(size=(scenes.runs, len(scenes.prompts))) - 1


def _misses(interval: tuple[float, float], contrast: Inequality) -> bool:
    return not interval[0] <= contrast.threshold <= interval[1]
