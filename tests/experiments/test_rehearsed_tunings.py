"""Tuned models of a rehearsal: what a run would train is counted, and nothing is trained."""

import re
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
import torch

import prefvec.experiments.tunings as tunings
from prefvec.experiments.claims import Tuning
from prefvec.experiments.costs import CPU, PASSES, READ_CPU, ROW, STEP, keep_rate, rate_of
from prefvec.experiments.lab import Lab
from prefvec.experiments.measuring import measure
from prefvec.experiments.options import Options
from prefvec.experiments.pairs import Pair
from prefvec.experiments.rehearsal import RehearsalLab
from prefvec.generation.store import CompletionStore
from prefvec.models.outlines import Outline, outline_of
from prefvec.pytest_plugin.plan import rehearse
from prefvec.pytest_plugin.plan_table import told
from prefvec.tuning import Recipe
from prefvec.vectors.residual import Site, Space
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.worded_criteria import TunedSteers
from tests.experiments.test_rehearsal import OUTLINE, stated
from tests.fake_laboratory import COUNTS, TARGET, laboratory, material
from tests.tiny_options import options_over_tiny

pytestmark = pytest.mark.integration

FEW = Recipe(steps=2, batch_size=4, learning_rate=1e-2)
METHODS = ("LoRRA", "RAHF-SCIT", "RAHF-DUAL")
MOVES = Tuning(
    id="moves", title="x", method="LoRRA", question="tuned in", criterion=TunedSteers(), samples=2
)


def vector_of(model):
    """Any vector of a model."""
    return PreferenceVector(
        direction=torch.eye(model.d_model)[0],
        norm=1.0,
        residual_norm=1.0,
        space=Space.of(model, Site(1, "resid_post")),
        trait="verbosity",
        estimator="given",
        positions="none",
        n_pairs=1,
        prompt_set="",
        read_from=frozenset({"extraction-0"}),
        stability=None,
    )


