"""The same formality vector, copied raw into another family, does not steer it.

As for verbosity: at the target's judged cell, failure is an effect below a quarter of the target's
own, and more than that refutes only what random directions do not do as well.
"""

import pytest

from prefvec.experiments.claims import Judging, RawTransfer
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import SMALL_ODDS_RATIO, Fails

CLAIM = RawTransfer(
    id="formality-raw-transfer-{source}-to-{target}",
    title="Copied raw, the {trait} vector of {source} fails to steer {target}.",
    question="formality",
    trait="formality",
    criterion=Fails(share_of_native=0.25, at_least=SMALL_ODDS_RATIO),
)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.raw
@pytest.mark.formality
def test_raw_vector_does_not_steer_the_target(judge: Judging, pair: Pair) -> None:
    """Less than a quarter of what the target's own vector does there."""
    judge(CLAIM, pair)
