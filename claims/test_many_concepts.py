"""One mapper carries many concepts, each of them left out of what it has read.

Huang et al. 2025 fit one map and carry several concepts through it. Here the recipe is one: ridge
regression on held-out turns of which 5 % carry an instruction of each concept *but the judged
one*, so every concept is carried by a map that was never shown it. Each is measured by its own
balance of sentences in the world's grammar, against the target's own vector of that concept. Four
more concepts are in `test_more_concepts.py`, which takes longer. Tense and courtesy are left out:
on the tuning split the organisms' own vectors move neither (×1.2 at most), so a transfer could show
nothing.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import OTHER_CONCEPTS
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, SMALL_ODDS_RATIO, Works

VERBOSITY = AdaptedTransfer(
    id="one-mapper-{trait}-{source}-to-{target}",
    title="Adapted on {regime}, the {trait} vector of {source} steers {target}.",
    question="one mapper, many concepts",
    samples=2,
    trait="verbosity",
    regime=OTHER_CONCEPTS,
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
    organisms=(Pair(source="mini-mistral", target="mini-llama"),),
)
OTHERS = VERBOSITY.of_traits(
    "formality",
    criterion=Works(at_least=SMALL_ODDS_RATIO, share_of_native=0.5, coherence_margin=0.10),
)
CLAIMS = (VERBOSITY, *OTHERS)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.concepts
def test_adapted_vector_steers_the_target(
    judge: Judging, claim: AdaptedTransfer, pair: Pair
) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(claim, pair)
