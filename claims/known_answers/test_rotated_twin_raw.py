"""Rotated twins: the same function in other coordinates, and the vector copied raw.

The residual stream of the organism is rotated by a random orthogonal matrix, its norm weights
folded into the linear maps that follow. What it writes is the same; every coordinate inside is
another one, so that the source's coordinates mean nothing in it, and a rotation and its negative
are as likely. One rotation is one draw, and some random direction lengthens answers: so the answer
is an average over eight.
"""

import pytest

from prefvec.experiments.claims import BetweenModels
from prefvec.experiments.known_answers import SOURCE, Asking, KnownAnswer
from prefvec.organisms.roster import ROTATED
from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.verdict import Outcome

KNOWN = KnownAnswer(
    claim=BetweenModels(
        id="raw-transfer-{source}-to-rotated-twins",
        title="Copied raw, the verbosity vector of {source} fails to steer its rotated twins.",
        samples=1,
        sources=(SOURCE,),
        targets=ROTATED,
        criterion=Generalises(share_of_native=0.25, alternative="less", targets=len(ROTATED)),
    ),
    model="rotated-twin",
    outcomes=(Outcome.SUPPORTED,),
    because="The twins' coordinates are random rotations of the source's, so that the copied "
    "vector is a random direction in each, of no effect on average.",
    mean_share_holds=0.0,
)


@pytest.mark.known_answers
def test_raw_transfer_to_rotated_twins_fails(instrument: Asking) -> None:
    """SUPPORTED over eight rotations, and the mean share may be nothing at all."""
    instrument(KNOWN)
