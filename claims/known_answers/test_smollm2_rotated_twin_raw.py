"""Rotated twins of SmolLM2-135M-Instruct, and the vector copied raw.

The residual stream is rotated at random, with the norm weights folded into the maps behind them and
the tied embedding untied. A copied vector is a random direction in each. Of the organism eight
rotations are averaged; here there are two, each judged by itself, for each takes some 3,000 answers
in float32 with 48 questions and one sample (the judged cell is that of the model itself). One
rotation is one draw, and about one in twenty random directions does as much as the largest of the
controls: so a claim that is INCONCLUSIVE convicts nobody, and one that is REFUTED does.
"""

from dataclasses import replace

import pytest

from prefvec.experiments.claims import RawTransfer
from prefvec.experiments.known_answers import Asking, KnownAnswer
from prefvec.organisms.roster import REAL, REAL_ROTATED
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Fails
from prefvec.verdicts.verdict import Outcome

FIRST = KnownAnswer(
    claim=RawTransfer(
        id="raw-transfer-{source}-to-{target}",
        title="Copied raw, the verbosity vector of {source} fails to steer its {target}.",
        criterion=Fails(share_of_native=0.25, at_least=LONGER_BY_A_QUARTER),
    ),
    source=REAL,
    model=REAL_ROTATED[0],
    outcomes=(Outcome.SUPPORTED, Outcome.INCONCLUSIVE),
    because="The twin's coordinates are a random rotation of the source's, so that the copied "
    "vector is a random direction in it.",
)
SECOND = replace(FIRST, model=REAL_ROTATED[1])


@pytest.mark.slow
@pytest.mark.known_answers(of=REAL)
def test_raw_transfer_to_a_rotated_twin_of_smollm2_fails(instrument: Asking) -> None:
    """SUPPORTED, or at least not REFUTED."""
    instrument(FIRST)


@pytest.mark.slow
@pytest.mark.known_answers(of=REAL)
def test_raw_transfer_to_another_rotated_twin_of_smollm2_fails(instrument: Asking) -> None:
    """Likewise."""
    instrument(SECOND)
