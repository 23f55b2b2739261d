"""What need not be trained again: checkpoints of the same species entry and training code."""

import hashlib
import json
from dataclasses import fields
from pathlib import Path

from prefvec.organisms import HOME
from prefvec.organisms.species import Species
from prefvec.provenance import code_fingerprint

SCRATCH = Path(".prefvec") / "training"
"""Where first stages are kept that no organism needs afterwards."""
CODE = tuple(
    f"prefvec.organisms.{name}"
    for name in ("construction", "corpus", "phrasing", "training", "world")
)
"""Modules that decide what training makes of a species."""
NAMES = ("name", "keep_base", "sibling_of")
"""What a species says of itself and training does not heed."""


def recipe(species: Species) -> str:
    """16 hex digits over all that decides what training makes: the entry, the code, the words."""
    entry = {
        each.name: getattr(species, each.name) for each in fields(species) if each.name not in NAMES
    }
    words = [
        path.read_text(encoding="utf-8")
        for path in (
            HOME / "lexicon.toml",
            HOME / "phrasing.toml",
            HOME / "dialects" / f"{species.dialect}.jinja",
        )
    ]
    asked = json.dumps([entry, code_fingerprint(*CODE), words], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def finished(species: Species) -> bool:
    """Whether its weights and its card are there, made by the recipe that it has now.

    Of weights that were trained before recipes were noted beside them, there is no telling; they
    count as finished.
    """
    cards = [species.home / "README.md", species.home / "acceptance.json"]
    return all(card.exists() for card in cards) and _made(species, species.home)


def first_stage_finished(species: Species) -> bool:
    """Whether its checkpoint after the plain documents is there, made by that recipe."""
    return _made(species, first_stage(species))


def first_stage(species: Species) -> Path:
    """The folder of the checkpoint between the stages."""
    return species.base_home if species.keep_base else SCRATCH / species.base_home.name


def _made(species: Species, home: Path) -> bool:
    note = home / "training.json"
    if not (note.exists() and (home / "model.safetensors").exists()):
        return False
    noted = json.loads(note.read_text(encoding="utf-8")).get("recipe")
    return noted in (None, recipe(species))
