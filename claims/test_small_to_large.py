"""A small model's vector, adapted, steers a large one.

Huang et al. 2025 call it weak to strong. Judged against the large model's own vector, random
directions and what asking does, never against the small model alone: the small model's effect is
no part of the criterion. Reference regime: exposed 2 %. With named models this runs under
`-m small_to_large`.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSED
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIM = AdaptedTransfer(
    id="small-to-large-{source}-to-{target}",
    title="Adapted on turns of which 2 % ask for the trait, the {trait} vector of {source}, "
    "the smaller model, steers {target}.",
    question="small to large",
    samples=2,
    regime=EXPOSED,
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
    organisms=(Pair(source="mini-llama-small", target="mini-llama"),),
)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.small_to_large
def test_vector_of_a_small_model_steers_a_large_one(judge: Judging, pair: Pair) -> None:
    """At least half of what the large model's own vector does, and more than every control."""
    judge(CLAIM, pair)
