"""Vectors found in other ways are carried across as well as the difference in means.

The same adapters on turns of which 2 % ask for the trait, judged against the target's own
difference in means: the reference does not change with the estimator.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSED
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIMS = AdaptedTransfer(
    id="adapted-by-{estimator}-{source}-to-{target}",
    title="Found by {estimator} and adapted on turns of which 2 % ask for the trait, the {trait} "
    "vector of {source} steers {target}.",
    question="estimators",
    samples=2,
    regime=EXPOSED,
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
).of_estimators("single_pair", "first_principal_component")


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.estimators
def test_adapted_vector_steers_the_target(
    judge: Judging, claim: AdaptedTransfer, pair: Pair
) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(claim, pair)
