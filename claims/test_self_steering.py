"""The verbosity vector steers the model it was taken from.

The vector is the difference in means of the residual stream over the model's own answers to the
extraction questions, under instructions for either pole. Block and dose, a
disturbance κ, are those of the judged cell, chosen on the tuning questions. Every test question is
answered unsteered and at four doses, under common noise; length is the words to expect within τ.
"""

import pytest

from prefvec.experiments.claims import Judging, SelfSteering
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Steers

CLAIM = SelfSteering(
    id="self-steering-{source}",
    title="Adding its own {trait} vector makes {source} more {positive}, subtracting it more "
    "{negative}.",
    criterion=Steers(at_least=LONGER_BY_A_QUARTER, coherence_margin=0.10),
)


@pytest.mark.self_steering
def test_vector_steers_its_own_model(judge: Judging, pair: Pair) -> None:
    """Longer when added, shorter when subtracted, by dose, coherent, beyond random directions."""
    judge(CLAIM, pair)
