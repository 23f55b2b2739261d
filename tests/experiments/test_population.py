"""Over a population: which pairs count, in what order models are needed, and what is shown."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import prefvec.experiments.measuring.between_models as measuring
from prefvec.errors import PrefvecError
from prefvec.experiments.arms import Arms
from prefvec.experiments.claims import BetweenModels
from prefvec.experiments.known_answers import KnownAnswer
from prefvec.experiments.lab import Lab
from prefvec.experiments.measuring import measure, models_of
from prefvec.experiments.options import Options
from prefvec.experiments.pairs import Pair, crossed
from prefvec.experiments.population import NARROW, TWO_OF_EACH, WIDE
from prefvec.experiments.regimes import EXPOSED, exposed
from prefvec.experiments.shelf import ModelMissingError, Shelf
from prefvec.generation.store import CompletionStore
from prefvec.organisms.roster import trained
from prefvec.organisms.species import all_species
from prefvec.pytest_plugin.selection import Named, declared_claims
from prefvec.statistics.estimates import mean_of
from prefvec.vectors.transfer import UnequalWidths
from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.criteria import Fails
from prefvec.verdicts.verdict import Outcome
from prefvec.verdicts.wording import conclude

FAILS = Generalises(share_of_native=0.25, alternative="less")
RAW = BetweenModels(id="x", title="x", sources=NARROW, targets=NARROW, criterion=FAILS)
ADAPTED = RAW.variant(targets=(*NARROW, *WIDE), regime=EXPOSED)
PAIR = Pair.alone("mini-mistral")


def arm(odd):
    """What the measurement reads of an arm."""
    values = pd.Series(np.linspace(-0.2, 0.2, 24) + odd)
    return SimpleNamespace(doses=SimpleNamespace(odd=values, mean_odd=odd, changed=1.0))


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A laboratory whose arms are made up; `lab.asked` notes which model was needed, in order."""
    options = Options(
        sources=("mini-mistral",), targets=("mini-llama",), store=tmp_path / "kept" / "c.sqlite"
    )
    made = Lab(options, CompletionStore(":memory:"))
    asked = []

    def native(arms, model):
        asked.append(model)
        return arm(0.8)

    def carried(arms, transfer, *_):
        asked.append(transfer.pair.target)
        source, target = transfer.pair.source, transfer.pair.target
        by_seed = {"b": 0.02, "c": -0.02}.get(target[-1], 0.0)
        return arm(by_seed + (0.6 if source[:6] == target[:6] else 0.1))

    def raw(arms, transfer):
        if transfer.pair.target in WIDE:
            raise UnequalWidths("128 and 160")
        return carried(arms, transfer)

    def together(arms, target, sources, regime):
        asked.append(target)
        assert len(sources) == 2
        assert not any(source[:6] == target[:6] for source in sources)
        return arm(0.6)

    monkeypatch.setattr(measuring, "native", native)
    monkeypatch.setattr(measuring, "raw", raw)
    monkeypatch.setattr(measuring, "adapted", carried)
    monkeypatch.setattr(measuring, "adapted_together", together)
    monkeypatch.setattr(
        measuring, "source_vector", lambda _, transfer: asked.append(transfer.pair.source)
    )
    monkeypatch.setattr(
        measuring.Readings, "prepare", lambda _, model, regime, trait: asked.append(model)
    )
    monkeypatch.setattr(measuring, "residual_norms", lambda _, model: asked.append(model))
    monkeypatch.setattr(measuring, "identity", lambda *_: True)
    monkeypatch.setattr(measuring, "checks_of", lambda *_: [])
    monkeypatch.setattr(Arms, "few", classmethod(lambda cls, lab, trait: cls._fake(lab)), False)
    monkeypatch.setattr(
        Arms,
        "_fake",
        classmethod(lambda cls, lab: cls(lab, lab.material.trait, samples=1, prompts=24)),
        raising=False,
    )
    return SimpleNamespace(lab=made, asked=asked)


def measured(claim, lab):
    """What the measurement finds."""
    return measuring.measure_between_models(claim, PAIR, lab.lab)


def test_siblings_are_shown_apart_and_judged_nowhere(lab):
    """Between architectures an eighth of native, among siblings three quarters."""
    found = measured(RAW, lab)
    assessment = found.assessment
    assert assessment.outcome(assessment.pvalue) is Outcome.SUPPORTED
    assert assessment.contrast.estimate.estimate == pytest.approx(0.125)
    between, within = found.figures
    assert between["rows"][-1]["estimate"] == pytest.approx(0.125)
    assert within["rows"][-1]["estimate"] == pytest.approx(0.75)
    assert [row["label"] for row in between["rows"][:-1]] == [*NARROW]


def test_a_third_architecture_is_a_target_of_adapters_alone(lab):
    """Eight targets where vectors are adapted; raw is undefined between unequal widths."""
    assert measured(ADAPTED, lab).assessment.n == 8
    assert measured(RAW.variant(targets=(*NARROW, *WIDE)), lab).assessment.n == 6


def test_each_model_is_needed_twice_and_the_writer_first(lab):
    """By itself, and as a target: in the order of the work no model comes back a third time."""
    measured(ADAPTED, lab)
    visits = [m for k, m in enumerate(lab.asked) if k == 0 or lab.asked[k - 1] != m]
    models = (*NARROW, *WIDE)
    assert visits[: len(models)] == [*models]
    # The natives are remembered, and ask for no model when they are gathered again.
    assert visits[-len(models) :] == [*models]


