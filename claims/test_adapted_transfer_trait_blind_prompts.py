"""A linear adapter carries the vector, having read prompts alone and nothing of the trait.

Reference regime: trait-blind prompts, at their last token, some of which ask for other concepts.
In a trial such a map held 97 % of the vector in its span at R² 0.98 and carried nothing; held-out
R² is no verdict. Ridge regression, judged as the other regimes are.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import TRAIT_BLIND_PROMPTS
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIM = AdaptedTransfer(
    id="adapted-trait-blind-prompts-{source}-to-{target}",
    title="Adapted on {regime}, the {trait} vector of {source} steers {target}.",
    question="what the adapter has read",
    samples=2,
    regime=TRAIT_BLIND_PROMPTS,
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.regimes
def test_adapted_vector_steers_the_target(judge: Judging, pair: Pair) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(CLAIM, pair)
