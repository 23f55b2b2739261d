"""One mapper carries many concepts: four more of them, each left out of what it has read.

As `test_many_concepts.py`, for enthusiasm, certainty, listing and person. It is slow for its cells:
two models have to find where each concept is judged.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import OTHER_CONCEPTS
from prefvec.verdicts.criteria import SMALL_ODDS_RATIO, Works

ENTHUSIASM = AdaptedTransfer(
    id="one-mapper-{trait}-{source}-to-{target}",
    title="Adapted on {regime}, the {trait} vector of {source} steers {target}.",
    question="one mapper, many concepts",
    samples=2,
    trait="enthusiasm",
    regime=OTHER_CONCEPTS,
    criterion=Works(at_least=SMALL_ODDS_RATIO, share_of_native=0.5, coherence_margin=0.10),
    organisms=(Pair(source="mini-mistral", target="mini-llama"),),
)
CLAIMS = (
    ENTHUSIASM,
    *ENTHUSIASM.of_traits("certainty", "listing", "person", criterion=ENTHUSIASM.criterion),
)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.concepts
def test_adapted_vector_steers_the_target(
    judge: Judging, claim: AdaptedTransfer, pair: Pair
) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(claim, pair)