def test_two_sources_go_into_each_target_of_another_architecture_as_one(lab):
    """One share for each target; siblings carry nothing, and only anchors have what is common."""
    claim = RAW.variant(
        sources=TWO_OF_EACH,
        regime=exposed(0.0),
        adapter="anchors",
        together=True,
        criterion=Generalises(share_of_native=0.5, alternative="greater"),
    )
    found = measured(claim, lab)
    assert found.assessment.outcome(found.assessment.pvalue) is Outcome.SUPPORTED
    assert found.assessment.n == 6
    assert found.assessment.contrast.estimate.estimate == pytest.approx(0.75)
    assert len(found.figures) == 1
    assert "the mean vector of several sources" in claim.what
    for other in ({"adapter": "ridge"}, {"regime": None}):
        with pytest.raises(PrefvecError, match="by anchors alone"):
            claim.variant(**other)


def test_an_organism_that_is_not_trained_is_said_to_be(tmp_path, monkeypatch):
    """What to run, in a sentence; the claim is skipped by it."""
    monkeypatch.setattr("prefvec.experiments.shelf.trained", lambda name: False)
    with pytest.raises(ModelMissingError, match=r"organisms\.train mini-llama-b"):
        Shelf(Options(sources=("mini-mistral",)))["mini-llama-b"]


def test_the_population_is_of_species_that_there_are():
    """Three seeds of two architectures of one width, two of a third."""
    species = all_species()
    widths = [species[name].config["hidden_size"] for name in (*NARROW, *WIDE)]
    assert widths == [128] * 6 + [160] * 2
    assert len({species[name].kin for name in NARROW}) == 2


def test_a_claim_about_models_rests_on_all_of_them(lab):
    """Sources, targets and the writer, so that a changed one is measured again."""
    assert models_of(ADAPTED, PAIR, lab.lab) == (*NARROW, *WIDE)


def test_the_claims_between_models_are_one_family(pytestconfig):
    """Raw, adapted without and with exposure; apart from them, that of two sources together."""
    named = Named(sources=("a",), pairs=crossed(("a",), ("b", "c")), by_hand=False)
    declared = [
        (claim, pair)
        for claim, pair in declared_claims(pytestconfig.rootpath / "claims", named)
        if isinstance(claim, BetweenModels)
    ]
    families = Counter(claim.family for claim, _ in declared)
    assert families == {"between models": 3, "anchors": 1}
    assert {named.families(claim, pair) for claim, pair in declared} == {named.pairs}


def test_with_models_named_by_hand_they_run_only_when_asked_for():
    """Training seeds cannot be told from two names; resampled splits can be drawn of any pair."""
    assert RAW.about_organisms
    assert RAW.over_all_pairs


def test_another_criterion_is_refused():
    """That of a pair says nothing about models."""
    with pytest.raises(PrefvecError, match="State Generalises"):
        RAW.variant(criterion=Fails())


def fixed_at(share):
    """A known answer of the raw claim, and of its mean share."""
    return KnownAnswer(
        claim=RAW,
        model="rotated-twin",
        outcomes=(Outcome.SUPPORTED,),
        because="x",
        mean_share_holds=share,
    )


@pytest.mark.parametrize(("holds", "agrees"), [(0.125, True), (0.0, False)])
def test_a_known_answer_may_fix_the_mean_over_targets(lab, holds, agrees):
    """Its interval must hold the share, beside the outcome."""
    assessment = measured(RAW, lab).assessment
    checks = fixed_at(holds).checks(assessment, conclude(assessment, assessment.pvalue), None)
    assert [check["passed"] for check in checks] == [True, agrees]


@pytest.mark.parametrize(("mean", "agrees"), [(-0.2, True), (0.3, False), (-0.3, False)])
def test_a_wide_interval_does_not_hide_a_mean_that_is_far(lab, mean, agrees):
    """All three hold 0; a quarter of native, either way, is no nothing."""
    assessment = measured(RAW, lab).assessment
    assert assessment.contrast is not None
    shares = mean_of(mean + np.array([-1.0, -0.5, -0.5, 0.0, 0.0, 0.5, 0.5, 1.0]))
    low, high = shares.confidence_interval(0.999)
    assert low < 0 < high
    assessment = replace(assessment, contrast=replace(assessment.contrast, estimate=shares))
    (_, check) = fixed_at(0.0).checks(assessment, conclude(assessment, assessment.pvalue), None)
    assert check["passed"] is agrees


@pytest.mark.slow
@pytest.mark.skipif(not trained("mini-llama"), reason="mini-llama is not trained")
def test_two_organisms_go_the_whole_road(tmp_path):
    """Raw and adapted between two models, each loaded twice, the writer once more."""
    options = Options(
        sources=("mini-mistral",),
        targets=("mini-llama",),
        device="cpu",
        quick=True,
        n_prompts=24,
        store=tmp_path / "completions.sqlite",
    )
    two = ("mini-mistral", "mini-llama")
    criterion = Generalises(share_of_native=0.25, alternative="less", targets=2)
    raw = RAW.variant(sources=two, targets=two, criterion=criterion)
    with Lab.open(options) as lab:
        found = measure(raw, PAIR, lab)
        assert found.complete
        assert found.assessment.n == 2
        assert all(count <= 3 for count in lab.models.loads.values())
        adapted = measure(raw.variant(id="y", regime=EXPOSED), PAIR, lab)
        assert adapted.complete
        assert all(count <= 6 for count in lab.models.loads.values())
