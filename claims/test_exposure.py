"""A map that has read more of the trait carries more of it: the dose-response of exposure.

Adapters on held-out turns of which 0, 1, 2, 5 and 20 % ask for the trait, one pole a question and
in words that extraction does not use. An exploration on 24 prompts with one sample; the claim is
the contrast of its two ends.
"""

import pytest

from prefvec.experiments.claims import Exploration, Judging
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Exceeds

CLAIM = Exploration(
    id="exposure-carries-{source}-to-{target}",
    title="From {source} to {target}, a map exposed to the {trait} instructions in 20 % of its "
    "rows carries more than one exposed to none.",
    question="what the adapter has read",
    samples=2,
    study="exposure",
    criterion=Exceeds(),
)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.regimes
def test_more_exposure_carries_more(judge: Judging, pair: Pair) -> None:
    """The odd part at 20 % exposure exceeds that at none."""
    judge(CLAIM, pair)
