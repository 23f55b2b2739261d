"""The model's own vector does at least half of what asking does.

A user can simply ask: prompting is the baseline that steering rarely beats (AxBench, Wu et al.
2025, arXiv 2501.17148). Here the odd part of the model's own vector, at the judged cell, is held to
half of the odd part of asking: the unsteered answers to the same test questions under instructions
for either pole, in words that extraction does not use. Prompt by prompt, in the same run, under
common noise. Asking disturbs as it will, and the vector no more than the judged cell has it, which
favours asking. Coherence is judged by the claim that the vector steers at all
(test_self_steering.py), whose answers these are.
"""

import pytest

from prefvec.experiments.claims import AsGoodAsAsking, Judging
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.asking_criteria import RivalsAsking

CLAIM = AsGoodAsAsking(
    id="as-good-as-asking-{source}",
    title="Its own {trait} vector moves {source} at least half as far as asking for it does.",
    question="as good as asking",
    samples=2,
    criterion=RivalsAsking(share_of_asking=0.5),
)


@pytest.mark.matrix
@pytest.mark.self_steering
@pytest.mark.prompting
def test_vector_does_half_of_what_asking_does(judge: Judging, pair: Pair) -> None:
    """Half of the odd part of asking, and beyond random directions."""
    judge(CLAIM, pair)
