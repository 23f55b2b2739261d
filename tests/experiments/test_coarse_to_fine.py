"""The choice of cell in models of many blocks: what it asks, what it finds, and whom it spares."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prefvec.experiments.cells as cells
import tests.fake_laboratory as fake
from prefvec.experiments.cells import MANY_BLOCKS, full_grid, judged_cell, steerable
from prefvec.experiments.claims import CAA
from prefvec.experiments.coarse_to_fine import FEW, every_block, every_third, neighbourhood
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.sieve import DIRECTIONS, DOSES, TURNS, first_sentences
from prefvec.vectors.residual import Site
from tests.fake_laboratory import COUNTS, TARGET, brevity_in, laboratory

TRAIT = "verbosity"
BLOCKS = 14
BEST = (7, 8)
"""Blocks whose own vector has nothing beside the hidden direction."""
SIEVED = (1, 4, 7, 10, 12)


@contextmanager
def deep_laboratory(blocks=BLOCKS, breaks=0.3):
    """A laboratory whose models have many blocks, the last of them the strongest trap."""
    patched = {
        "GAINS": (1.42,) * (blocks - 1) + (4.0,),
        "BREAKS": (breaks,) * blocks,
        "BESIDE": tuple(0.0 if layer in BEST else 2.0 for layer in range(blocks)),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in patched.items():
            patch.setattr(fake, name, value)
        patch.setattr(fake.FakeModel, "n_layers", blocks)
        with laboratory() as lab:
            yield lab


@pytest.fixture(scope="module")
def deep():
    """One laboratory for all laws, its log empty but for what the search for a cell asked."""
    with deep_laboratory() as lab:
        native_vectors(lab, TARGET, TRAIT, CAA)
        lab.log.asked.clear()
        lab.log.read.clear()
        found = judged_cell(lab, TARGET, TRAIT)
        yield SimpleNamespace(
            lab=lab, found=found, asked=steered(lab), all=[*lab.log.asked, *lab.log.read]
        )


def steered(lab):
    """What was asked under steering since the log was emptied."""
    return [entry for entry in lab.log.asked if entry.steering.vector]


def test_it_finds_the_cell_furthest_beyond_chance(deep):
    """The law's blocks and dose, as the whole grid does."""
    own = native_vectors(deep.lab, TARGET, TRAIT, CAA)
    vectors = {site: own[site] for site in steerable(deep.lab, TARGET)}
    deep.lab.log.asked.clear()
    whole = full_grid(deep.lab, TARGET, TRAIT, vectors)
    for found in (whole, deep.found):
        assert found.chosen.eligible
        assert found.chosen.site.layer in BEST
        assert found.chosen.kappa == 0.15
    assert len(deep.asked) < len(steered(deep.lab)) / 2, "few prompts and few blocks, and yet"


def test_a_look_at_every_block_finds_it_too(deep):
    """Which is what the sieve is held against in models whose grid is too large."""
    own = native_vectors(deep.lab, TARGET, TRAIT, CAA)
    vectors = {site: own[site] for site in steerable(deep.lab, TARGET)}
    found = every_block(deep.lab, TARGET, TRAIT, vectors)
    assert {row.site for row in found.tried} == set(vectors)
    assert not found.sieved
    assert (found.chosen.site, found.chosen.kappa) == (
        deep.found.chosen.site,
        deep.found.chosen.kappa,
    )


def test_the_last_block_is_neither_sieved_nor_tried(deep):
    """What is added there is a bias on the logits."""
    assert {row.site.layer for row in deep.found.sieved} == set(SIEVED)
    layers = {entry.steering.vector.site.layer for entry in deep.asked}
    assert max(layers) < BLOCKS - 1
    assert layers == {row.site.layer for row in deep.found.tried}


def test_only_tuning_prompts_are_asked_and_read(deep):
    """Given answers for the sieve, few prompts for a look, all of them twice for a finalist."""
    assert {entry.split for entry in deep.all} == {"tuning"}
    read = Counter(entry.what for entry in deep.all)
    assert read["going on"] == len(SIEVED) * len(DOSES) * (1 + DIRECTIONS) * TURNS
    looked = {row.site for row in deep.found.tried}
    looks = Counter(entry.what for entry in deep.asked)
    assert looks[f"tuning, {TRAIT}, a look at κ 0.05"] == len(looked) * 2 * FEW
    assert looks[f"tuning, {TRAIT}, whole in 3 cells"] == 3 * 2 * 2 * COUNTS["tuning"]
    assert looks[f"tuning, {TRAIT}, random"] <= 3 * 2 * 12 * 16


