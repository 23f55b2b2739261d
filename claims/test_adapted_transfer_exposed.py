"""A linear adapter carries the verbosity vector from one family to another.

Reference regime: exposed 2 %. Of the held-out turns that both models read, exactly 2 % carry an
instruction of the trait, as many for either pole, never both for one question, and in words that
extraction does not use. What the target alone makes of those rows is an arm of its own: unless the
adapted vector does more, it carries what it was shown. Ridge regression, never fitted on
verbosity's contrast pairs. Every test question is answered unsteered and with the target's own
vector, the raw one and the adapted one, under common noise.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSED
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIM = AdaptedTransfer(
    id="adapted-exposed-{source}-to-{target}",
    title="Adapted on turns of which 2 % ask for the trait, the {trait} vector of {source} steers "
    "{target}.",
    regime=EXPOSED,
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
)


@pytest.mark.transfer
@pytest.mark.adapted
def test_adapted_vector_steers_the_target(judge: Judging, pair: Pair) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(CLAIM, pair)
