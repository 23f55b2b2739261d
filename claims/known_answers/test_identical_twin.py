"""An identical twin: the organism itself under another name.

Its coordinates are the source's own, so the copied vector is its native one. A suite that could
call this a failure of transfer would call anything one. One answer to each question is enough: both
arms have the same answers, so that their ratio has no noise.
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
        samples=1,
        criterion=Fails(share_of_native=0.25, at_least=LONGER_BY_A_QUARTER),
    ),
    model="identical-twin",
    outcomes=(Outcome.REFUTED,),
    because="The twin is the same model, so the copied vector is the twin's own.",
)


@pytest.mark.known_answers
def test_raw_transfer_to_an_identical_twin_does_not_fail(instrument: Asking) -> None:
    """The claim that raw transfer fails must come out REFUTED."""
    instrument(KNOWN)
