"""What adapters read is what their regime promises, by organisms that answer."""

from collections import Counter
from dataclasses import replace

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.lab import Lab
from prefvec.experiments.options import Options
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Readings
from prefvec.experiments.regimes import (
    NATURAL_MIX,
    OTHER_CONCEPTS,
    TRAIT_BLIND_PROMPTS,
    TWO_CONCEPTS,
    exposed,
    natural_rows,
)

SOURCE, TARGET = "mini-mistral", "mini-llama"
PAIR = Pair(source=SOURCE, target=TARGET)


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    """The readings of a smoke run: 200 turns."""
    options = Options(
        sources=(SOURCE,),
        targets=(TARGET,),
        device="cpu",
        samples=1,
        n_prompts=24,
        store=tmp_path_factory.mktemp("readings") / "completions.sqlite",
        quick=True,
    )
    with Lab.open(options) as lab:
        yield Readings.of(lab)


def shares(readings, prompts):
    """Of the rows, how many ask for each pole of each concept."""
    poles = {
        instruction: (name, pole)
        for name, trait in readings.lab.material.traits.items()
        for pole in ("positive", "negative")
        for instruction in getattr(trait, pole).extraction
    }
    asked = Counter(poles[prompt.instruction] for prompt in prompts if prompt.instruction)
    return {key: count / len(prompts) for key, count in asked.items()}


@pytest.mark.parametrize("share", [0.0, 0.02, 0.05, 0.2])
def test_exposure_is_exact_and_half_of_either_pole(readings, share):
    """Of all rows, and of no other concept."""
    turns = readings.turns(exposed(share), "verbosity")
    found = shares(readings, [prompt for prompt, _ in turns])
    each = {("verbosity", pole): share / 2 for pole in ("positive", "negative")} if share else {}
    assert found == pytest.approx(each)


@pytest.mark.parametrize("trait", ["verbosity", "tense"])
def test_a_mapper_of_other_concepts_has_never_seen_the_judged_one(readings, trait):
    """5 % of its rows ask for each of the others; the judged concept's instructions are absent."""
    turns = readings.turns(OTHER_CONCEPTS, trait)
    found = shares(readings, [prompt for prompt, _ in turns])
    assert {name for name, _ in found} == {*readings.lab.material.traits} - {trait}
    assert set(found.values()) == {0.025}


def test_prompts_alone_hold_other_concepts_and_not_the_trait(readings):
    """As many rows as turns, and none under an instruction of the trait."""
    prompts = readings.prompts(TRAIT_BLIND_PROMPTS, "verbosity")
    assert len(prompts) == 200
    assert {name for name, _ in shares(readings, prompts)} == {*readings.lab.material.traits} - {
        "verbosity"
    }


def test_few_rows_keep_the_exposed_share_in_whole_pairs_of_poles(readings):
    """Of 8 rows none can be exposed at 2 %; of 125 two are, one of each pole."""
    for rows, instructed in ((8, 0), (125, 2)):
        turns = readings.turns(natural_rows(rows), "verbosity")
        assert len(turns) == rows
        assert sum(bool(prompt.instruction) for prompt, _ in turns) == instructed
        assert set(turns) <= set(readings.turns(NATURAL_MIX, "verbosity"))


def test_a_regime_with_more_concepts_than_rows_is_refused(readings):
    """Seven concepts cannot have a fifth of the rows each."""
    greedy = replace(OTHER_CONCEPTS, name="greedy", others=0.2)
    with pytest.raises(PrefvecError, match="more rows than there are"):
        readings.turns(greedy, "verbosity")


def test_a_map_of_two_deltas_knows_its_references_and_a_shuffled_one_does_not(readings):
    """Rank two; deltas from halves of the prompts predict each other, and noise does not."""
    site, other = (readings.lab.sites(name)[3] for name in (SOURCE, TARGET))
    rows = readings.paired(TWO_CONCEPTS, "verbosity", PAIR, site, other)
    assert rows[0].ids == rows[1].ids == ("formality", "certainty")
    place = (TWO_CONCEPTS, "verbosity", PAIR, site, other, "concept_deltas")
    adapter = readings.adapter(*place)
    assert adapter.rank == 2
    assert adapter.r2_held_out > 0.3
    mixed = [each.r2_held_out for each in readings.shuffled_adapters(*place)]
    assert max(mixed) < adapter.r2_held_out
