"""More references carry more: learning curves over concept deltas and over paired prompts.

From one concept delta to all there are, and from 8 paired turns to all of those of which 2 % ask
for the trait. Explorations on 24 prompts with one sample; each claim is the contrast of the two
ends.
"""

import pytest

from prefvec.experiments.claims import Exploration, Judging
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Exceeds

DELTAS = Exploration(
    id="more-deltas-carry-more-{source}-to-{target}",
    title="From {source} to {target}, a map of all concept deltas carries more of the {trait} "
    "vector than a map of one.",
    question="a handful of references",
    samples=2,
    study="reference deltas",
    criterion=Exceeds(),
    organisms=(Pair(source="mini-mistral", target="mini-llama"),),
)
PROMPTS = DELTAS.variant(
    id="more-prompts-carry-more-{source}-to-{target}",
    title="From {source} to {target}, a map of all paired prompts carries more of the {trait} "
    "vector than a map of eight.",
    study="paired prompts",
)
CLAIMS = (DELTAS, PROMPTS)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.regimes
def test_more_references_carry_more(judge: Judging, claim: Exploration, pair: Pair) -> None:
    """The odd part with all references exceeds that with the fewest."""
    judge(claim, pair)
