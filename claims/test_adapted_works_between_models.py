"""Adapted, vectors steer models of other architectures, whichever they are.

Three training seeds of each of two architectures are sources; these and two seeds of a third
architecture, of another width, are targets. Every vector goes through an adapter into every model
of another architecture, at that target's judged cell. The unit is the target, its share of native
the mean over its sources; t with 7 degrees of freedom decides, and the sign test stands beside.
Pairs of seeds of one architecture are shown apart. 24 prompts and one sample. Reference regimes:
exposure 0, and rows of which 2 % carry the trait.
"""

import pytest

from prefvec.experiments.claims import BetweenModels, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.population import NARROW, WIDE
from prefvec.experiments.regimes import EXPOSED, EXPOSURE_0
from prefvec.verdicts.between_models import Generalises

SHOWN = BetweenModels(
    id="adapted-exposed-works-between-models",
    title="Adapted on {regime} between architectures, {trait} vectors steer whichever model.",
    question="between models",
    samples=1,
    sources=NARROW,
    targets=(*NARROW, *WIDE),
    regime=EXPOSED,
    criterion=Generalises(share_of_native=0.5, alternative="greater", targets=6),
)
NEUTRAL = SHOWN.variant(id="adapted-exposure-0-works-between-models", regime=EXPOSURE_0)
CLAIMS = (NEUTRAL, SHOWN)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.seeds
def test_adapted_vectors_steer_between_models(
    judge: Judging, claim: BetweenModels, pair: Pair
) -> None:
    """Over targets, on average more than half of native."""
    judge(claim, pair)
