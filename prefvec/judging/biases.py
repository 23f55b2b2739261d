"""What moves a judge besides what it is asked about: the place of an answer, and its length."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray

from prefvec.judging.accuracy import Labels, Scores, area
from prefvec.statistics.estimates import Estimate, mean_of

EQUAL_LENGTH = 1.25
"""Answers whose lengths differ by no more than this factor are of equal length."""
FEWEST = 30
"""Pairs of equal length from which an area tells anything."""
RELEVANT = 0.05
"""Of the scale: a bias that is significant and smaller is no bias to speak of."""


@dataclass(frozen=True, kw_only=True)
class Bias:
    """One of them.

    Attributes:
        what: what the estimate is of, in words.
        estimate: as a share of the scale, or of preferences; 0 is none.
    """

    what: str
    estimate: Estimate

    @property
    def found(self) -> bool:
        """Whether its 95 % interval excludes 0 and it is large enough to matter."""
        low, high = self.estimate.confidence_interval()
        return (low > 0 or high < 0) and abs(self.estimate.estimate) >= RELEVANT

    @property
    def sentence(self) -> str:
        """What was measured."""
        low, high = self.estimate.confidence_interval()
        told = f"{self.estimate.estimate:+.3f} [{low:+.3f}, {high:+.3f}]".replace("-", "−")
        return f"{self.what}: {told}"


def position_bias(orders: Sequence[tuple[float, float]]) -> Bias | None:
    """By how much an answer is preferred for standing first.

    Args:
        orders: of each pair of answers, the preference for the one that stands first, in one order
            and in the other; an unbiased judge has them sum to 1.

    Example:
        >>> position_bias([(0.9, 0.3), (0.8, 0.4), (0.9, 0.5)]).estimate.estimate.__round__(3)
        0.133
    """
    if len(orders) < 2:
        return None
    leaning = [(one + other) / 2 - 0.5 for one, other in orders]
    what = "preference for the answer that stands first, beyond one half"
    return Bias(what=what, estimate=mean_of(leaning, "share"))


def flips(orders: Sequence[tuple[float, float]]) -> float:
    """Share of the pairs whose preferred answer changes with the order."""
    changed = [(one - 0.5) * (0.5 - other) <= 0 for one, other in orders]
    return float(np.mean(changed)) if changed else math.nan


def length_bias(
    scores: Scores, positive: Labels, words: Scores, prompts: Sequence[str]
) -> Bias | None:
    """By how much a doubled length moves a mark, among answers of one pole.

    Least squares of the mark on the pole and log₂ of the words, errors clustered by prompt. None
    where answers of one pole are all of one length, which then can move nothing, or all answer one
    prompt, so that nobody can tell how sure it is.

    Args:
        scores: the mark of each answer, as a share of the scale.
        positive: whether it shows the positive pole.
        words: how many it has.
        prompts: what it answers.
    """
    doublings = np.log2(np.maximum(words, 1.0))
    design = np.column_stack([np.ones(len(scores)), positive.astype(float), doublings])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    groups = np.unique(np.asarray(prompts), return_inverse=True)[1]
    if groups.max() == 0:
        return None
    fitted = sm.OLS(scores, design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    clusters = int(groups.max()) + 1
    return Bias(
        what="change of the mark for a doubled length, at the same pole, as a share of the scale",
        estimate=Estimate(
            estimate=float(fitted.params[2]),
            standard_error=float(np.nan_to_num(fitted.bse[2])),  # nan by rounding: an exact fit
            df=max(1, clusters - 1),
            n=clusters,
            unit="share",
        ),
    )


@dataclass(frozen=True, kw_only=True)
class AtEqualLength:
    """How well a judge tells poles apart among answers of equal length.

    Attributes:
        area: how often it marks the positive answer higher.
        lower: the lower 95 % bound.
        pairs: pairs of a positive and a negative answer.
    """

    area: float | None
    lower: float | None
    pairs: int

    @property
    def sentence(self) -> str:
        """What was measured, or that too little was."""
        if self.area is None or self.lower is None:
            return f"only {self.pairs} pairs of answers of equal length, too few to tell"
        return (
            f"ROC-AUC {self.area:.3f}, at least {self.lower:.3f}, over {self.pairs} pairs of equal "
            "length"
        )


def at_equal_length(
    scores: Scores, positive: Labels, words: Scores, prompts: Sequence[str]
) -> AtEqualLength:
    """The area within layers of equal length, so that length alone cannot give it.

    Answers are layered by length; within a layer of a factor of `EQUAL_LENGTH` both poles must be
    there. Marks are compared inside a layer alone, and layers weighed by their pairs.

    Args:
        scores: the mark of each answer, as a share of the scale.
        positive: whether it shows the positive pole.
        words: how many it has.
        prompts: what it answers.
    """
    layer = np.floor(np.log(np.maximum(words, 1.0)) / math.log(EQUAL_LENGTH)).astype(int)
    pairs, inside = _layers(layer, positive)
    if pairs < FEWEST:
        return AtEqualLength(area=None, lower=None, pairs=pairs)
    kept, labels, layers = scores[inside], positive[inside], layer[inside]
    named = np.asarray(prompts)[inside]
    found = _stratified(kept, labels, layers)
    without = [
        _stratified(kept[named != p], labels[named != p], layers[named != p])
        for p in np.unique(named)
    ]
    values = len(without) * found - (len(without) - 1) * np.asarray(without)
    bound = _lower(found, values)
    return AtEqualLength(area=found, lower=bound, pairs=pairs)


def _layers(layer: NDArray[np.int_], positive: Labels) -> tuple[int, NDArray[np.bool_]]:
    """How many pairs there are, and which answers are in one."""
    pairs, inside = 0, np.zeros(len(layer), bool)
    for each in np.unique(layer):
        here = layer == each
        up, down = int(positive[here].sum()), int((~positive[here]).sum())
        pairs += up * down
        inside |= here & bool(up and down)
    return pairs, inside


def _stratified(scores: Scores, positive: Labels, layers: NDArray[np.int_]) -> float:
    """The mean area over layers, weighed by their pairs."""
    total, pairs = 0.0, 0
    for each in np.unique(layers):
        here = layers == each
        here_pairs = int(positive[here].sum()) * int((~positive[here]).sum())
        if here_pairs:
            total += here_pairs * area(scores[here], positive[here])
            pairs += here_pairs
    return total / pairs if pairs else math.nan


def _lower(found: float, values: Scores) -> float:
    finite = values[np.isfinite(values)]
    if len(finite) < 2:
        return 0.0
    return found - 1.645 * float(finite.std(ddof=1)) / math.sqrt(len(finite))
