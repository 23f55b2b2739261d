"""The formality vector steers the model it was taken from.

As for verbosity, with instructions to be formal or casual. Measured by formal over casual
sentences, for organisms in the grammar of their world.
"""

import pytest

from prefvec.experiments.claims import Judging, SelfSteering
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import SMALL_ODDS_RATIO, Steers

CLAIM = SelfSteering(
    id="formality-self-steering-{source}",
    title="Adding its own {trait} vector makes {source} more {positive}, subtracting it more "
    "{negative}.",
    question="formality",
    trait="formality",
    criterion=Steers(at_least=SMALL_ODDS_RATIO, coherence_margin=0.10),
)


@pytest.mark.matrix
@pytest.mark.self_steering
@pytest.mark.formality
def test_vector_steers_its_own_model(judge: Judging, pair: Pair) -> None:
    """Up when added, down when subtracted, by dose, coherent, beyond random directions."""
    judge(CLAIM, pair)
