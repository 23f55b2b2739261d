"""A linear adapter carries the verbosity vector from one family to another.

Reference regime: exposure 0. Neutral turns, none of which carries an instruction, read at the
sentence ends that both tokenizers share: the adapter was never shown the trait, so what it carries
is a transfer and nothing that it was told. Ridge regression, never fitted on verbosity's contrast
pairs. Every test question is answered unsteered and with the target's own vector, the adapted one
and, where widths are equal, the raw one, under common noise. Of real models the log-odds of going
on must move as well.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSURE_0
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIM = AdaptedTransfer(
    id="adapted-exposure-0-{source}-to-{target}",
    title="Adapted on neutral turns alone, the {trait} vector of {source} steers {target}.",
    regime=EXPOSURE_0,
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
)


@pytest.mark.transfer
@pytest.mark.adapted
def test_adapted_vector_steers_the_target(judge: Judging, pair: Pair) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(CLAIM, pair)