def tune(lab, name):
    """Every adapter that claims ask for of one trait; the ways by method."""
    ways = {each: tunings.tuned_both_ways(lab, name, "verbosity", each) for each in METHODS}
    given = vector_of(lab.models[name])
    return ways | {"vector": tunings.tuned_to_vector(lab, name, "verbosity", given)}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A tiny model tuned in earnest, and its rehearsal: the labs, with the ways of each."""
    folder = tmp_path_factory.mktemp("both")
    options = options_over_tiny(folder)
    with Lab.open(options) as lab, CompletionStore(":memory:") as store:
        labs = lab, RehearsalLab(options, store, outline_of)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tunings, "RECIPES", {"real": FEW})
            found = [(each, tune(each, *options.names)) for each in labs]
        yield found


def test_as_many_adapters_are_counted_as_a_run_trains(both):
    """Folder for folder, the first steps that both poles share among them; with their steps."""
    (lab, _), (rehearsal, _) = both
    (name,) = lab.options.names
    root = lab.options.store.parent / "tuned"
    made = [file.parent for file in root.rglob("tuning.json")]
    counted = rehearsal.ledger.trainings[name]

    def called(folders):
        digest = "[0-9a-f]{16}"  # of what decides it, such as the model's weights
        return Counter(re.sub(digest, "…", str(folder.relative_to(root))) for folder in folders)

    assert called(counted) == called(made)
    assert len(made) == 2 + 3 + 4 + 2
    assert set(counted.values()) == {FEW}


def test_what_is_counted_tells_of_itself_as_what_is_trained(both):
    """By the code that trains: method, trait, coefficient and the prompts that it rests on."""
    (_, trained), (_, counted) = both
    for method, ways in trained.items():
        for one, other in zip(ways.both, counted[method].both, strict=True):
            for fact in ("method", "trait", "coefficient"):
                assert getattr(one, fact) == getattr(other, fact)
            # The tiny model leaves some answers empty, and a rehearsal none.
            assert set(one.read_from) <= set(other.read_from)


def test_nothing_is_loaded_or_written(both):
    """No model, and no folder beside those of the run itself."""
    (lab, _), (rehearsal, _) = both
    assert not rehearsal.models.loads
    assert lab.models.loads
    folders = {folder for of in rehearsal.ledger.trainings.values() for folder in of}
    assert not any(folder.exists() for folder in folders)


def test_answers_of_tuned_models_are_counted(tmp_path):
    """To each test prompt at four doses of the tuned arm, and at two as trained."""
    with laboratory() as fake, CompletionStore(":memory:") as store:
        options = replace(fake.options, samples=2, store=tmp_path / "s.sqlite")
        lab = RehearsalLab(options, store, lambda _: OUTLINE, material=material())
        measured = measure(MOVES, Pair.alone(TARGET), lab)
        assert measured.complete
        arm, whole = measured.arms
        assert arm.vector.norm == pytest.approx(whole.vector.norm * arm.kappa**0.5, rel=0.02)
        assert len(lab.ledger.trainings[TARGET]) == 2
        tuned = [key for key in lab.ledger.answers[TARGET] if " × " in key[-1]]
        assert len(tuned) == (4 + 2) * COUNTS["test"] * options.samples
        assert {key[0].split("-")[0] for key in tuned} == {"test"}


@pytest.fixture(scope="module")
def plan():
    """All claims of the suite that train, of two organisms."""
    options = Options(sources=("mini-mistral",), targets=("mini-llama",), samples=1, quick=True)
    alone, pair = Pair.alone("mini-mistral"), Pair(source="mini-mistral", target="mini-llama")
    claims = [
        (claim, alone)
        for name in ("tuned_in", "tuning_beats_asking", "within_a_tuned_family")
        for claim in stated(name, "CLAIMS")
    ]
    claims.append((stated("carried_and_tuned_in"), pair))
    return options, claims, rehearse(options, claims)


def test_claims_that_train_are_rehearsed_to_their_end(plan):
    """LoRRA takes two adapters of either concept, SCIT three and DUAL four; a vector takes two."""
    _, _, found = plan
    assert not found.unsure
    counts = {name: len(of) for name, of in found.ledger.trainings.items()}
    assert counts == {"mini-mistral": 2 + 2 + 3 + 4, "mini-llama": 2 + 2}
    assert found.ledger.answers["mini-mistral+lorra"], "the child is asked by its own name"
    assert found.outlines["mini-mistral+lorra"] == found.outlines["mini-mistral"]


def test_the_plan_tells_of_trainings_model_by_model(plan, tmp_path):
    """Adapters, steps, rows, tokens and hours, which the total includes."""
    options, claims, found = plan
    options = replace(options, store=tmp_path / "s.sqlite")
    lines = told(options, found, len(claims))
    assert all(len(line) <= 100 for line in lines if str(tmp_path) not in line)
    (at,) = [i for i, line in enumerate(lines) if line.startswith("tuned in ")]
    row = next(line for line in lines[at:] if line.startswith("mini-mistral "))
    assert row.split()[1] == "11"
    assert f"{11 * 70}" in row
    assert f"{11 * 70 * 16:,}" in row
    assert "1.6 M" in row
    without = told(options, replace(found, ledger=_untrained(found.ledger)), len(claims))
    assert not any(line.startswith("tuned in ") for line in without)
    assert _hours(lines) > _hours(without)


def _untrained(ledger):
    return replace(ledger, trainings=defaultdict(dict))


def _hours(lines):
    """The hours of the last line of the table."""
    (total,) = [line for line in lines if line.startswith("in all ")]
    told_as = re.search(r"(\d+) min|(\d+\.\d)  ", total.replace(",", ""))
    return float(told_as[1]) / 60 if told_as[1] else float(told_as[2])


def test_a_training_is_reckoned_by_size_or_as_the_model_was_trained_here(tmp_path):
    """Seconds a step at 135 million parameters, and never by how fast the model writes."""
    outline = Outline(
        n_layers=30,
        d_model=576,
        parameters=135 * 10**6,
        kept_a_token=11_520,
        vocab_size=49_152,
        kind="chat",
    )
    store = tmp_path / "s.sqlite"
    by_size = rate_of(store, "a", outline, 50, gpu=False)
    step = STEP + 16 * ROW * PASSES * outline.parameters / READ_CPU
    assert 3600 * by_size.hours_of_training(1, 16) == pytest.approx(step)
    assert by_size.tokens_a_second == pytest.approx(CPU / outline.parameters)
    keep_rate(store, "a", 100, 10.0)
    assert rate_of(store, "a", outline, 50, gpu=False).hours_of_training(1, 16) == (
        by_size.hours_of_training(1, 16)
    )
    keep_rate(store, "a", 70, 400.0, unit="step")
    keep_rate(store, "a", 30, 100.0, unit="step")
    here = rate_of(store, "a", outline, 50, gpu=False)
    assert 3600 * here.hours_of_training(1, 16) == pytest.approx(5.0)
    assert here.tokens_a_second == pytest.approx(500)
