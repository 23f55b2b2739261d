"""Fitted on 96 neutral statements, between blocks of one number, a map carries the vector.

That is what a shipped tool does (saklas, github.com/a9lim/saklas, `manifold transfer`): each of 96
neutral statements is put as the answer to a request and read at its last token that is no special
one, an orthogonal Procrustes map is fitted block by block from L to the same L, and its quality is
R² on the rows that it was fitted to. Statements here are the suite's own, and for organisms in the
words of their world. The vector is that of the source's block with the number of the target's
judged block, and is written there at the κ of the judged cell, beside the usual controls; the tool
writes at every block, and takes least squares of minimum norm between unequal widths, where this
map has orthonormal columns. Where the source has no block of that number it is NOT APPLICABLE. R²
on the fitted rows stands in the record beside that on held-out ones, and decides nothing.
"""

import pytest

from prefvec.experiments.claims import AdaptedTransfer, Judging
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import NEUTRAL_STATEMENTS
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Works

CLAIM = AdaptedTransfer(
    id="adapted-neutral-statements-{source}-to-{target}",
    title="Adapted on 96 neutral statements between blocks of the same number, the {trait} vector "
    "of {source} steers {target}.",
    question="neutral statements, same block",
    samples=2,
    regime=NEUTRAL_STATEMENTS,
    adapter="orthogonal_procrustes",
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
def test_adapted_vector_steers_the_target(judge: Judging, pair: Pair) -> None:
    """At least half of what the target's own vector does, and more than every control."""
    judge(CLAIM, pair)
