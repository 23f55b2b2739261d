"""The vector still steers where the question already asks for a pole.

A user can simply ask (AxBench: prompting is the baseline that steering rarely beats), and what
asking does stands beside every effect. Here each test question asks, in unseen words, for one pole
of the trait, and the model's own vector is added and subtracted on top, at the cell where it is
judged without asking. Compared with the asked, unsteered answers.
"""

import pytest

from prefvec.experiments.claims import Judging, SelfSteering
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Steers

ASKED_MORE = SelfSteering(
    id="on-top-of-asking-for-more-{source}",
    title="Where {positive} answers are asked for, its own {trait} vector still steers {source}.",
    question="prompting",
    samples=2,
    under="positive",
    criterion=Steers(at_least=LONGER_BY_A_QUARTER, coherence_margin=0.10),
)
ASKED_LESS = ASKED_MORE.variant(
    id="on-top-of-asking-for-less-{source}",
    title="Where {negative} answers are asked for, its own {trait} vector still steers {source}.",
    under="negative",
)
CLAIMS = (ASKED_MORE, ASKED_LESS)


@pytest.mark.matrix
@pytest.mark.self_steering
@pytest.mark.prompting
def test_vector_steers_on_top_of_asking(judge: Judging, claim: SelfSteering, pair: Pair) -> None:
    """Up when added, down when subtracted, by dose, coherent, beyond random directions."""
    judge(claim, pair)
