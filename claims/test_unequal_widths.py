"""An orthogonal map carries the vector between streams of unequal widths.

Raw transfer is undefined there and said to be NOT APPLICABLE (claims/test_raw_transfer.py). A
semi-orthogonal map has no such need: Procrustes on turns of which 2 % ask for the trait, the wider
stream holding the narrower one, from the mistral of 128 into the gemma of 160 coordinates.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSED
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIM = AdaptedTransfer(
    id="orthogonal-{source}-to-{target}",
    title="Turned by an orthogonal map of turns of which 2 % ask for the trait, the {trait} "
    "vector of {source} steers {target}.",
    question="unequal widths",
    samples=2,
    regime=EXPOSED,
    adapter="orthogonal_procrustes",
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
    organisms=(Pair(source="mini-mistral", target="mini-gemma"),),
)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.widths
def test_adapted_vector_steers_the_target(judge: Judging, pair: Pair) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(CLAIM, pair)
