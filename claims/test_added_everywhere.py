"""Added at every token of the prompt as well, the vector still steers, and as coherently.

Everywhere else the vector is added from the last token of the prompt on. llama.cpp,
lm-evaluation-harness and steering-vectors add at every token unless told otherwise, so a dose that
leaves for one of them must be judged there, too. The model's own vector and the random directions
are added from the first token of the prompt on, at the block of the judged cell; what was solved
for there, the disturbance κ, is solved for anew with the whole prompt moved, so that each has a
norm of its own. The criterion is that of self-steering.
"""

import pytest

from prefvec.experiments.claims import Judging, SelfSteering
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Steers

CLAIM = SelfSteering(
    id="added-everywhere-{source}",
    title="Added at every token, its own {trait} vector still makes {source} more {positive} when "
    "added, more {negative} when subtracted.",
    question="positions",
    samples=2,
    positions="all",
    criterion=Steers(at_least=LONGER_BY_A_QUARTER, coherence_margin=0.10),
)


@pytest.mark.matrix
@pytest.mark.self_steering
@pytest.mark.positions
def test_vector_steers_when_added_at_every_token(judge: Judging, pair: Pair) -> None:
    """Longer when added, shorter when subtracted, by dose, coherent, beyond random directions."""
    judge(CLAIM, pair)
