"""Two sources and a few anchors suffice.

So Kim and Han 2026 (arXiv 2605.09875) find: the cosines of two models' directions to a small pool
of anchors are averaged, and a third model's vector is made again from its own anchors. Here two
training seeds of one architecture are the sources of each target of the other one: their vectors,
each of length 1, are told by 64 turns that carry no instruction, and go into the target as one, at
its judged cell. Three seeds of either architecture are targets. The unit is the target, its share
of native that of the one vector; t with 5 degrees of freedom decides, and the sign test stands
beside. 24 prompts and one sample. Controls stand beside the claim of one source (test_anchors.py).
"""

import pytest

from prefvec.experiments.claims import BetweenModels, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.population import NARROW, TWO_OF_EACH
from prefvec.experiments.regimes import exposed
from prefvec.verdicts.between_models import Generalises

CLAIM = BetweenModels(
    id="two-sources-and-few-anchors-suffice",
    title="Two sources and 64 anchors suffice: the mean of their {trait} vectors steers whichever "
    "model of another architecture.",
    question="anchors",
    samples=1,
    sources=TWO_OF_EACH,
    targets=NARROW,
    regime=exposed(0.0),
    adapter="anchors",
    together=True,
    criterion=Generalises(share_of_native=0.5, alternative="greater", targets=6),
)


@pytest.mark.slow
@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.seeds
def test_two_sources_and_few_anchors_suffice(judge: Judging, pair: Pair) -> None:
    """Over targets, on average more than half of native."""
    judge(CLAIM, pair)
