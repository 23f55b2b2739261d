"""A training that was cut off goes on where it was, bit for bit."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.whole_files import replacing

FILE = "training.safetensors"
_MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(frozen=True, kw_only=True, eq=False)
class Checkpoint:
    """Where a training is after some steps.

    Nothing random is kept: what a step draws follows from the seed and the step.

    Attributes:
        training: which training it is of.
        losses: before each step that was done.
        parameters: of LoRA, by name.
        moments: of Adam, by the name of the moment and of the parameter.
    """

    training: str
    losses: tuple[float, ...]
    parameters: Mapping[str, Tensor]
    moments: Mapping[str, Mapping[str, Tensor]]

    def save(self, folder: Path) -> None:
        """Write the file whole or not at all.

        Raises:
            PrefvecError: if it cannot be written.
        """
        tensors = {f"parameter {name}": value for name, value in self.parameters.items()}
        for moment, by_name in self.moments.items():
            tensors |= {f"{moment} {name}": value for name, value in by_name.items()}
        kept = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        metadata = {"training": self.training, "losses": json.dumps(self.losses)}
        try:
            with replacing(folder / FILE) as new:
                save_file(kept, new, metadata=metadata)
        except (OSError, SafetensorError) as error:
            raise PrefvecError(
                f"The training cannot be kept in {folder} ({error}). Choose a writable folder."
            ) from error

    @classmethod
    def load(cls, folder: Path, training: str) -> "Checkpoint | None":
        """The latest checkpoint in a folder; None where there is none.

        Raises:
            PrefvecError: if it is damaged, or of another training.
        """
        path = folder / FILE
        if not path.exists():
            return None
        try:
            with safe_open(path, framework="pt") as file:
                header = dict(file.metadata() or {})
                found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            losses = tuple(json.loads(header["losses"]))
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise PrefvecError(
                f"The training kept in {path} cannot be read ({error}). Delete the file: the "
                "training then begins again."
            ) from error
        if header.get("training") != training:
            raise PrefvecError(
                f"{path} is of another training: of another model, recipe, placement, target or "
                "other answers. Give each training a folder of its own, or delete this file."
            )
        parts = {what: _named(found, what) for what in ("parameter", *_MOMENTS)}
        return cls(
            training=training,
            losses=losses,
            parameters=parts["parameter"],
            moments={moment: parts[moment] for moment in _MOMENTS},
        )


def moments_of(
    optimizer: torch.optim.Adam, parameters: Mapping[str, Tensor]
) -> dict[str, dict[str, Tensor]]:
    """What Adam remembers of each parameter."""
    return {
        moment: {name: optimizer.state[p][moment] for name, p in parameters.items()}
        for moment in _MOMENTS
    }


def restore(
    optimizer: torch.optim.Adam, parameters: Mapping[str, Tensor], checkpoint: Checkpoint
) -> None:
    """Give Adam what it remembered."""
    steps = float(len(checkpoint.losses))
    for name, p in parameters.items():
        kept = {moment: checkpoint.moments[moment][name].to(p.device) for moment in _MOMENTS}
        optimizer.state[p] = {"step": torch.tensor(steps), **kept}


def _named(found: Mapping[str, Tensor], what: str) -> dict[str, Tensor]:
    head = f"{what} "
    return {name.removeprefix(head): v for name, v in found.items() if name.startswith(head)}
