"""A vector brought by an adapter from another model serves as RAHF's target in this one.

The source's vector, carried by a ridge map over neutral turns (exposure 0) to the target's judged
cell and dosed there, takes the place of RAHF's activity patterns: LoRA is trained to hold h + v in
place of h at that block, on the target's own answers, and h − v for the other pole. Both are
written at the share of the update that disturbs as the judged cell's vectors do, and held to half
of the target's own vector. Controls are random directions, and formality through the same adapter,
tuned in the same way. The carried vector itself is shown beside.
"""

import pytest

from prefvec.experiments.claims import CarriedTuning, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSURE_0
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER
from prefvec.verdicts.worded_criteria import TunedWorks

CLAIM = CarriedTuning(
    id="carried-and-tuned-in-{source}-to-{target}",
    title="Adapted on neutral turns alone, the {trait} vector of {source} can be tuned into "
    "{target}.",
    question="carried and tuned in",
    samples=2,
    regime=EXPOSURE_0,
    criterion=TunedWorks(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.rahf
def test_carried_vector_is_tuned_in(judge: Judging, pair: Pair) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(CLAIM, pair)
