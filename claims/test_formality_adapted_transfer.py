"""A linear adapter carries the formality vector from one family to another.

Reference regimes: natural mix, of which exactly 2 % carry an unlabelled instruction of formality,
and trait-blind text. Ridge regression, never fitted on formality's contrast pairs.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import NATURAL_MIX, TRAIT_BLIND_TEXT
from prefvec.verdicts.criteria import SMALL_ODDS_RATIO, Works

MIXED = AdaptedTransfer(
    id="formality-adapted-natural-mix-{source}-to-{target}",
    title="Adapted on {regime}, the {trait} vector of {source} steers {target}.",
    question="formality",
    trait="formality",
    regime=NATURAL_MIX,
    criterion=Works(at_least=SMALL_ODDS_RATIO, share_of_native=0.5, coherence_margin=0.10),
)
BLIND = MIXED.variant(
    id="formality-adapted-trait-blind-text-{source}-to-{target}", regime=TRAIT_BLIND_TEXT
)
CLAIMS = (MIXED, BLIND)


@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.formality
def test_adapted_vector_steers_the_target(
    judge: Judging, claim: AdaptedTransfer, pair: Pair
) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(claim, pair)
