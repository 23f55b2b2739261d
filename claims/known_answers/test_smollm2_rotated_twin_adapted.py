"""A rotated twin of SmolLM2-135M-Instruct, and the vector carried by the map that undoes it.

As `test_rotated_twin_adapted.py` says of an organism. Procrustes must find the rotation from
neutral turns, and the carried vector do all that the twin's own does. One rotation is enough: what
is known of it is exact. Of other claims' controls nothing is known, and so an outcome that is
INCONCLUSIVE for them convicts nobody, while the share and the cosine must hold. Some 2,500 answers
in float32 besides those of the raw claim about the same twin, most of them of the two families of
controls through maps, with 48 questions and one sample.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer
from prefvec.experiments.known_answers import Asking, KnownAnswer
from prefvec.experiments.regimes import EXPOSURE_0
from prefvec.organisms.roster import REAL, REAL_ROTATED
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
    source=REAL,
    model=REAL_ROTATED[0],
    outcomes=(Outcome.SUPPORTED, Outcome.INCONCLUSIVE),
    because="The map between the two streams is exactly a rotation, which Procrustes recovers.",
    share_of_native=(0.95, 1.05),
    cosine_above=0.99,
)


@pytest.mark.slow
@pytest.mark.known_answers(of=REAL)
def test_procrustes_carries_the_vector_to_a_rotated_twin_of_smollm2(instrument: Asking) -> None:
    """At a cosine above 0.99 and at 95 to 105 % of the native effect."""
    instrument(KNOWN)
