"""Vectors found in other ways steer the model they were taken from.

One prompt pair (ActAdd, Turner et al. 2023) and the first principal component of the uncentred
differences (RepE, Zou et al. 2023), beside the difference in means (CAA, Panickssery et al. 2023)
that the three findings rest on. Same prompts, positions, judged cell
and criterion.
"""

import pytest

from prefvec.experiments.claims import Judging, SelfSteering
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Steers

CLAIMS = SelfSteering(
    id="self-steering-by-{estimator}-{source}",
    title="Found by {estimator}, the {trait} vector of {source} steers it.",
    question="estimators",
    samples=2,
    criterion=Steers(at_least=LONGER_BY_A_QUARTER, coherence_margin=0.10),
).of_estimators("single_pair", "first_principal_component")


@pytest.mark.matrix
@pytest.mark.self_steering
@pytest.mark.estimators
def test_vector_steers_its_own_model(judge: Judging, claim: SelfSteering, pair: Pair) -> None:
    """Up when added, down when subtracted, by dose, coherent, beyond random directions."""
    judge(claim, pair)
