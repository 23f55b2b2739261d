"""A base model's vector, copied raw, steers its instruction-tuned child, and back.

Fine-tuning leaves the residual stream's coordinates in place, so within a family no adapter should
be needed (Panickssery et al. 2023 carry vectors from Llama 2 to Llama 2 Chat). The copied vector
is put at the block and the disturbance where the target's own is judged, and held to half of its
effect there.
With named models this runs under `-m family`: nobody can tell from two names that one is the
other's child.
"""

import pytest

from prefvec.experiments.claims import Judging, RawTransfer
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIM = RawTransfer(
    id="within-a-family-{source}-to-{target}",
    title="Copied raw within the family, the {trait} vector of {source} steers {target}.",
    question="within a family",
    samples=2,
    criterion=Works(
        at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10, mapped=False
    ),
    organisms=(
        Pair(source="mini-mistral-base", target="mini-mistral"),
        Pair(source="mini-mistral", target="mini-mistral-base"),
    ),
)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.raw
@pytest.mark.family
def test_copied_vector_steers_its_relative(judge: Judging, pair: Pair) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(CLAIM, pair)
