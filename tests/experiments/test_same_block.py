"""Transfer between blocks of the same number, by a map of neutral statements."""

from types import SimpleNamespace

import pytest

from prefvec.experiments.arms import Arms
from prefvec.experiments.carried_arms import Transfer, source_vector
from prefvec.experiments.claims import AdaptedTransfer
from prefvec.experiments.measuring import measure
from prefvec.experiments.measuring.shared import transfer_of
from prefvec.experiments.native_arms import own_vectors
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import shown
from prefvec.experiments.regimes import EXPOSURE_0, NEUTRAL_STATEMENTS
from prefvec.vectors.residual import Site
from prefvec.verdicts.criteria import Works
from prefvec.verdicts.wording import conclude
from tests.fake_laboratory import JUDGED, SOURCE, TARGET, laboratory

pytestmark = pytest.mark.integration

PAIR = Pair(source=SOURCE, target=TARGET)
CLAIM = AdaptedTransfer(
    id="statements",
    title="x",
    regime=NEUTRAL_STATEMENTS,
    adapter="orthogonal_procrustes",
    criterion=Works(),
)


@pytest.fixture(scope="module")
def lab():
    """One laboratory."""
    with laboratory() as lab:
        yield lab


def test_the_map_has_read_the_statements_alone_and_writes_at_the_judged_cell(lab):
    """96 rows, of no prompt of any split; κ and controls are those of every transfer."""
    measured = measure(CLAIM, PAIR, lab)
    assert measured.complete
    carried = measured.arms[0]
    assert (carried.vector.site, carried.kappa) == JUDGED
    assert carried.adapter.read_from == {p.id for p, _ in lab.material.statements}
    assert carried.adapter.rows == 96
    assert carried.adapter.source.site == carried.adapter.target.site
    kinds = measured.controls
    assert [len(kinds.random), len(kinds.shuffled), len(kinds.through_map)] == [19, 19, 19]


def test_r2_on_the_fitted_rows_stands_beside_that_on_held_out_ones(lab):
    """The former is the larger, and neither decides."""
    record = shown(CLAIM, PAIR, lab, measure(CLAIM, PAIR, lab))["adapter"]
    assert record["r2_fitted"] > record["r2_held_out"]


def test_the_source_vector_is_that_of_the_target_s_block_and_else_of_its_own(lab):
    """Whatever block the source itself is judged at."""
    target_site = Site(layer=2, point="resid_post")
    cells = {SOURCE: JUDGED[0], TARGET: target_site}

    class Elsewhere(Arms):
        """Arms whose models are judged at different blocks."""

        def cell(self, model):
            """By the model alone."""
            return SimpleNamespace(chosen=SimpleNamespace(site=cells[model]))

    elsewhere = Elsewhere(lab, lab.material.trait, samples=1)
    own = own_vectors(elsewhere, SOURCE)
    assert transfer_of(CLAIM, PAIR).same_block
    for regime, site in ((NEUTRAL_STATEMENTS, target_site), (EXPOSURE_0, JUDGED[0])):
        assert source_vector(elsewhere, Transfer.under(regime, PAIR)) is own[site]


def test_without_a_block_of_that_number_it_is_not_applicable():
    """Said in a sentence, with both models and the block."""
    with laboratory() as lab:
        object.__setattr__(lab.models[SOURCE], "n_layers", JUDGED[0].layer)
        assessment = measure(CLAIM, PAIR, lab).assessment
    verdict = conclude(assessment, assessment.pvalue)
    assert verdict.outcome.word == "NOT APPLICABLE"
    for word in (SOURCE, TARGET, f"block {JUDGED[0].layer}", "undefined"):
        assert word in verdict.sentence
