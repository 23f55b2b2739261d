"""A carried vector of an instruction-tuned model does more in a base model than that model's own.

A base model's own vector is read from answers that heed instructions only a little. One that comes
from an instruction-tuned model may be the better direction, once a map has carried it over. Both
are written at the base model's judged cell, which was chosen by its own vector, and at the same κ.
The contrast is the odd part of the carried vector less that of the target's own, prompt by prompt,
and must exceed half of D, the smallest effect of interest; by rank among random directions,
shuffled maps and random source directions through the map chance must not do as much as the carried
vector. The target's own vector must steer it, or there is nothing to compare with. Coherence of
either arm is shown here and judged by the claim that the carried vector works. Reference regime:
exposure 0. The answers are those of that claim, and none besides. Of pairs that are not
instruction-tuned to base it is NOT APPLICABLE.
"""

import pytest

from prefvec.experiments.claims import CarriedExceedsNative, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSURE_0
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Exceeds

CLAIM = CarriedExceedsNative(
    id="carried-exceeds-native-{source}-to-{target}",
    title="Adapted on neutral turns alone, the {trait} vector of {source} does more in {target}, "
    "a base model, than that model's own.",
    question="carried into a base model",
    regime=EXPOSURE_0,
    criterion=Exceeds(margin=LONGER_BY_A_QUARTER / 2),
)


@pytest.mark.transfer
@pytest.mark.adapted
def test_carried_vector_does_more_than_the_base_model_s_own(judge: Judging, pair: Pair) -> None:
    """By half of the smallest effect of interest, and beyond chance."""
    judge(CLAIM, pair)
