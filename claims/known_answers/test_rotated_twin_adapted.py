"""A rotated twin, and the vector carried by the map that undoes the rotation.

Reference regime: exposure 0. Between the same sites of the two models the map is exactly the
rotation, and orthogonal Procrustes finds a rotation from any text at all. So the vector carried to
the judged cell, which is that of the organism the twin is made of, must be the twin's own, and do
all that it does there.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer
from prefvec.experiments.known_answers import Asking, KnownAnswer
from prefvec.experiments.regimes import EXPOSURE_0
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works
from prefvec.verdicts.verdict import Outcome

KNOWN = KnownAnswer(
    claim=AdaptedTransfer(
        id="adapted-procrustes-{source}-to-{target}",
        title="Adapted by Procrustes on neutral turns alone, the verbosity vector of {source} "
        "steers its {target}.",
        regime=EXPOSURE_0,
        adapter="orthogonal_procrustes",
        criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
    ),
    model="rotated-twin",
    outcomes=(Outcome.SUPPORTED,),
    because="The map between the two streams is exactly a rotation, which Procrustes recovers.",
    share_of_native=(0.95, 1.05),
    cosine_above=0.99,
)


@pytest.mark.known_answers
def test_procrustes_carries_the_vector_to_a_rotated_twin(instrument: Asking) -> None:
    """SUPPORTED, at a cosine above 0.99 and at 95 to 105 % of the native effect."""
    instrument(KNOWN)
