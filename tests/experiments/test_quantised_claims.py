"""That a vector does in quantised weights what it does elsewhere: what is compared, and asked."""

import pytest

from prefvec.experiments.cells import judged_cell
from prefvec.experiments.claims import Quantised, SelfSteering
from prefvec.experiments.coherent_text import limits
from prefvec.experiments.measuring import measure
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import claim_record, shown
from prefvec.experiments.shelf import ModelMissingError, Shelf
from prefvec.report.blessing import finding_of
from prefvec.verdicts.criteria import Steers
from prefvec.verdicts.worded_criteria import QuantisedWorks
from prefvec.verdicts.wording import conclude
from tests.fake_laboratory import SOURCE, laboratory
from tests.tiny import save_tiny
from tests.tiny_options import options_over_tiny

pytestmark = pytest.mark.integration

ALONE = Pair.alone(SOURCE)
CLAIM = Quantised(
    id="quantised-{weights}-{source}", title="{source} in {weights}", criterion=QuantisedWorks()
)
MADE = f"{SOURCE}-Q4_0"


@pytest.fixture(scope="module")
def lab():
    """One laboratory, whose models keep all of what they do."""
    with laboratory() as lab:
        yield lab


def test_block_and_norm_are_those_of_the_model_as_it_is(lab):
    """No cell is looked for, no vector read and no dose solved for in the quantised weights."""
    arm, own = measure(CLAIM, ALONE, lab).arms
    assert (arm.model, own.model) == (MADE, SOURCE)
    assert arm.vector.site == own.vector.site
    assert arm.vector.norm == own.vector.norm
    assert arm.vector.direction.equal(own.vector.direction)
    assert arm.vector.model == MADE
    assert arm.kappa is None
    assert arm.search is judged_cell(lab, SOURCE, "verbosity")
    assert shown(CLAIM, ALONE, lab, measure(CLAIM, ALONE, lab))["search"]
    steered = {e.arm for e in lab.log.asked if e.model == MADE and e.split == "tuning" and e.arm}
    assert steered == {"unsteered", "identity"}
    assert not any(e.split == "extraction" for e in lab.log.asked if e.model == MADE)


def test_it_is_held_to_the_same_answers_that_self_steering_gave(lab):
    """The reference is the arm of that claim; random directions are the quantised model's own."""
    measured = measure(CLAIM, ALONE, lab)
    steers = measure(SelfSteering(id="steers", title="x", criterion=Steers()), ALONE, lab)
    assert measured.arms[1].doses is steers.arms[0].doses
    assert measured.random is not None
    assert measured.random.model == MADE
    assert len(measured.controls.random) == lab.options.n_controls
    assert len(measured.controls.unrelated) == 1
    assert shown(CLAIM, ALONE, lab, measured)["baseline"]


def test_its_finding_is_of_the_quantised_arm(lab):
    """What a later run is compared with, prompt by prompt."""
    measured = measure(CLAIM, ALONE, lab)
    verdict = conclude(measured.assessment, measured.assessment.pvalue)
    how = {"families": [], "nodeid": "x"}
    record = claim_record(lab, CLAIM, ALONE, shown(CLAIM, ALONE, lab, measured), verdict, **how)
    arm = measured.arms[0].doses
    assert finding_of(record, {})["odd"] == pytest.approx(arm.odd.to_dict())
    assert {*finding_of(record, {})["arms"]} == {"quantised", "native"}


def test_limits_of_coherence_are_those_of_the_model_as_it_is(lab):
    """So answers that its quantised weights would bring forth all the time are not text there."""
    assert limits(lab, MADE) is limits(lab, SOURCE)


@pytest.mark.parametrize(("kept", "word"), [(1.0, "SUPPORTED"), (0.6, "REFUTED")])
def test_its_outcome_follows_what_the_weights_keep(kept, word):
    """All of it, or six tenths of it."""
    with laboratory(kept_in_format=kept) as lab:
        assessment = measure(CLAIM, ALONE, lab).assessment
    verdict = conclude(assessment, assessment.pvalue)
    assert verdict.outcome.word == word
    share = assessment.share_of_native
    assert share is not None
    assert share.ratio == pytest.approx(kept, abs=0.1)
    assert "transfers" not in verdict.sentence


def test_the_original_is_loaded_once_and_a_format_that_is_none_is_said(tmp_path):
    """What is made of a model takes it from memory; where it cannot be made, its claims say why."""
    options = options_over_tiny(tmp_path)
    (name,) = options.sources
    shelf = Shelf(options)
    made = shelf.quantised(name, "Q4_0")
    assert shelf[name].fingerprint != shelf[made].fingerprint
    assert (shelf.loads[name], shelf.loads[made]) == (1, 1)
    assert (shelf.original(made), shelf.original(name)) == (name, name)
    odd = str(save_tiny(tmp_path / "odd", "llama", d_model=48))
    with pytest.raises(ModelMissingError, match="no multiple of 32"):
        shelf[shelf.quantised(odd, "Q4_0")]


def test_the_format_stands_in_the_id_and_the_title():
    """So that two formats are two findings."""
    assert CLAIM.name(Pair.alone("mini-mistral")) == "quantised-q4-0-mini-mistral"
    assert CLAIM.variant(weights="Q8_0").name(Pair.alone("m")) == "quantised-q8-0-m"
    assert QuantisedWorks().sentence.count("80 %") == 1
