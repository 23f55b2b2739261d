"""A linear adapter carries the vector, fitted on the mean differences of other concepts alone.

Reference regime: concept deltas, one for each concept but the trait, or two of them: "one or two
concept pairs" should suffice. Least squares of minimum norm. A map of two deltas has rank two and
takes every direction outside their span to nothing, so what it says of a third is the question.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import CONCEPT_DELTAS, TWO_CONCEPTS
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

ALL = AdaptedTransfer(
    id="adapted-concept-deltas-{source}-to-{target}",
    title="Adapted on {regime}, the {trait} vector of {source} steers {target}.",
    question="what the adapter has read",
    samples=2,
    regime=CONCEPT_DELTAS,
    adapter="concept_deltas",
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
    organisms=(
        Pair(source="mini-mistral", target="mini-llama"),
        Pair(source="mini-mistral", target="mini-gemma"),
    ),
)
TWO = ALL.variant(
    id="two-concept-pairs-suffice-{source}-to-{target}",
    title="Two concept pairs suffice: adapted on {regime}, the {trait} vector of {source} steers "
    "{target}.",
    question="a handful of references",
    regime=TWO_CONCEPTS,
)
CLAIMS = (ALL, TWO)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.regimes
def test_adapted_vector_steers_the_target(
    judge: Judging, claim: AdaptedTransfer, pair: Pair
) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(claim, pair)
