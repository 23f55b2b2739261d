"""A preference tuned in by RAHF does more than asking for it.

RAHF (Liu et al. 2024, arXiv 2312.15997) reads its activity patterns from a model that was tuned on
the preferred and the rejected answers first: here the model's own answers under the extraction
instructions for either pole. SCIT tunes one model to tell good from bad instructions, DUAL two, on
either kind of answer. α = 1. The contrast is the odd part of the tuned models less that of asking
for either pole in unseen words, prompt by prompt, and must exceed half of D. The tuned models are
written at the disturbance of the judged cell, while asking disturbs as it will: that favours
asking. Coherence is shown here and judged by the claim that the same method moves the model
(test_tuned_in.py), whose answers these are.
"""

import pytest

from prefvec.experiments.claims import Judging, Tuning
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Exceeds

SCIT = Tuning(
    id="{method}-beats-asking-{source}",
    title="Tuned in by {method}, {trait} moves {source} further than asking for it does.",
    question="tuned in",
    samples=2,
    method="RAHF-SCIT",
    criterion=Exceeds(margin=LONGER_BY_A_QUARTER / 2),
)
DUAL = SCIT.variant(method="RAHF-DUAL")
CLAIMS = (SCIT, DUAL)


@pytest.mark.slow
@pytest.mark.rahf
def test_rahf_beats_asking(judge: Judging, claim: Tuning, pair: Pair) -> None:
    """By half of the smallest effect of interest."""
    judge(claim, pair)
