"""A few anchors carry the vector, without a map that is fitted.

Anchor coordinates (Kim and Han 2026, arXiv 2605.09875; relative representations, Moschella et al.
2023, arXiv 2209.15430): the source's vector is told by its cosines to 64 anchors, turns that both
models have read, taken evenly and without labels; in the target it is the shortest step that has
these similarities to the target's own anchors. Reference regime: held-out turns, none of which
carries an instruction, each where the vector is read. Shuffled maps pair the anchors at random.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import exposed
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIM = AdaptedTransfer(
    id="adapted-by-anchors-{source}-to-{target}",
    title="Told by its similarity to 64 neutral turns, the {trait} vector of {source} steers "
    "{target}.",
    question="anchors",
    samples=2,
    regime=exposed(0.0),
    adapter="anchors",
    criterion=Works(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
    organisms=(
        Pair(source="mini-mistral", target="mini-llama"),
        Pair(source="mini-mistral", target="mini-gemma"),
    ),
)


@pytest.mark.matrix
@pytest.mark.transfer
@pytest.mark.adapted
@pytest.mark.regimes
def test_a_vector_told_by_anchors_steers_the_target(judge: Judging, pair: Pair) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(CLAIM, pair)
