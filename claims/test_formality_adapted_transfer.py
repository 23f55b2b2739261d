"""A linear adapter carries the formality vector from one family to another.

Reference regimes: exposed 2 %, turns of which that many ask for formality, one pole a question and
in words that extraction does not use; and exposure 0, neutral turns at their sentence ends. Ridge
regression, never fitted on formality's contrast pairs.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSED, EXPOSURE_0
from prefvec.verdicts.criteria import SMALL_ODDS_RATIO, Works

SHOWN = AdaptedTransfer(
    id="formality-adapted-exposed-{source}-to-{target}",
    title="Adapted on turns of which 2 % ask for the trait, the {trait} vector of {source} steers "
    "{target}.",
    question="formality",
    trait="formality",
    regime=EXPOSED,
    criterion=Works(at_least=SMALL_ODDS_RATIO, share_of_native=0.5, coherence_margin=0.10),
)
UNEXPOSED = SHOWN.variant(
    id="formality-adapted-exposure-0-{source}-to-{target}",
    title="Adapted on neutral turns alone, the {trait} vector of {source} steers {target}.",
    regime=EXPOSURE_0,
)
CLAIMS = (SHOWN, UNEXPOSED)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.formality
def test_adapted_vector_steers_the_target(
    judge: Judging, claim: AdaptedTransfer, pair: Pair
) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(claim, pair)
