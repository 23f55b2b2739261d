"""The claim that a vector, added at every token, still steers: all of its arms are added so."""

import runpy
from dataclasses import replace

import pytest

from prefvec.experiments.measuring import measure
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import shown
from tests.claim_suite import ROOT
from tests.fake_laboratory import EVERYWHERE, JUDGED, TARGET, laboratory

pytestmark = pytest.mark.integration

PAIR = Pair.alone(TARGET)


def stated(name):
    """The claim of a file of the suite."""
    return runpy.run_path(str(ROOT / "claims" / f"test_{name}.py"))["CLAIM"]


@pytest.fixture(scope="module")
def lab():
    """One laboratory, in which both claims are measured."""
    with laboratory() as opened:
        yield opened


@pytest.fixture(scope="module")
def measured(lab):
    """What was measured for the finding, and for the claim with its requests."""
    finding = measure(stated("self_steering"), PAIR, lab)
    before = len(lab.log.asked)
    claim = measure(stated("added_everywhere"), PAIR, lab)
    return finding, claim, lab.log.asked[before:]


def test_its_thresholds_are_those_of_self_steering():
    """Of one claim and the other, so that neither is easier to support."""
    claim, finding = stated("added_everywhere"), stated("self_steering")
    assert claim.criterion == finding.criterion
    assert (claim.positions, finding.positions) == ("all", "answer")
    assert claim.family != finding.family
    assert finding.of_the_run
    assert not claim.of_the_run


def test_everything_that_is_added_is_added_at_every_token(measured):
    """The vector at its doses, 19 random directions, and the check that 0 is nothing."""
    *_, asked = measured
    added = [e for e in asked if e.steering.site is not None and e.split in ("test", "tuning")]
    arms = {entry.arm for entry in added}
    assert arms == {"native", "identity", *(f"random-{k}" for k in range(19))}
    assert {entry.steering.positions for entry in added} == {"all"}


def test_unsteered_rows_and_those_at_0_stand_among_the_same_prompts(measured):
    """In bfloat16 a batch of other prompts rounds otherwise, and SmolLM2 went on otherwise."""
    *_, asked = measured
    checked = [entry for entry in asked if entry.arm == "identity"]
    half = len(checked) // 2
    plain, added = checked[:half], checked[half:]
    assert [entry.prompt for entry in plain] == [entry.prompt for entry in added]
    assert {entry.steering.coefficient for entry in plain} == {0.0}
    assert [entry.steering.coefficient for entry in added] == [0.0] * 4 + [1.0] * 4
    assert all(entry.steering.vector is not None for entry in added)


def test_it_is_written_at_the_judged_cell_at_the_same_disturbance(measured):
    """The same block, direction and κ; the norm is the one that has κ when added so."""
    finding, claim, asked = measured
    (usual,), (arm,) = finding.arms, claim.arms
    assert (arm.vector.site, arm.kappa) == JUDGED
    assert (arm.vector.direction == usual.vector.direction).all()
    assert arm.vector.norm == pytest.approx(usual.vector.norm / EVERYWHERE)
    random = [e.steering.vector.norm for e in asked if e.arm.startswith("random")]
    assert random == pytest.approx([arm.vector.norm] * len(random))


def test_the_record_says_where_it_was_added(lab, measured):
    """Of either claim, and people read it in the arm's label."""
    finding, claim, _ = measured
    told = [
        shown(stated(name), PAIR, lab, each)["arms"][0]
        for name, each in (("self_steering", finding), ("added_everywhere", claim))
    ]
    assert [arm["added_at"] for arm in told] == ["answer", "all"]
    assert [arm["label"] for arm in told] == ["its own vector", "its own vector, at every token"]
    assert [arm["role"] for arm in told] == ["native", "native"]
    none = replace(claim.arms[0], positions=None).record()
    assert "added_at" not in none


def test_it_comes_out_by_the_law(measured):
    """As much is done by the same disturbance, so both are supported."""
    for each in measured[:2]:
        assert each.assessment.outcome(each.assessment.pvalue).word == "SUPPORTED"
