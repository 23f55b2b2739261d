"""A judge, who must first prove itself, sees the vector steer as well.

The answers are those of self-steering, at the same judged cell. A language model marks each of them
by the trait's rubric, blind to arm and dose; a prompt's marks become log-odds, and the rules stay
as they are. First the judge is held against unsteered answers to the test questions under held-out
instructions of both poles: unless it tells these apart, the claim is INVALID. The outcome must be
the same by a second rubric, and by a second judge if one is named. Automatic metrics stay the
primary outcome.
"""

import pytest

from prefvec.experiments.claims import Judging, SelfSteering
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import SMALL_ODDS_RATIO, Steers

OWN = SelfSteering(
    id="self-steering-as-judged-{source}",
    title="As judged, adding its own {trait} vector makes {source} more {positive}, subtracting it "
    "more {negative}.",
    question="as judged",
    samples=1,
    judged=True,
    criterion=Steers(at_least=SMALL_ODDS_RATIO, coherence_margin=0.10),
)
FORMALITY = OWN.variant(id="self-steering-formality-as-judged-{source}", trait="formality")
CLAIMS = (OWN, FORMALITY)


@pytest.mark.judge
@pytest.mark.self_steering
def test_vector_steers_as_judged(judge: Judging, claim: SelfSteering, pair: Pair) -> None:
    """Marked up when added, down when subtracted, by dose, coherent, beyond random directions."""
    judge(claim, pair)
