"""Copied raw, vectors fail between models of different architectures, whichever they are.

A verdict about one pair is about one draw of two training runs. Here three training seeds of each
of two architectures of one width are sources and targets: every vector goes into every model of
the other architecture, at that target's judged cell. The unit is the target, its share of native
the mean over its sources; t with 5 degrees of freedom decides, and the sign test stands beside.
Pairs of seeds of one architecture are shown apart. 24 prompts and one sample.
"""

import pytest

from prefvec.experiments.claims import BetweenModels, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.population import NARROW
from prefvec.verdicts.between_models import Generalises

CLAIM = BetweenModels(
    id="raw-fails-between-models",
    title="Copied raw between architectures, {trait} vectors fail to steer whichever model.",
    question="between models",
    samples=1,
    sources=NARROW,
    targets=NARROW,
    criterion=Generalises(share_of_native=0.25, alternative="less", targets=6),
)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.raw
@pytest.mark.seeds
def test_raw_vectors_fail_between_models(judge: Judging, pair: Pair) -> None:
    """Over targets, on average less than a quarter of native."""
    judge(CLAIM, pair)
