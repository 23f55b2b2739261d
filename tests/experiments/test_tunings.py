"""Tuned models in a real laboratory: a tiny model of random weights, loaded by path."""

import pytest

import prefvec.experiments.arms as arms_module
import prefvec.experiments.native_arms as native_arms
import prefvec.experiments.tuned_arms as tuned_arms
import prefvec.experiments.tunings as tunings
from prefvec.experiments.arms import Arms
from prefvec.experiments.dosing import TOKENS_READ, read_unsteered
from prefvec.experiments.lab import Lab
from prefvec.experiments.search import Search, Tried
from prefvec.generation.divergence_between import Untuned
from prefvec.tuning import Recipe
from prefvec.vectors.residual import Site
from tests.tiny_options import options_over_tiny

pytestmark = pytest.mark.integration

SITE, KAPPA = Site(1, "resid_post"), 0.05
FEW = Recipe(steps=2, batch_size=4, learning_rate=1e-2)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A lab over one model; what random weights write is no text, and is taken for some."""
    folder = tmp_path_factory.mktemp("lab")
    options = options_over_tiny(folder)

    def as_text(lab, model):
        return lambda answer: True

    with pytest.MonkeyPatch.context() as patch, Lab.open(options) as lab:
        patch.setattr(tunings, "RECIPES", {"real": FEW})
        patch.setattr(arms_module, "coherent", as_text)
        patch.setattr(native_arms, "coherent", as_text)
        yield lab


@pytest.fixture(scope="module")
def arms(lab):
    """Arms on four test prompts, judged at a given cell."""
    of = Arms(lab, lab.material.trait, samples=1, prompts=4)
    chosen = Tried(
        site=SITE, kappa=KAPPA, relative_norm=0.1, odd=1.0, coherence_loss=0.0, censored=0.0
    )
    of.cell = lambda model: Search(tried=[chosen], chosen=chosen)
    return of


def test_a_tuned_arm_disturbs_as_much_as_the_judged_cell(lab, arms):
    """The share of the update follows from κ; all else is that of any arm."""
    (name,) = lab.options.names
    arm, ways = (
        tuned_arms.tuned(arms, name, "LoRRA"),
        tunings.tuned_both_ways(lab, name, "verbosity", "LoRRA"),
    )
    model = lab.models[name]
    scale = arm.vector.norm / tuned_arms.as_trained(arms, name, "LoRRA").vector.norm
    untuned = Untuned(model, read_unsteered(lab, name), most=TOKENS_READ)
    both = [each.merged(model, scale=scale) for each in (ways.positive, ways.negative)]
    assert untuned.divergence(*both) == pytest.approx(KAPPA, rel=0.02)
    assert tuned_arms.no_share_is_untuned(arms, arm, ways)
    assert arm.vector.site == SITE
    assert len(arm.completions) == 4 * 4
    assert all(answer.perplexity for answer in arm.completions if answer.text)
    assert arm.doses.going_on.notna().all()
    assert arm.doses.coefficients == (-1.0, -0.5, 0.5, 1.0)


def test_only_extraction_prompts_are_tuned_on(lab):
    """And what is kept beside the store is read back."""
    (name,) = lab.options.names
    ways = tunings.tuned_both_ways(lab, name, "verbosity", "LoRRA")
    extraction = {prompt.id for prompt in lab.material.splits["extraction"]}
    assert ways.read_from <= extraction
    assert ways.positive.coefficient == 5.0 == -ways.negative.coefficient
    kept = ways.positive.folder
    assert kept.parent == lab.options.store.parent / "tuned"
    assert tunings._folder(lab, name, "verbosity", "LoRRA", "positive") == kept.name


def test_both_poles_of_rahf_share_their_first_step(lab):
    """It is trained once."""
    (name,) = lab.options.names
    ways = tunings.tuned_both_ways(lab, name, "verbosity", "RAHF-DUAL")
    folders = {folder.name for folder in ways.positive.folder.parent.glob("*rahf-dual*")}
    assert len(folders) == 3
    assert (ways.positive.coefficient, ways.negative.coefficient) == (1.0, -1.0)


def test_a_tuned_child_is_a_model_by_name(lab, arms):
    """Made of its parent whenever it is asked for, and checked as any model is."""
    (name,) = lab.options.names
    child = tuned_arms.tuned_child(arms, name, "LoRRA")
    ways = tunings.tuned_both_ways(lab, name, "verbosity", "LoRRA")
    assert lab.models[child].name == child
    assert lab.models[child].fingerprint == ways.positive.merged(lab.models[name]).fingerprint
    assert lab.models[name].fingerprint == ways.positive.model
    assert all(check.passed for check in lab.models.checked(child))
    assert lab.models.width(child) == lab.models.width(name)
