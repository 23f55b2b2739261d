"""The findings over again from resampled splits, pooled over model pairs.

Vectors from random halves of the contrast pairs and adapters from random halves of their rows, in
every ordered pair of the run's models (Braun et al. 2025 find steering vectors unreliable from
sample to sample). A random-effects mean over pairs; the claim holds the pairs' mean to the smallest
effect of interest.
"""

import pytest

from prefvec.experiments.claims import Exploration, Judging
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Exceeds

CLAIM = Exploration(
    id="resampled-adapted-over-pairs",
    title="Over all pairs of the run's models and resampled splits, the adapted {trait} vector "
    "does more than the smallest effect of interest.",
    question="resampled splits",
    samples=2,
    study="resampling",
    over_pairs=True,
    criterion=Exceeds(margin=LONGER_BY_A_QUARTER),
)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.resampled
def test_adapted_vectors_steer_over_pairs(judge: Judging, pair: Pair) -> None:
    """The mean over model pairs exceeds the smallest effect of interest."""
    judge(CLAIM, pair)
