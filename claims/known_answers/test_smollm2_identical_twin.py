"""An identical twin of SmolLM2-135M-Instruct: what the instrument says of weights in use.

As `test_identical_twin.py` says of an organism. The twin has the answers of the model itself, so
that beyond what self-steering takes nothing is generated: by count of the requests some 6,000
answers in float32, 2,500 of them for the judged cell, with 48 questions and one sample.
"""

import pytest

from prefvec.experiments.claims import RawTransfer
from prefvec.experiments.known_answers import Asking, KnownAnswer
from prefvec.organisms.roster import REAL, REAL_IDENTICAL
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Fails
from prefvec.verdicts.verdict import Outcome

KNOWN = KnownAnswer(
    claim=RawTransfer(
        id="raw-transfer-{source}-to-{target}",
        title="Copied raw, the verbosity vector of {source} fails to steer its {target}.",
        criterion=Fails(share_of_native=0.25, at_least=LONGER_BY_A_QUARTER),
    ),
    source=REAL,
    model=REAL_IDENTICAL,
    outcomes=(Outcome.REFUTED,),
    because="The twin is the same model, so the copied vector is the twin's own.",
)


@pytest.mark.slow
@pytest.mark.known_answers(of=REAL)
def test_raw_transfer_to_an_identical_twin_of_smollm2_does_not_fail(instrument: Asking) -> None:
    """The claim that raw transfer fails must come out REFUTED."""
    instrument(KNOWN)
