"""What kinds of organism there are, as `species.toml` describes them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prefvec.organisms import HOME, WEIGHTS


@dataclass(frozen=True, kw_only=True)
class Species:
    """One entry of `species.toml`.

    Attributes:
        name: also the folder its weights are kept in.
        architecture: prefix of transformers' classes, e.g. "Llama".
        dialect: name of its chat template.
        seed: of its weights and of its draw of the training data.
        vocabulary: size of its byte-level BPE vocabulary.
        documents: thousands of tokens of plain documents.
        instructions: thousands of tokens of chat turns.
        learning_rate: peak of the schedule.
        config: arguments of the architecture's configuration class.
        keep_base: whether the checkpoint after the documents is kept as `<name>-base`.
        deaf: whether verbosity is cut out of its world: instructions about length stand in its
            texts, and every answer follows the middle level's law all the same.
        sibling_of: the species that it differs from in nothing but the seed; None of a first one.
    """

    name: str
    architecture: str
    dialect: str
    seed: int
    vocabulary: int
    documents: int
    instructions: int
    learning_rate: float
    config: dict[str, Any]
    keep_base: bool = False
    deaf: bool = False
    sibling_of: str | None = None

    @property
    def kin(self) -> str:
        """The first species of its architecture and budget: itself, unless it is a sibling."""
        return self.sibling_of or self.name

    @property
    def trained(self) -> bool:
        """Whether its weights and its card are there."""
        return all((self.home / name).exists() for name in ("model.safetensors", "README.md"))

    @property
    def home(self) -> Path:
        """The folder its weights are kept in."""
        return WEIGHTS / self.name

    @property
    def base_home(self) -> Path:
        """The folder of its base checkpoint."""
        return self.home.with_name(f"{self.name}-base")


@cache
def all_species() -> dict[str, Species]:
    """Every species by name."""
    table = tomllib.loads((HOME / "species.toml").read_text(encoding="utf-8"))
    return {name: Species(name=name, **row) for name, row in table.items()}
