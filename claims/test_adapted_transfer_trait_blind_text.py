"""A linear adapter carries the verbosity vector from one family to another.

Reference regime: trait-blind text. Uninstructed turns under the neutral length law, read at the
sentence ends that both tokenizers share. Ridge regression, never fitted on verbosity's contrast
pairs. Every test question is answered unsteered and with the target's own vector, the raw one and
the adapted one, under common noise.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import TRAIT_BLIND_TEXT
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIM = AdaptedTransfer(
    id="adapted-trait-blind-text-{source}-to-{target}",
    title="Adapted on {regime}, the {trait} vector of {source} steers {target}.",
    regime=TRAIT_BLIND_TEXT,
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
)


@pytest.mark.transfer
@pytest.mark.adapted
def test_adapted_vector_steers_the_target(judge: Judging, pair: Pair) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(CLAIM, pair)
