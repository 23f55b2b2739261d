"""An effect without the judge's errors, beside the plain one.

Rogan & Gladen (1978, "Estimating prevalence from the results of a screening test", American Journal
of Epidemiology 107, 71-76): of a share judged positive p, the true share is
(p + specificity − 1) / (sensitivity + specificity − 1). Of a difference of two shares the constant
drops out, and the odd part is divided by Youden's J = sensitivity + specificity − 1.

Prediction-powered inference is not used: it needs true labels of the very answers that are
compared, and of steered answers there are none; the labelled set is unsteered. What is assumed here
is that the judge errs on steered answers as it does on labelled ones, which is why the result is
shown and decides nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prefvec.errors import PrefvecError
from prefvec.statistics.estimates import Estimate, mean_of


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How often a judge is right about answers of one pole.

    Attributes:
        right: answers it judged as they are.
        of: answers of that pole.
    """

    right: int
    of: int

    @property
    def share(self) -> float:
        """The plain share."""
        return self.right / self.of

    @property
    def shrunk(self) -> float:
        """The share with one answer of each kind added (Lang & Reiczigel 2014)."""
        return (self.right + 1) / (self.of + 2)

    @property
    def variance(self) -> float:
        """Of the shrunk share: above 0 also where the judge never erred."""
        return self.shrunk * (1 - self.shrunk) / (self.of + 2)


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """The odd part as a share of answers judged positive.

    Attributes:
        plain: as the judge has it.
        corrected: without its errors, as far as the labelled set knows them.
    """

    plain: Estimate
    corrected: Estimate

    @property
    def sentence(self) -> str:
        """Both, with 95 % intervals, in points."""
        return f"{_points(self.plain)} as judged, {_points(self.corrected)} corrected"


def true_share(judged: float, sensitivity: float, specificity: float) -> float:
    """The share of positive answers behind a share judged positive, within 0 and 1.

    Raises:
        PrefvecError: for a judge that is no better than chance, whose errors cannot be undone.

    Example:
        >>> round(true_share(0.5, 0.9, 0.7), 4)
        0.3333
    """
    youden = sensitivity + specificity - 1
    if youden <= 0:
        raise PrefvecError(
            "A judge whose sensitivity and specificity sum to no more than 1 tells nothing, so "
            "nothing can be corrected by them. Ask another judge."
        )
    return min(1.0, max(0.0, (judged + specificity - 1) / youden))


def corrected_odd(
    shares: Mapping[float, NDArray[np.float64]], sensitivity: Rate, specificity: Rate
) -> Corrected | None:
    """The odd part of the share judged positive, plain and corrected; None for a useless judge.

    The variance is that of a ratio (delta method): of the odd part over prompts, and of J by the
    counts of the labelled set.

    Args:
        shares: by the sign of the full dose, 1 and −1: of each prompt's answers, the share judged
            positive.
        sensitivity: of the judge, from its card.
        specificity: likewise.
    """
    plain = mean_of((shares[1.0] - shares[-1.0]) / 2, "share")
    youden = sensitivity.shrunk + specificity.shrunk - 1
    if youden <= 0:
        return None
    of_judge = sensitivity.variance + specificity.variance
    variance = plain.standard_error**2 / youden**2 + plain.estimate**2 * of_judge / youden**4
    corrected = replace(plain, estimate=plain.estimate / youden, standard_error=math.sqrt(variance))
    return Corrected(plain=plain, corrected=corrected)


def _points(estimate: Estimate) -> str:
    low, high = estimate.confidence_interval()
    mean, low, high = (f"{100 * value:+.1f}" for value in (estimate.estimate, low, high))
    return f"{mean} [{low}, {high}] points"
