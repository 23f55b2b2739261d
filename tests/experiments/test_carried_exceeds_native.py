"""That a carried vector does more in a base model than its own: where it applies, what it asks."""

import dataclasses

import pytest

from prefvec.experiments.claims import AdaptedTransfer, CarriedExceedsNative
from prefvec.experiments.measuring import measure
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import exposed
from prefvec.verdicts.criteria import Exceeds, Works
from prefvec.verdicts.wording import conclude
from tests.fake_laboratory import SOURCE, TARGET, laboratory

pytestmark = pytest.mark.integration

STATED = {"title": "x", "regime": exposed(0.04)}
CLAIM = CarriedExceedsNative(id="carried", criterion=Exceeds(), **STATED)
ADAPTED = AdaptedTransfer(id="adapted", criterion=Works(), **STATED)
PAIR = Pair(source=SOURCE, target=TARGET)


@pytest.fixture(scope="module")
def lab():
    """One laboratory, whose target is a base model."""
    with laboratory() as lab:
        yield lab


def asked(lab):
    """Every request so far, but for the check that coefficient 0 is no steering."""
    return {
        (entry.model, entry.arm, entry.prompt.id, repr(entry.steering))
        for entry in lab.log.asked
        if entry.arm != "identity"
    }


def test_it_asks_nothing_that_the_adapted_claim_did_not_ask(lab):
    """The same arms, at the same cell and κ."""
    adapted = measure(ADAPTED, PAIR, lab)
    before = asked(lab)
    measured = measure(CLAIM, PAIR, lab)
    assert asked(lab) == before
    assert measured.complete
    assert measured.arms[0].vector is adapted.arms[0].vector
    assert [arm.doses.arm for arm in measured.arms] == ["adapted", "native"]
    assert measured.arms[0].vector.site == measured.arms[1].vector.site
    assert measured.arms[0].kappa == measured.arms[1].kappa


def test_the_contrast_is_the_odd_part_of_the_carried_less_that_of_native(lab):
    """Prompt by prompt, over the margin; ranked among three families of controls."""
    measured = measure(CLAIM, PAIR, lab)
    carried, own = (arm.doses.odd.to_numpy() for arm in measured.arms)
    (above,) = measured.assessment.support
    assert above.values == pytest.approx(carried - own)
    assert len(measured.assessment.controls) == 3


@pytest.mark.parametrize(("below", "word"), [(0.5, "SUPPORTED"), (-0.5, "REFUTED")])
def test_its_outcome_follows_the_margin(lab, below, word):
    """A margin well below what is measured is passed, one well above it refutes."""
    measured = measure(CLAIM, PAIR, lab)
    mean = float(measured.assessment.support[0].values.mean())
    claim = CLAIM.variant(id=f"by {below}", criterion=Exceeds(margin=mean - below))
    assessment = measure(claim, PAIR, lab).assessment
    assert conclude(assessment, assessment.pvalue).outcome.word == word


@pytest.mark.parametrize("kinds", [("chat", "chat"), ("plain", "plain"), ("plain", "chat")])
def test_of_other_pairs_it_is_not_applicable(kinds):
    """Said in a sentence that names both models, without an answer."""
    with laboratory() as lab:
        lab.models.asked_in = dict(zip((SOURCE, TARGET), kinds, strict=True)).__getitem__
        assessment = measure(CLAIM, PAIR, lab).assessment
        assert not asked(lab)
    verdict = conclude(assessment, assessment.pvalue)
    assert verdict.outcome.word == "NOT APPLICABLE"
    assert SOURCE in verdict.sentence
    assert TARGET in verdict.sentence


def test_another_margin_is_another_measurement():
    """The memory tells claims apart by their fields."""
    fields = {field.name for field in dataclasses.fields(CarriedExceedsNative)}
    assert fields == {field.name for field in dataclasses.fields(AdaptedTransfer)}
    assert CLAIM != ADAPTED
