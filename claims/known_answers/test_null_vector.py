"""A null vector: the mean difference of two random halves of the neutral turns.

It points nowhere in particular. Put at the native vector's site and disturbance, and judged by the
rule that the native vector is judged by, it must not be said to steer.
"""

import pytest

from prefvec.experiments.claims import SelfSteering
from prefvec.experiments.known_answers import SOURCE, Asking, KnownAnswer
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Steers
from prefvec.verdicts.verdict import Outcome

KNOWN = KnownAnswer(
    claim=SelfSteering(
        id="null-vector-{source}",
        title="Adding a vector of no trait makes {source} more verbose, subtracting it more curt.",
        vector="null",
        criterion=Steers(at_least=LONGER_BY_A_QUARTER, coherence_margin=0.10),
    ),
    model=SOURCE,
    outcomes=(Outcome.REFUTED, Outcome.INCONCLUSIVE),
    because="Two random halves of the same turns differ by chance alone.",
)


@pytest.mark.known_answers
def test_a_vector_of_no_trait_does_not_steer(instrument: Asking) -> None:
    """Measured, and not SUPPORTED."""
    instrument(KNOWN)
