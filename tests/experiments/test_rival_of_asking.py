"""That a vector does a share of what asking does: what it compares, asks and comes to."""

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.claims import AsGoodAsAsking, SelfSteering
from prefvec.experiments.measuring import measure
from prefvec.experiments.measuring.as_good_as_asking import share_of
from prefvec.experiments.measuring.shared import arms_of
from prefvec.experiments.native_arms import asking
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import shown
from prefvec.text.traits import POLES
from prefvec.verdicts.asking_criteria import RivalsAsking
from prefvec.verdicts.criteria import Exceeds, Steers
from prefvec.verdicts.wording import conclude
from tests.fake_laboratory import TARGET, laboratory

pytestmark = pytest.mark.integration

ALONE = Pair.alone(TARGET)
CLAIM = AsGoodAsAsking(id="as-good", title="x", criterion=RivalsAsking())
STEERS = SelfSteering(id="steers", title="x", criterion=Steers())


@pytest.fixture(scope="module")
def lab():
    """One laboratory."""
    with laboratory() as lab:
        yield lab


def asked(lab):
    """Every request so far, but for the check that coefficient 0 is no steering."""
    return {
        (entry.arm, entry.prompt.id, entry.prompt.instruction, repr(entry.steering))
        for entry in lab.log.asked
        if entry.arm != "identity"
    }


def test_it_asks_nothing_that_self_steering_did_not_ask(lab):
    """The same arm, the same random directions, and the prompt-only baseline."""
    steers = measure(STEERS, ALONE, lab)
    before = asked(lab)
    measured = measure(CLAIM, ALONE, lab)
    assert measured.complete
    assert asked(lab) == before
    assert measured.arms[0] is steers.arms[0]
    assert measured.controls.random == steers.controls.random
    assert shown(CLAIM, ALONE, lab, measured)["baseline"]


def test_the_contrast_is_with_half_of_asking_for_either_pole_in_unseen_words(lab):
    """Oracle: the two prompted answers by hand, prompt by prompt, on the log scale."""
    measured = measure(CLAIM, ALONE, lab)
    arms = arms_of(CLAIM, lab)
    held_out = {words for pole in POLES for words in arms.trait.pole(pole).held_out}
    prompted = [e.prompt for e in lab.log.asked if e.split == "test" and e.prompt.instruction]
    assert prompted
    assert {prompt.instruction for prompt in prompted} <= held_out
    whole = asking(arms, TARGET)
    assert whole.coefficients == (-1.0, 1.0)
    assert whole.mean_odd == pytest.approx(0.9, abs=0.1)  # the law of the fake models
    (above,) = measured.assessment.support
    own = measured.arms[0].doses.odd
    assert above.values == pytest.approx((own - whole.odd / 2).to_numpy())
    assert len(measured.assessment.controls) == 1


@pytest.mark.parametrize(("share", "word"), [(0.25, "SUPPORTED"), (1.0, "REFUTED")])
def test_its_outcome_follows_the_share(lab, share, word):
    """The fake vector does about seven tenths of what asking does."""
    own, whole = measure(CLAIM, ALONE, lab).arms[0].doses, asking(arms_of(CLAIM, lab), TARGET)
    assert 0.4 < own.mean_odd / whole.mean_odd < 0.9
    claim = CLAIM.variant(id=f"by {share}", criterion=RivalsAsking(share_of_asking=share))
    assessment = measure(claim, ALONE, lab).assessment
    verdict = conclude(assessment, assessment.pvalue)
    assert verdict.outcome.word == word
    assert f"{round(100 * share)} % of asking" in verdict.sentence


def test_a_share_of_an_arm_is_that_share_of_each_of_its_effects(lab):
    """And what was worked out of the whole is forgotten."""
    whole = asking(arms_of(CLAIM, lab), TARGET)
    assert share_of(whole, 0.5).mean_odd == pytest.approx(whole.mean_odd / 2)
    assert share_of(whole, 0.5).even.to_numpy() == pytest.approx(whole.even.to_numpy() / 2)


def test_the_criterion_is_a_contrast_with_a_share_in_its_words():
    """Refused where the share can decide nothing, or where a plain contrast is stated."""
    assert RivalsAsking().parameters == {"alpha": 0.05, "margin": 0.0, "share_of_asking": 0.5}
    assert "50 % of that of asking" in RivalsAsking().sentence
    for share in (0.0, 1.5):
        with pytest.raises(PrefvecError, match="above 0 and at most 1"):
            RivalsAsking(share_of_asking=share)
    with pytest.raises(PrefvecError, match="State RivalsAsking"):
        AsGoodAsAsking(id="x", title="x", criterion=Exceeds())
