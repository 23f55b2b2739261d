"""Blocks that hold similar things are better partners than blocks at the same relative depth.

The vector of every source block is carried to every target block, last blocks left out; the heat
map is of the tuning split. The block of largest linear CKA (Kornblith et al. 2019) is held against
the same relative depth and, since later blocks do more whatever they hold, against simply the last
block that is eligible, on 24 test prompts with one sample.
"""

import pytest

from prefvec.experiments.claims import Exploration, Judging
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Exceeds

DEPTH = Exploration(
    id="cka-beats-depth-{source}-to-{target}",
    title="From {source} to {target}, the {trait} vector does more at the block most similar by "
    "CKA than at the same relative depth.",
    question="layers",
    samples=2,
    study="layers",
    criterion=Exceeds(),
)
LATER = DEPTH.variant(
    id="cka-beats-later-{source}-to-{target}",
    title="From {source} to {target}, the {trait} vector does more at the block most similar by "
    "CKA than at the last eligible one.",
    study="layers, later",
)
CLAIMS = (DEPTH, LATER)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.layers
def test_similar_blocks_are_better_partners(judge: Judging, claim: Exploration, pair: Pair) -> None:
    """The odd part at the block of largest CKA exceeds that at the rival block."""
    judge(claim, pair)
