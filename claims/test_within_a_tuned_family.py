"""A model's vector, copied raw, steers the child that was tuned from it, and back.

LoRA of rank 8 on queries and values moves few coordinates, so that the child should keep its
parent's basis, and no adapter be needed between two real models of equal width. The child is the
model tuned by LoRRA towards the positive pole, as trained. Each has a judged cell and a vector of
its own, and the other's is copied to that cell at its κ and held to half of the own one's effect.
"""

import pytest

from prefvec.experiments.claims import Judging, TunedFamily
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

INTO_THE_CHILD = TunedFamily(
    id="raw-into-the-tuned-child-{source}",
    title="Copied raw, the {trait} vector of {source} steers the child that was tuned from it.",
    question="within a tuned family",
    samples=2,
    criterion=Works(
        at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10, mapped=False
    ),
)
BACK = INTO_THE_CHILD.variant(
    id="raw-from-the-tuned-child-{source}",
    title="Copied raw, the {trait} vector of the child that was tuned from {source} steers "
    "{source}.",
    into="parent",
)
CLAIMS = (INTO_THE_CHILD, BACK)


@pytest.mark.slow
@pytest.mark.rahf
def test_copied_vector_steers_parent_and_child(
    judge: Judging, claim: TunedFamily, pair: Pair
) -> None:
    """At least half of what the own vector does, and more than every control."""
    judge(claim, pair)
