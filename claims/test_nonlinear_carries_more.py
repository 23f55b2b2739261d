"""A non-linear adapter carries more than a linear one.

An autoencoder with one hidden layer of ReLU units, as Oozeer et al. 2025 (arXiv 2503.04429) map
between models, and ridge regression are fitted to the same rows. Each carries the source's vector
to the target's judged cell, where both are written at the same κ. The contrast is the odd part of
what the autoencoder carries less that of what ridge regression does, prompt by prompt, and must
exceed half of D, the smallest effect of interest; by rank among random directions, shuffled
autoencoders and random source directions through the real one chance must not do as much. Coherence
is shown. Reference regime: exposure 0, the one with most rows, none of which asks for the trait.
"""

import pytest

from prefvec.experiments.claims import AdapterExceeds, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSURE_0
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Exceeds

CLAIM = AdapterExceeds(
    id="{adapter}-exceeds-{over}-{source}-to-{target}",
    title="Fitted to the same neutral turns, {adapter} carries more of the {trait} vector of "
    "{source} into {target} than {over} does.",
    question="a map that is not linear",
    samples=2,
    regime=EXPOSURE_0,
    adapter="autoencoder",
    over="ridge",
    criterion=Exceeds(margin=LONGER_BY_A_QUARTER / 2),
    organisms=(
        Pair(source="mini-mistral", target="mini-llama"),
        Pair(source="mini-mistral", target="mini-gemma"),
    ),
)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.regimes
def test_autoencoder_carries_more_than_ridge_regression(judge: Judging, pair: Pair) -> None:
    """By half of the smallest effect of interest, and beyond chance."""
    judge(CLAIM, pair)
