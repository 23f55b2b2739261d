"""Being judged where the target's own vector stands out most costs a carried vector some effect.

The judged cell is chosen without a look at any foreign vector, so that native, adapted and controls
are compared at one place. Here the cell is searched for again, in the same way and on the same
tuning prompts, with the vector that is carried to each block; what it does in either cell is
compared on 24 test prompts with one sample. A robustness row: no finding rests on it.
"""

import pytest

from prefvec.experiments.claims import Exploration, Judging
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Exceeds

CLAIM = Exploration(
    id="own-cell-does-more-{source}-to-{target}",
    title="From {source} to {target}, the adapted {trait} vector does more in the cell that a "
    "search of its own finds than in the judged one.",
    question="layers",
    samples=2,
    study="free search",
    criterion=Exceeds(),
)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.layers
def test_a_cell_of_its_own_does_more(judge: Judging, pair: Pair) -> None:
    """The odd part in the cell found freely exceeds that in the judged cell."""
    judge(CLAIM, pair)
