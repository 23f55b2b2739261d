"""What adapters read is what their regime promises, by organisms that answer."""

from collections import Counter
from dataclasses import replace

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.lab import Laboratory
from prefvec.experiments.material import organism_material
from prefvec.experiments.options import Options
from prefvec.experiments.pairs import Pair
from prefvec.experiments.progress import Silent
from prefvec.experiments.readings import Reader
from prefvec.experiments.regimes import (
    NATURAL_MIX,
    OTHER_CONCEPTS,
    TRAIT_BLIND_PROMPTS,
    TWO_CONCEPTS,
    exposed,
    natural_rows,
)
from prefvec.experiments.shelf import Shelf
from prefvec.generation.store import CompletionStore

SOURCE, TARGET = "mini-mistral", "mini-llama"
PAIR = Pair(source=SOURCE, target=TARGET)


@pytest.fixture(scope="module")
def reader(pytestconfig, tmp_path_factory):
    """A reader of a smoke run: 200 turns."""
    options = Options(
        sources=(SOURCE,),
        targets=(TARGET,),
        pairs=(PAIR,),
        device="cpu",
        dtype=None,
        samples=1,
        n_prompts=24,
        max_new_tokens=256,
        seed=0,
        cache_dir=None,
        store=tmp_path_factory.mktemp("reader") / "completions.sqlite",
        quick=True,
    )
    with CompletionStore(options.store) as store:
        material = organism_material(options)
        laboratory = Laboratory(options, Shelf(options), material, store, Silent())
        yield Reader(laboratory)


def shares(reader, prompts):
    """Of the rows, how many ask for each pole of each concept."""
    poles = {
        instruction: (name, pole)
        for name, trait in reader.laboratory.prompts.traits.items()
        for pole in ("positive", "negative")
        for instruction in getattr(trait, pole).extraction
    }
    asked = Counter(poles[prompt.instruction] for prompt in prompts if prompt.instruction)
    return {key: count / len(prompts) for key, count in asked.items()}


@pytest.mark.parametrize("share", [0.0, 0.02, 0.05, 0.2])
def test_exposure_is_exact_and_half_of_either_pole(reader, share):
    """Of all rows, and of no other concept."""
    turns = reader.turns(exposed(share), "verbosity")
    found = shares(reader, [prompt for prompt, _ in turns])
    each = {("verbosity", pole): share / 2 for pole in ("positive", "negative")} if share else {}
    assert found == pytest.approx(each)


@pytest.mark.parametrize("trait", ["verbosity", "tense"])
def test_a_mapper_of_other_concepts_has_never_seen_the_judged_one(reader, trait):
    """5 % of its rows ask for each of the others; the judged concept's instructions are absent."""
    turns = reader.turns(OTHER_CONCEPTS, trait)
    found = shares(reader, [prompt for prompt, _ in turns])
    assert {name for name, _ in found} == {*reader.laboratory.prompts.traits} - {trait}
    assert set(found.values()) == {0.025}


def test_prompts_alone_hold_other_concepts_and_not_the_trait(reader):
    """As many rows as turns, and none under an instruction of the trait."""
    prompts = reader.prompts(TRAIT_BLIND_PROMPTS, "verbosity")
    assert len(prompts) == 200
    assert {name for name, _ in shares(reader, prompts)} == {*reader.laboratory.prompts.traits} - {
        "verbosity"
    }


def test_few_rows_keep_the_exposed_share_in_whole_pairs_of_poles(reader):
    """Of 8 rows none can be exposed at 2 %; of 125 two are, one of each pole."""
    for rows, instructed in ((8, 0), (125, 2)):
        turns = reader.turns(natural_rows(rows), "verbosity")
        assert len(turns) == rows
        assert sum(bool(prompt.instruction) for prompt, _ in turns) == instructed
        assert set(turns) <= set(reader.turns(NATURAL_MIX, "verbosity"))


def test_a_regime_with_more_concepts_than_rows_is_refused(reader):
    """Seven concepts cannot have a fifth of the rows each."""
    greedy = replace(OTHER_CONCEPTS, name="greedy", others=0.2)
    with pytest.raises(PrefvecError, match="more rows than there are"):
        reader.turns(greedy, "verbosity")


def test_a_map_of_two_deltas_knows_its_references_and_a_shuffled_one_does_not(reader):
    """Rank two; deltas from halves of the prompts predict each other, and noise does not."""
    site, other = (reader.laboratory.sites(name)[3] for name in (SOURCE, TARGET))
    rows = reader.paired(TWO_CONCEPTS, "verbosity", PAIR, site, other)
    assert rows[0].ids == rows[1].ids == ("formality", "certainty")
    place = (TWO_CONCEPTS, "verbosity", PAIR, site, other, "concept_deltas")
    adapter = reader.adapter(*place)
    assert adapter.rank == 2
    assert adapter.r2_held_out > 0.3
    mixed = [each.r2_held_out for each in reader.shuffled_adapters(*place)]
    assert max(mixed) < adapter.r2_held_out
