"""How sure one number per prompt makes us of their mean: estimates, tests, power, pooling.

The unit of analysis is the prompt. A number becomes an `Estimate` with its interval (`estimates`),
is held against a threshold by an `Inequality` with one p-value (`inequalities`, `signflips`), and
`power` tells what so many prompts can show. `meta_analysis` pools estimates, `between_models` takes
the target for the unit, `survival` compares the rates at which answers end, and `scales` puts
numbers into words. What follows from a number is decided elsewhere.

Example:
    >>> longer = Inequality.above("longer", [0.4, 0.1, 0.3, 0.2, 0.5, 0.1])
    >>> print(longer.measured, told_p(longer.pvalue))
    ×1.31, at least ×1.14 p = 0.016
"""

from prefvec.statistics.between_models import OverTargets, TargetShares
from prefvec.statistics.estimates import (
    Estimate,
    Interval,
    Ratio,
    Share,
    bca_interval,
    clustered_mean,
    mean_of,
    prediction_limit,
    ratio_of_means,
)
from prefvec.statistics.inequalities import Inequality, equivalence, flipped_together
from prefvec.statistics.meta_analysis import Pooled, random_effects
from prefvec.statistics.power import minimum_detectable, power_at, prompts_needed
from prefvec.statistics.scales import told, told_dose, told_interval, told_p
from prefvec.statistics.signflips import signflip_pvalue
from prefvec.statistics.survival import EndingHazard, ending_hazard
from prefvec.vocabulary import Scale

__all__ = [
    "EndingHazard",
    "Estimate",
    "Inequality",
    "Interval",
    "OverTargets",
    "Pooled",
    "Ratio",
    "Scale",
    "Share",
    "TargetShares",
    "bca_interval",
    "clustered_mean",
    "ending_hazard",
    "equivalence",
    "flipped_together",
    "mean_of",
    "minimum_detectable",
    "power_at",
    "prediction_limit",
    "prompts_needed",
    "random_effects",
    "ratio_of_means",
    "signflip_pvalue",
    "told",
    "told_dose",
    "told_interval",
    "told_p",
]
