"""A null vector: the mean difference of two random halves of the neutral turns.

It points nowhere in particular. Put at the site and norm of the native vector, and judged by the
rule that the native vector is judged by, it must not be said to steer.
"""

import pytest

from prefvec.experiments.claims import Claim
from prefvec.experiments.known_answers import SOURCE, KnownAnswer
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Steers
from prefvec.verdicts.verdict import Outcome

KNOWN = KnownAnswer(
    claim=Claim(
        id="null-vector-{source}",
        title="Adding a vector of no trait makes {source} more verbose, subtracting it more curt.",
        arm="null",
        controls=("random directions",),
        criterion=Steers(at_least=LONGER_BY_A_QUARTER, coherence_margin=0.10),
    ),
    model=SOURCE,
    outcomes=(Outcome.REFUTED, Outcome.INCONCLUSIVE),
    because="Two random halves of the same turns differ by chance alone.",
)


@pytest.mark.known_answers
def test_a_vector_of_no_trait_does_not_steer(instrument):
    """Measured, and not SUPPORTED."""
    instrument(KNOWN)
