"""A deaf organism, and the vector copied raw.

It was trained on the same world with verbosity cut out of it: instructions about length stand in
its texts, and every answer follows one length law. A vector may still lengthen its answers a
little, by chance, but its own does not by the smallest effect of interest, so that a vector from
elsewhere that does nothing shows nothing. One answer to each question is enough: what makes the
verdict is the positive control, which has eight.
"""

import pytest

from prefvec.experiments.claims import RawTransfer
from prefvec.experiments.known_answers import Asking, KnownAnswer
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Fails
from prefvec.verdicts.verdict import Outcome

KNOWN = KnownAnswer(
    claim=RawTransfer(
        id="raw-transfer-{source}-to-{target}",
        title="Copied raw, the verbosity vector of {source} fails to steer {target}.",
        samples=1,
        criterion=Fails(share_of_native=0.25, at_least=LONGER_BY_A_QUARTER),
    ),
    model="mini-llama-deaf",
    outcomes=(Outcome.INVALID,),
    because="Verbosity was cut out of its world, so that its own vector moves it by less than the "
    "smallest effect of interest, and the measurement has no sensitivity.",
    unmet=(
        "positive control",
        "the model heeds verbosity",
        "native effect",
        "chance does not reach a transfer",
    ),
)


@pytest.mark.known_answers
def test_raw_transfer_to_a_deaf_organism_is_invalid(instrument: Asking) -> None:
    """INVALID: the positive control fails."""
    instrument(KNOWN)
