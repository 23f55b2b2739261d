"""The same vector, copied raw into another family, does not steer it.

The source's coordinates are put into the target unchanged, at the block and the disturbance where
the target's own vector is judged. Failure is shown by a contrast: the raw effect lies below a
quarter of what that vector does there. More than a quarter refutes it only where random directions,
19 signed permutations with either sign, do not do as much; and where they reach half of native,
nothing can be told. With unequal widths raw transfer is undefined; zero-padding is then shown as an
exploration.
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