def test_the_record_tells_what_was_sieved_looked_at_and_tried(deep):
    """Only what was tried to the end can be chosen, and each cell stands once."""
    rows = deep.found.record()
    places = [(row["layer"], row["kappa"]) for row in rows]
    assert len(set(places)) == len(places)
    assert sum(row["chosen"] for row in rows) == 1
    assert sum(row["eligible"] for row in rows) <= 3
    first = [row for row in rows if "going_on" in row or "prompts" in row]
    assert not any(row["chosen"] or row["eligible"] for row in first)
    assert all((row["odd"] is None) == ("going_on" in row) for row in rows)


def test_without_an_eligible_cell_it_takes_the_least_bad():
    """After as many rounds as there are; never the last block."""
    with deep_laboratory(breaks=0.0) as lab:
        found = judged_cell(lab, TARGET, TRAIT)
    assert not found.chosen.eligible
    assert found.chosen.prompts is None
    assert found.chosen in found.tried
    assert found.chosen.site.layer < BLOCKS - 1


def test_a_trait_that_is_not_about_words_is_looked_at_and_not_read(deep):
    """The log-odds of going on say nothing of formality."""
    deep.lab.log.read.clear()
    found = judged_cell(deep.lab, TARGET, "formality")
    assert not found.sieved
    assert "going on" not in {entry.what for entry in deep.lab.log.read}
    looked = {(row.site.layer, row.kappa) for row in found.tried}
    assert {(layer, kappa) for layer in SIEVED for kappa in DOSES} <= looked


def test_the_same_cell_is_found_whichever_pole_is_called_positive():
    """Shorter answers instead of longer ones: the sieve reads the odds of ending."""
    with deep_laboratory() as lab:
        verbosity, brevity = (judged_cell(lab, TARGET, trait) for trait in (TRAIT, brevity_in(lab)))
    assert brevity.chosen.site.layer in BEST
    assert brevity.chosen.odd > 0
    at_best = {row.site.layer: row.going_on for row in brevity.sieved}
    assert at_best[7] < 0 < {row.site.layer: row.going_on for row in verbosity.sieved}[7]


def test_a_smoke_run_sieves_one_dose_and_tries_the_best_cell_at_once():
    """And finds one of the law's blocks as well."""
    with deep_laboratory() as lab:
        lab.options = replace(lab.options, quick=True)
        found = judged_cell(lab, TARGET, TRAIT)
    assert {row.kappa for row in found.sieved} == {0.15}
    assert found.tried == [found.chosen]
    assert found.chosen.eligible
    assert found.chosen.site.layer in BEST


def test_a_smoke_run_about_what_is_not_length_looks_once():
    """At every third block: there is nothing to sieve by."""
    with deep_laboratory() as lab:
        lab.options = replace(lab.options, quick=True)
        found = judged_cell(lab, TARGET, "formality")
    assert not found.sieved
    assert {row.kappa for row in found.tried} == {0.15}
    assert {row.site.layer for row in found.tried} == set(SIEVED)


def test_models_of_few_blocks_are_tried_cell_by_cell(monkeypatch):
    """As they always were."""
    monkeypatch.setattr(cells, "coarse_to_fine", None)
    with deep_laboratory(blocks=MANY_BLOCKS) as lab:
        found = judged_cell(lab, TARGET, TRAIT)
        own = native_vectors(lab, TARGET, TRAIT, CAA)
        again = full_grid(lab, TARGET, TRAIT, {site: own[site] for site in steerable(lab, TARGET)})
    assert found == again
    assert not found.coarse
    assert {row.site.layer for row in found.tried} == set(range(MANY_BLOCKS - 1))


@given(st.integers(1, 100))
def test_every_block_is_sieved_or_next_to_one_that_is(count):
    """So that none is out of reach, however many there are."""
    sites = [Site(layer=layer, point="resid_post") for layer in range(count)]
    assert neighbourhood(sites, every_third(sites)) == sites
    assert len(every_third(sites)) <= count // 3 + 1


def test_first_sentences_end_where_a_sentence_ends():
    """Shorter texts stay whole."""
    text = "Ice melts. Dr. Snow said so! Why? Because it is warm."
    assert first_sentences(text, 2) == "Ice melts. Dr. Snow said so!"
    assert first_sentences(text, 9) == text
    assert first_sentences("No end", 1) == "No end"
