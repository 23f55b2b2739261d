"""A tuned adapter in its folder: what it is, and the model that it makes."""

import copy
import json
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.models.fingerprints import network_fingerprint
from prefvec.models.language_model import LanguageModel
from prefvec.tuning.peft_library import peft_library

FILE = "tuning.json"


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """A LoRA adapter that holds a preference, in a folder that `prefvec.load` reads.

    Attributes:
        folder: where it is.
        training: which training it came of, 16 hex digits over all that decided it.
        method: e.g. "LoRRA".
        trait: the preference.
        coefficient: α; negative where it was tuned towards the negative pole.
        model: fingerprint of the model that it adapts.
        read_from: ids of the prompts whose answers it was tuned on, and of those that a vector it
            was tuned to had read.
        losses: before each step.
    """

    folder: Path
    training: str
    method: str
    trait: str
    coefficient: float
    model: str
    read_from: tuple[str, ...]
    losses: tuple[float, ...]

    def summary(self) -> str:
        """One sentence: what was tuned in, how, and how far the loss fell."""
        return (
            f"{self.trait} tuned in by {self.method} at coefficient {self.coefficient:g}, "
            f"{len(self.losses)} steps, loss from {self.losses[0]:.3g} to {self.losses[-1]:.3g}"
        )

    def merged(self, model: LanguageModel, *, scale: float = 1.0) -> LanguageModel:
        """The model with the adapter merged into a copy of its weights.

        Args:
            model: the one it was tuned on; it stays as it is.
            scale: times as much of the update as was trained; 0 is the model itself.

        Raises:
            PrefvecError: if the adapter is of another model.
        """
        if model.fingerprint != self.model:
            raise PrefvecError(
                f"The adapter in {self.folder} was tuned on weights {self.model}, and those of "
                f"{model.name} are {model.fingerprint}. Tune this model, or load the other one."
            )
        peft = peft_library()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what peft asks transformers by its older names
            wrapped = peft.PeftModel.from_pretrained(copy.deepcopy(model.network), str(self.folder))
            for module in wrapped.modules():
                if hasattr(module, "scaling") and hasattr(module, "set_scale"):
                    module.set_scale("default", scale)
            network: Any = wrapped.merge_and_unload(safe_merge=True)
        network.eval().requires_grad_(False)
        return replace(
            model,
            name=f"{model.name}, {self.method} × {self.coefficient * scale:g}",
            network=network,
            fingerprint=network_fingerprint(network),
            made_of=f"{scale:g} × adapter {self.training} merged into {model.fingerprint}",
        )

    def write(self) -> None:
        """Write what `load` reads, beside the adapter, and last: without it, it is unfinished."""
        facts = asdict(self)
        del facts["folder"]
        (self.folder / FILE).write_text(json.dumps(facts) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Tuned | None":
        """The adapter in a folder; None where there is no finished one.

        Raises:
            PrefvecError: if the file that tells of it is damaged.
        """
        path = folder / FILE
        if not path.exists():
            return None
        try:
            facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            facts |= {name: tuple(facts[name]) for name in ("read_from", "losses")}
            return cls(folder=folder, **facts)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PrefvecError(
                f"{path} does not tell of a tuned adapter ({error}). Delete the folder and tune "
                "again."
            ) from error
