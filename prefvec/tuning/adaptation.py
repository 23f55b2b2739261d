"""One training from model to folder, whatever its loss; a finished one is not done again."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.tuning import checkpoints
from prefvec.tuning.cards import card
from prefvec.tuning.contrasts import Contrast, Preference, fingerprint_of
from prefvec.tuning.lora import lora
from prefvec.tuning.objectives import Objective
from prefvec.tuning.placement import Placement
from prefvec.tuning.reading import Reader
from prefvec.tuning.recipe import Recipe
from prefvec.tuning.training import Progress, train
from prefvec.tuning.tuned import Tuned


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """What is tuned into a model, and from what.

    Attributes:
        method: its name.
        trait: the preference.
        coefficient: α of the target; negative towards the negative pole.
        examples: what is read, one after another.
        beside: other adapters that the target comes from, by name.
        vector: fingerprint of a vector that the target comes from, "" for none.
        also_read: ids of prompts that such a vector was read from.
    """

    method: str
    trait: str
    coefficient: float
    examples: tuple[Contrast | Preference, ...]
    beside: Mapping[str, Tuned] = field(default_factory=dict[str, Tuned])
    vector: str = ""
    also_read: frozenset[str] = frozenset()

    def named(self, model: LanguageModel, placement: Placement, recipe: Recipe) -> str:
        """16 hex digits over all that decides what comes out."""
        how = asdict(recipe)
        del how["checkpoint_every"]
        decided = {
            "method": self.method,
            "trait": self.trait,
            "coefficient": self.coefficient,
            "examples": fingerprint_of(self.examples),
            "beside": {name: tuned.training for name, tuned in self.beside.items()},
            "vector": self.vector,
            "model": [model.fingerprint, model.tokenizer_fingerprint],
            "placement": asdict(placement),
            "recipe": how,
        }
        return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()[:16]

    def read_from(self) -> tuple[str, ...]:
        """Ids of all prompts that it rests on."""
        others: Iterable[str] = (id_ for tuned in self.beside.values() for id_ in tuned.read_from)
        own = (example.id for example in self.examples)
        return tuple(sorted({*own, *others, *self.also_read}))

    def tuned(
        self, model: LanguageModel, folder: Path, *, training: str, losses: tuple[float, ...]
    ) -> Tuned:
        """The adapter that a training of this came to; nothing is written."""
        return Tuned(
            folder=folder,
            training=training,
            method=self.method,
            trait=self.trait,
            coefficient=self.coefficient,
            model=model.fingerprint,
            read_from=self.read_from(),
            losses=losses,
        )


@runtime_checkable
class Trainer(Protocol):
    """What trains: `adapt`, or what stands in for it where a training is only to be counted."""

    def __call__(
        self,
        model: LanguageModel,
        what: Adaptation,
        objective: Callable[[Reader], Objective],
        folder: Path,
        *,
        placement: Placement,
        recipe: Recipe,
        progress: Progress | None = None,
    ) -> Tuned:
        """See `adapt`."""
        ...


def adapt(
    model: LanguageModel,
    what: Adaptation,
    objective: Callable[[Reader], Objective],
    folder: Path,
    *,
    placement: Placement,
    recipe: Recipe,
    progress: Progress | None = None,
) -> Tuned:
    """Tune LoRA and write it into a folder that `prefvec.load` reads.

    Args:
        model: what is tuned; it comes out as it went in.
        what: what is tuned in.
        objective: the loss, given what reads the model.
        folder: where the adapter and its checkpoints are kept. A training that was cut off goes
            on; a finished one is read back.
        placement: where LoRA is put.
        recipe: how it is trained.
        progress: told after each step.

    Raises:
        PrefvecError: if the folder holds another training, or the model has no place from which
            it can be loaded again; otherwise see `lora` and `train`.
    """
    training = what.named(model, placement, recipe)
    if (done := Tuned.load(folder)) is not None:
        _require_same(done, training)
        return done
    base = _base_of(model)
    beside = {name: tuned.folder for name, tuned in what.beside.items()}
    with lora(model, placement, seed=recipe.seed, beside=beside) as adapters:
        reader = Reader(
            model=model, adapters=adapters, sites=placement.sites, precision=recipe.precision
        )
        losses = train(
            adapters,
            objective(reader),
            len(what.examples),
            recipe,
            folder=folder,
            training=training,
            progress=progress,
        )
        adapters.save(folder, base)
    tuned = what.tuned(model, folder, training=training, losses=losses)
    (folder / "README.md").write_text(card(tuned, model, placement, recipe), encoding="utf-8")
    tuned.write()
    (folder / checkpoints.FILE).unlink(missing_ok=True)
    return tuned


def _require_same(done: Tuned, training: str) -> None:
    if done.training != training:
        raise PrefvecError(
            f"{done.folder} holds another adapter ({done.summary()}; training {done.training}, "
            f"and this is {training}). Give each training a folder of its own."
        )


def _base_of(model: LanguageModel) -> str:
    """Where the adapter's base can be loaded from again."""
    place = str(model.network.name_or_path)
    if not place:
        raise PrefvecError(
            f"{model.name} was made in memory, so that no adapter can say what it adapts. Save it, "
            "and load it from its folder."
        )
    return place
