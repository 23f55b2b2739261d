"""What a claim's file may state, and which families its claims are counted in."""

import dataclasses

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.claims import (
    AdaptedTransfer,
    Claim,
    Exploration,
    RawTransfer,
    Selectivity,
    SelfSteering,
    Tuning,
)
from prefvec.experiments.known_traits import traits_of
from prefvec.experiments.pairs import Pair, crossed, slug
from prefvec.experiments.regimes import EXPOSED
from prefvec.organisms.small_world import SMALL_WORLD
from prefvec.pytest_plugin.selection import Named, declared_claims
from prefvec.verdicts.criteria import Exceeds, Fails, Steers, Works
from prefvec.verdicts.worded_criteria import TunedSteers

STATED = {"id": "x", "title": "x"}


@pytest.mark.parametrize(
    ("kind", "criterion", "others"),
    [
        (SelfSteering, Works(), {}),
        (RawTransfer, Steers(), {}),
        (AdaptedTransfer, Fails(), {"regime": EXPOSED}),
        (Selectivity, Steers(), {"spared": "formality"}),
        (Exploration, Works(), {"study": "layers"}),
        (Claim, Steers(), {}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_criterion_of_another_kind_is_refused(kind, criterion, others):
    """The error names the claim, its kind, and what may be stated."""
    with pytest.raises(PrefvecError, match=rf"'x' is a {kind.__name__}.*State "):
        kind(**STATED, criterion=criterion, **others)


@pytest.mark.parametrize("controls", [("random directions",), ()])
def test_controls_are_a_fact_of_the_class_and_cannot_be_stated(controls):
    """Nor can a regime for a vector that no adapter carries."""
    with pytest.raises(TypeError, match="controls"):
        SelfSteering(**STATED, criterion=Steers(), controls=controls)
    with pytest.raises(TypeError, match="regime"):
        SelfSteering(**STATED, criterion=Steers(), regime=EXPOSED)


def test_every_field_of_a_claim_tells_it_from_another():
    """Two claims that differ in any one field are two measurements: the memory's key says so."""
    for kind in (SelfSteering, RawTransfer, AdaptedTransfer, Selectivity, Exploration):
        assert {field.name for field in dataclasses.fields(kind) if not field.repr} == set()
        assert {field.name for field in dataclasses.fields(kind) if field.compare is False} == set()


def test_a_copy_that_must_work_has_the_controls_of_what_works():
    """Random directions and another concept; one that must fail is shown beside the former."""
    fails = RawTransfer(**STATED, criterion=Fails())
    works = RawTransfer(**STATED, criterion=Works(mapped=False))
    assert fails.controls == ("random directions",)
    assert works.controls == ("random directions", "unrelated concept")
    adapted = AdaptedTransfer(**STATED, criterion=Works(), regime=EXPOSED)
    maps = {"shuffled maps", "random source directions"}
    assert {*works.controls} | maps == {*adapted.controls}
    assert adapted.references == ("native", "raw", "target-only")


def test_foresight_alone_takes_a_diagnostic():
    """And needs one."""
    with pytest.raises(PrefvecError, match="diagnostic"):
        Exploration(**STATED, criterion=Exceeds(), study="foresight")
    with pytest.raises(PrefvecError, match="diagnostic"):
        Exploration(**STATED, criterion=Exceeds(), study="layers", diagnostic="span")


NAMED = Named(sources=("a",), pairs=crossed(("a",), ("b", "c")), by_hand=False)


def test_families_are_declared_by_the_files_not_by_the_selection(pytestconfig):
    """Each source and target has four claims in the first family, whatever is selected."""
    declared = declared_claims(pytestconfig.rootpath / "claims", NAMED)
    for target in ("b", "c"):
        family = Pair(source="a", target=target)
        names = {
            claim.name(pair)
            for claim, pair in declared
            if claim.question == "the three findings" and family in NAMED.families(claim, pair)
        }
        assert names == {
            "self-steering-a",
            f"raw-transfer-a-to-{target}",
            f"adapted-exposed-a-to-{target}",
            f"adapted-exposure-0-a-to-{target}",
        }


def test_every_declared_claim_has_an_id_of_its_own(pytestconfig):
    """No two verdicts share a place in the record, whichever models a run names."""
    for by_hand in (False, True):
        named = Named(sources=NAMED.sources, pairs=NAMED.pairs, by_hand=by_hand)
        declared = declared_claims(pytestconfig.rootpath / "claims", named)
        ids = [claim.name(pair) for claim, pair in declared]
        assert len(ids) == len(set(ids))
        assert all(set(id_) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for id_ in ids)


def test_every_model_meets_every_other_one_but_never_itself():
    """--all-pairs of three models are six transfers, target by target."""
    pairs = crossed(("a", "b", "c"), ("a", "b", "c"))
    assert len(pairs) == len(set(pairs)) == 6
    assert [pair.target for pair in pairs] == ["a", "a", "b", "b", "c", "c"]
    assert all(pair.source != pair.target for pair in pairs)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mini-llama", "mini-llama"),
        ("meta-llama/Meta-Llama-3-8B", "meta-llama-3-8b"),
        ("/models/my model/", "my-model"),
        ("本", "model"),
    ],
)
def test_any_model_gives_an_id_that_pytest_accepts(name, expected):
    """Ids hold lower-case letters, digits and hyphens alone."""
    assert slug(name) == expected


def told(id_, title, source, target):
    """A claim about two models in a few words, and in a sentence about their roles."""
    claim = AdaptedTransfer(id=id_, title=title, criterion=Works(), regime=EXPOSED)
    pair, trait = Pair(source=source, target=target), traits_of(SMALL_WORLD)["verbosity"]
    return claim.brief(pair), claim.in_roles(pair, {}, trait)


@pytest.mark.parametrize(
    ("id_", "title", "models", "expected"),
    [
        (
            "exposed-{source}-to-{target}",
            "On {regime}, {source} moves {target}.",
            ("mini-llama-small", "mini-llama"),
            ("Exposed → mini-llama", "On exposed 2 %, the source moves the target."),
        ),
        (
            "steers-{source}",
            "{source} is moved by its {trait}.",
            ("a.b", "a.b"),
            ("Steers, a.b", "The model is moved by its verbosity."),
        ),
        ("spared-in-{source}", "{source}.", ("a", "a"), ("Spared, a", "The model.")),
        ("over-pairs", "Over all pairs.", ("a", "a"), ("Over pairs", None)),
    ],
    ids=["transfer", "own", "in", "many"],
)
def test_a_claim_is_told_in_few_words_and_by_the_roles_of_its_models(id_, title, models, expected):
    """Figures and the matrix read these, so that none of them takes a name or an id apart."""
    assert told(id_, title, *models) == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [("LoRRA", "Tuned in by LoRRA, a"), ("RAHF-SCIT", "Tuned in by RAHF-SCIT, a")],
)
def test_a_method_is_spelled_as_its_paper_spells_it(method, expected):
    """Not as an id does, which has no capitals."""
    claim = Tuning(
        id="tuned-in-by-{method}-{source}", title="x", criterion=TunedSteers(), method=method
    )
    assert claim.brief(Pair(source="a", target="a")) == expected
