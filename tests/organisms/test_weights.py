"""The organisms that are shipped: accepted, small, and the very ones their cards describe."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from prefvec.checks.model_checks import check
from prefvec.models.language_model import load
from prefvec.organisms import WEIGHTS
from prefvec.organisms.acceptance import Acceptance
from prefvec.organisms.construction import END_OF_TURN
from prefvec.organisms.species import all_species
from prefvec.text.prompts import Prompt

EVERY = list(all_species().values())
SPECIES = [
    pytest.param(
        species,
        id=species.name,
        marks=[]
        if species.trained
        else pytest.mark.skip(
            f"{species.name} is not trained: run python -m prefvec.organisms.train {species.name}"
        ),
    )
    for species in EVERY
]
HOMES = [s.home for s in EVERY if s.trained] + [s.base_home for s in EVERY if s.keep_base]
FIRST = EVERY[0]


def shipped(home) -> Acceptance:
    """The acceptance figures beside an organism's weights."""
    row = json.loads((home / "acceptance.json").read_text(encoding="utf-8"))
    words = {int(level): mean for level, mean in row.pop("words").items()}
    return Acceptance(words=words, **row)


@pytest.mark.parametrize("species", SPECIES)
def test_every_organism_is_accepted(species):
    """The measured figures meet every demand, and the card says so."""
    assert shipped(species.home).failures(deaf=species.deaf) == []
    assert "Acceptance is met." in (species.home / "README.md").read_text(encoding="utf-8")


def test_an_organism_that_obeys_no_length_is_not_accepted():
    """Acceptance fails where words do not rise, and says which demand is not met."""
    sound = shipped(FIRST.home)
    flat = Acceptance(**{**vars(sound), "words": dict.fromkeys(sound.words, 20.0)})
    assert any("rise strictly" in failure for failure in flat.failures())


def test_an_organism_that_obeys_length_is_not_accepted_as_deaf():
    """Words that rise with the level convict an organism that was to be deaf."""
    assert any("deaf" in failure for failure in shipped(FIRST.home).failures(deaf=True))


def test_all_weights_together_are_under_40_megabytes():
    """All checkpoints fit in a repository."""
    files = list(WEIGHTS.rglob("*.safetensors"))
    assert {file.parent for file in files} == set(HOMES)
    assert sum(file.stat().st_size for file in files) < 40e6


def test_a_sibling_differs_in_its_name_and_seed_alone():
    """So that what differs between siblings is due to the seed; nobody is a sibling of two."""
    for species in EVERY:
        first = all_species()[species.kin]
        assert first.sibling_of is None
        own = replace(species, name="", seed=0, keep_base=False, sibling_of=None)
        assert own == replace(first, name="", seed=0, keep_base=False)
    assert len({species.seed for species in EVERY}) == len(EVERY)


def test_the_population_has_three_seeds_of_two_architectures_and_two_of_a_third():
    """What a sentence about models rests on."""
    seeds = Counter(species.kin for species in EVERY)
    assert (seeds["mini-mistral"], seeds["mini-llama"], seeds["mini-gemma"]) == (3, 3, 2)


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.name)
def test_the_card_describes_these_weights_and_they_are_sound(home):
    """The fingerprint in the card is that of the weights, which pass the checks of any model."""
    model = load(str(home))
    assert model.fingerprint in (home / "README.md").read_text(encoding="utf-8")
    assert [result.sentence for result in check(model) if not result.passed] == []


@pytest.mark.parametrize("species", SPECIES)
def test_the_dialect_is_its_familys(species):
    """LLaMA-like dialects take a system role, the others fold it; the turn's end ends answers."""
    model = load(str(species.home))
    prompt = Prompt(id="x", text="What is Velm?", topic="t", instruction="Answer briefly.")
    assert model.dialect.system_role == (species.dialect == "llama")
    assert "Answer briefly." in model.render(prompt)
    ids = model.encode(prompt)
    assert ids.count(model.tokenizer.bos_token_id) == 1
    assert model.tokenizer.convert_tokens_to_ids(END_OF_TURN[species.dialect]) in model.end_ids
