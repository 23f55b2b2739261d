"""What is finished is not trained again, and only that."""

import json
from dataclasses import replace

import pytest

import prefvec.organisms.finished
import prefvec.organisms.species
from prefvec.organisms.finished import finished, first_stage, first_stage_finished, recipe
from prefvec.organisms.species import all_species
from prefvec.organisms.train import make

SPECIES = replace(all_species()["mini-llama"], name="newborn")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Weights and scratch in a folder of the test's own."""
    monkeypatch.setattr(prefvec.organisms.species, "WEIGHTS", tmp_path / "weights")
    monkeypatch.setattr(prefvec.organisms.finished, "SCRATCH", tmp_path / "scratch")


def checkpoint(home, **facts):
    """A checkpoint that training has left."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "model.safetensors").write_bytes(b"")
    (home / "training.json").write_text(json.dumps({"steps": {}} | facts), encoding="utf-8")


def carded(home):
    """The cards beside it."""
    for name in ("README.md", "acceptance.json"):
        (home / name).write_text("{}", encoding="utf-8")


class Trainer:
    """Notes what it trains, and leaves a finished checkpoint with its cards."""

    def __init__(self):
        self.trained = []

    def train(self, species):
        """Leave the checkpoint."""
        self.trained.append(species.name)
        checkpoint(species.home, recipe=recipe(species))

    def measure(self, species):
        """Leave the cards."""
        carded(species.home)


def made(trainer, species=SPECIES, *, anew=False):
    """Whether a species was trained now."""
    return make(species, anew=anew, by=trainer.train, measured_by=trainer.measure)


@pytest.mark.usefixtures("elsewhere")
def test_a_finished_organism_is_trained_again_only_when_asked():
    """Once by itself, and once more with --anew."""
    trainer = Trainer()
    assert [made(trainer), made(trainer), made(trainer, anew=True)] == [True, False, True]
    assert trainer.trained == ["newborn", "newborn"]


@pytest.mark.usefixtures("elsewhere")
def test_another_entry_is_another_organism():
    """A changed budget makes the weights those of another species."""
    trainer = Trainer()
    made(trainer)
    longer = replace(SPECIES, documents=SPECIES.documents + 1)
    assert recipe(longer) != recipe(SPECIES)
    assert made(trainer, longer)


@pytest.mark.usefixtures("elsewhere")
def test_weights_without_a_card_are_not_finished():
    """The measurement was cut off."""
    checkpoint(SPECIES.home, recipe=recipe(SPECIES))
    assert not finished(SPECIES)
    carded(SPECIES.home)
    assert finished(SPECIES)


@pytest.mark.usefixtures("elsewhere")
def test_weights_of_before_recipes_were_noted_are_kept():
    """There is no telling, so that nothing is thrown away."""
    checkpoint(SPECIES.home)
    carded(SPECIES.home)
    assert finished(SPECIES)


@pytest.mark.usefixtures("elsewhere")
def test_a_finished_first_stage_is_kept():
    """Unless everything is trained anew."""
    checkpoint(first_stage(SPECIES), recipe=recipe(SPECIES))
    made(Trainer())
    assert first_stage_finished(SPECIES)
    made(Trainer(), anew=True)
    assert not first_stage_finished(SPECIES)


def test_a_recipe_heeds_no_name():
    """Siblings of one seed would be one organism."""
    assert recipe(replace(SPECIES, name="other", sibling_of="mini-llama")) == recipe(SPECIES)


@pytest.mark.parametrize("name", [s.name for s in all_species().values() if s.trained])
def test_the_shipped_organisms_are_finished(name):
    """`make organisms` on a clone trains none of them."""
    assert finished(all_species()[name])
