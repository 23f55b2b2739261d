"""Claims by anchors, in a laboratory without a network: one source, and several together."""

import pytest

from prefvec.adapters import AnchorAdapter
from prefvec.experiments.carried_arms import adapted_together
from prefvec.experiments.claims import AdaptedTransfer
from prefvec.experiments.measuring import measure
from prefvec.experiments.measuring.shared import arms_of
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import shown
from prefvec.experiments.regimes import exposed
from prefvec.verdicts.criteria import Works
from tests.fake_laboratory import JUDGED, SOURCE, TARGET, laboratory

pytestmark = pytest.mark.integration

PAIR = Pair(source=SOURCE, target=TARGET)
CLAIM = AdaptedTransfer(
    id="anchors", title="x", regime=exposed(0.0), adapter="anchors", criterion=Works()
)


@pytest.fixture(scope="module")
def lab():
    """One laboratory."""
    with laboratory() as lab:
        yield lab


def test_a_claim_by_anchors_is_measured_as_any_transfer(lab):
    """At the judged cell, with all controls, and its map in the record."""
    measured = measure(CLAIM, PAIR, lab)
    assert measured.complete
    carried = measured.arms[0]
    assert isinstance(carried.adapter, AnchorAdapter)
    assert (carried.vector.site, carried.kappa) == JUDGED
    assert len(measured.controls.shuffled) == len(measured.controls.through_map) == 19
    assert shown(CLAIM, PAIR, lab, measured)["adapter"]["method"] == "anchors"


def test_one_source_together_is_that_source_alone(lab):
    """The mean of one is itself, at the same cell and dose."""
    alone = measure(CLAIM, PAIR, lab).arms[0]
    arm = adapted_together(arms_of(CLAIM, lab), TARGET, (SOURCE,), exposed(0.0))
    assert float(arm.vector.direction @ alone.vector.direction) == pytest.approx(1, abs=1e-5)
    assert arm.vector.norm == pytest.approx(alone.vector.norm)
    assert arm.vector.read_from == alone.vector.read_from
    assert (arm.vector.site, arm.kappa) == JUDGED
