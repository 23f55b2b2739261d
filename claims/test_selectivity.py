"""Steering one trait leaves another alone.

The answers of the self-steering arm of one trait are measured by the other's measure, and must be
equivalent to unsteered ones: within a quarter of what the other trait's own vector does there,
either way. Both vectors must steer their own trait, lest a dead one spare everything.
"""

import pytest

from prefvec.experiments.claims import Judging, Selectivity
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Spares

VERBOSITY = Selectivity(
    id="{trait}-spares-formality-in-{source}",
    title="Steering {trait} leaves the formality of {source} alone.",
    question="selectivity",
    samples=2,
    trait="verbosity",
    spared="formality",
    criterion=Spares(share_of_native=0.25),
)
FORMALITY = VERBOSITY.variant(
    id="{trait}-spares-verbosity-in-{source}",
    title="Steering {trait} leaves the verbosity of {source} alone.",
    trait="formality",
    spared="verbosity",
)
CLAIMS = (VERBOSITY, FORMALITY)


@pytest.mark.matrix
@pytest.mark.self_steering
@pytest.mark.selectivity
def test_steering_one_trait_spares_the_other(
    judge: Judging, claim: Selectivity, pair: Pair
) -> None:
    """Equivalent to no steering, within a quarter of the other trait's own effect."""
    judge(claim, pair)
