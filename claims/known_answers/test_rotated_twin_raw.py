"""A rotated twin: the same function in other coordinates, and the vector copied raw.

The residual stream of the organism is rotated by a random orthogonal matrix, its norm weights
folded into the linear maps that follow. What it writes is the same; every coordinate inside is
another one, so that the source's coordinates mean nothing in it.
"""

import pytest

from prefvec.experiments.claims import RawTransfer
from prefvec.experiments.known_answers import Asking, KnownAnswer
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Fails
from prefvec.verdicts.verdict import Outcome

KNOWN = KnownAnswer(
    claim=RawTransfer(
        id="raw-transfer-{source}-to-{target}",
        title="Copied raw, the verbosity vector of {source} fails to steer its {target}.",
        criterion=Fails(share_of_native=0.25, at_least=LONGER_BY_A_QUARTER),
    ),
    model="rotated-twin",
    outcomes=(Outcome.SUPPORTED,),
    because="The twin's coordinates are a random rotation of the source's, so that the copied "
    "vector is a random direction in it.",
)


@pytest.mark.known_answers
def test_raw_transfer_to_a_rotated_twin_fails(instrument: Asking) -> None:
    """The claim that raw transfer fails must come out SUPPORTED."""
    instrument(KNOWN)
