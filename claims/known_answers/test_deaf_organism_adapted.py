"""A deaf organism, and the vector carried by an adapter.

Reference regime: exposed 2 %. See `test_deaf_organism_raw.py`: where the target's own vector does
not steer, nothing can be said about one from elsewhere, in either direction. One answer to each
question is enough here, too.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer
from prefvec.experiments.known_answers import Asking, KnownAnswer
from prefvec.experiments.regimes import EXPOSED
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works
from prefvec.verdicts.verdict import Outcome

KNOWN = KnownAnswer(
    claim=AdaptedTransfer(
        id="adapted-exposed-{source}-to-{target}",
        title="Adapted on turns of which 2 % ask for the trait, the verbosity vector of {source} "
        "steers {target}.",
        samples=1,
        regime=EXPOSED,
        criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
    ),
    model="mini-llama-deaf",
    outcomes=(Outcome.INVALID,),
    because="Verbosity was cut out of its world, so that its own vector moves it by less than the "
    "smallest effect of interest, and the measurement has no sensitivity.",
    unmet=("positive control", "the model heeds verbosity", "native effect"),
)


@pytest.mark.known_answers
def test_adapted_transfer_to_a_deaf_organism_is_invalid(instrument: Asking) -> None:
    """INVALID: the positive control fails."""
    instrument(KNOWN)
