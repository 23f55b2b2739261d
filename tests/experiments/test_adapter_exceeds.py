"""That one adapter carries more than another: same rows, same cell, prompt by prompt."""

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.claims import ADAPTERS, AdaptedTransfer, AdapterExceeds
from prefvec.experiments.measuring import measure
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import METHODS
from prefvec.experiments.records import shown
from prefvec.experiments.regimes import exposed
from prefvec.report.blessing import deciding_values
from prefvec.verdicts.criteria import Exceeds, Works
from prefvec.verdicts.wording import conclude
from tests.fake_laboratory import JUDGED, SOURCE, TARGET, laboratory

pytestmark = pytest.mark.integration

PAIR = Pair(source=SOURCE, target=TARGET)
STATED = {"title": "{adapter} over {over}", "regime": exposed(0.04)}
CLAIM = AdapterExceeds(
    id="{adapter}-exceeds-{over}",
    adapter="orthogonal_procrustes",
    over="ridge",
    criterion=Exceeds(),
    **STATED,
)
RIDGE = AdaptedTransfer(id="ridge", criterion=Works(), title="x", regime=exposed(0.04))


@pytest.fixture(scope="module")
def lab():
    """One laboratory."""
    with laboratory() as lab:
        yield lab


def test_both_arms_are_written_at_the_judged_cell_and_the_second_is_the_other_claims(lab):
    """The linear arm is the very one of the adapted claim, so that nothing is asked twice."""
    measured = measure(CLAIM, PAIR, lab)
    assert measured.complete
    first, second, own = measured.arms
    assert [arm.doses.arm for arm in measured.arms] == ["adapted", "adapted otherwise", "native"]
    assert (first.adapter.method, second.adapter.method) == ("orthogonal_procrustes", "ridge")
    assert first.adapter.read_from == second.adapter.read_from
    for arm in (first, second, own):
        assert (arm.vector.site, arm.kappa) == JUDGED
    assert second.vector is measure(RIDGE, PAIR, lab).arms[0].vector
    fake = shown(CLAIM, PAIR, lab, measured)
    assert fake["adapter"]["method"] == "orthogonal_procrustes"


def test_the_contrast_is_of_odd_parts_and_is_what_a_finding_keeps(lab):
    """By prompt, in the verdict as in the record that later runs are compared with."""
    measured = measure(CLAIM, PAIR, lab)
    first, second = (arm.doses.odd for arm in measured.arms[:2])
    (above,) = measured.assessment.support
    assert above.values == pytest.approx((first - second).to_numpy())
    assert "orthogonal Procrustes over that of" in measured.assessment.contrast.what
    assert len(measured.assessment.controls) == len(CLAIM.controls) == 3
    record = {"kind": "exceeds", **shown(CLAIM, PAIR, lab, measured)}
    assert deciding_values(record) == pytest.approx((first - second).to_dict())


@pytest.mark.parametrize(("below", "word"), [(0.5, "SUPPORTED"), (-0.5, "REFUTED")])
def test_its_outcome_follows_the_margin(lab, below, word):
    """A margin well below what is measured is passed, one well above it refutes."""
    mean = float(measure(CLAIM, PAIR, lab).assessment.support[0].values.mean())
    claim = CLAIM.variant(id=f"by {below}", criterion=Exceeds(margin=mean - below))
    assessment = measure(claim, PAIR, lab).assessment
    assert conclude(assessment, assessment.pvalue).outcome.word == word


def test_it_is_named_by_both_adapters_and_refused_of_one(lab):
    """Each way to fit has words that people read."""
    assert CLAIM.name(PAIR) == "orthogonal-procrustes-exceeds-ridge"
    material = lab.material
    told = CLAIM.sentence(PAIR, material.traits, material.trait)
    assert told == "orthogonal Procrustes over ridge regression"
    assert ADAPTERS.keys() == METHODS.keys()
    with pytest.raises(PrefvecError, match="with itself"):
        CLAIM.variant(over="orthogonal_procrustes")
