"""The same vector, copied raw into another family, does not steer it.

The source's coordinates are put into the target unchanged, at the same relative norm, and get the
same search over sites and doses as the target's own vector. Failure is shown by a contrast: the
raw effect lies below a quarter of what the target's own vector does at that norm. With unequal
widths raw transfer is undefined; zero-padding is then shown as an exploration.
"""

import pytest

from prefvec.experiments.claims import Judging, RawTransfer
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Fails

CLAIM = RawTransfer(
    id="raw-transfer-{source}-to-{target}",
    title="Copied raw, the {trait} vector of {source} fails to steer {target}.",
    criterion=Fails(share_of_native=0.25, at_least=LONGER_BY_A_QUARTER),
)


@pytest.mark.transfer
@pytest.mark.raw
def test_raw_vector_does_not_steer_the_target(judge: Judging, pair: Pair) -> None:
    """Less than a quarter of what the target's own vector does there."""
    judge(CLAIM, pair)
