"""What predicts, before anything is generated, how far an adapter will carry a vector.

Over model pairs, concepts, two regimes and all target blocks, each diagnostic is ranked against
the odd effect on 24 prompts with one sample. Two diagnostics of this suite, the shift of
log-likelihood between given answers of either pole and the R² along the carried direction, are
held against held-out R², which in a trial was high where nothing was carried; and so is logit-lens
accessibility, how readily the unembedding reads the carried vector at its block, of which one work
finds that it ranks concepts and blocks as steering does (Billa 2026, arXiv 2604.15557) and another
that vectors steer without it (Nadaf 2026, arXiv 2604.02608). One unit is a model pair × concept:
the rank correlation over its regimes and blocks. A unit whose own vector fails is left out: one in
which, in the source or in the target, the concept's own vector does less than 1.5 D on the same
prompts at every block but the last.
"""

import pytest

from prefvec.experiments.claims import Exploration, Judging
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Exceeds

LIKELIHOOD = Exploration(
    id="likelihood-foretells-better-than-r2",
    title="Over pairs, concepts and blocks, the shift of log-likelihood predicts the effect of a "
    "carried vector better than held-out R² does.",
    question="what the adapter has read",
    samples=2,
    study="foresight",
    diagnostic="contrast_shift",
    over_pairs=True,
    criterion=Exceeds(scale="correlation"),
)
ALONG = LIKELIHOOD.variant(
    id="directional-r2-foretells-better-than-r2",
    title="Over pairs, concepts and blocks, R² along the carried direction predicts the effect of "
    "a carried vector better than held-out R² does.",
    diagnostic="directional_r2",
)
ACCESSIBLE = LIKELIHOOD.variant(
    id="accessibility-foretells-better-than-r2",
    title="Over pairs, concepts and blocks, logit-lens accessibility predicts the effect of a "
    "carried vector better than held-out R² does.",
    question="the logit lens",
    diagnostic="accessibility_in_target",
)
CLAIMS = (LIKELIHOOD, ALONG, ACCESSIBLE)


@pytest.mark.slow
@pytest.mark.transfer
@pytest.mark.regimes
def test_diagnostic_foretells_the_effect(judge: Judging, claim: Exploration, pair: Pair) -> None:
    """Its rank correlation with the odd effect exceeds that of held-out R²."""
    judge(claim, pair)
