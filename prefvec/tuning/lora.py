"""LoRA put into a model for as long as a block lasts; afterwards the model is what it was."""

import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.tuning.peft_library import peft_library
from prefvec.tuning.placement import Placement

TUNED = "default"
"""Name of the adapter that is trained: peft writes the one of this name into a folder itself."""


class Adapters:
    """Named LoRA adapters on one network, of which one is trained.

    Args:
        wrapped: the network as peft has wrapped it.
        beside: names of adapters that are only read.
    """

    def __init__(self, wrapped: Any, beside: tuple[str, ...]) -> None:
        self._wrapped = wrapped
        self._beside = beside
        self._enter(TUNED)

    @contextmanager
    def using(self, name: str | None) -> Generator[None]:
        """Compute by another adapter inside the block, or by none: then it is the base model.

        Args:
            name: of an adapter, or None.

        Raises:
            PrefvecError: if there is no such adapter.
        """
        if name is None:
            with self._wrapped.disable_adapter():
                yield
            return
        if name not in (TUNED, *self._beside):
            raise PrefvecError(
                f"There is no adapter {name!r} on this model, only {TUNED} and "
                f"{', '.join(self._beside) or 'no other'}. Load it beside the one that is tuned."
            )
        self._enter(name)
        try:
            yield
        finally:
            self._enter(TUNED)

    @contextmanager
    def dropping(self) -> Generator[None]:
        """Apply the tuned adapter's dropout inside the block; nothing else is dropped.

        The base model stays in evaluation mode, so that a target and what is to match it differ
        by the adapter alone.
        """
        modules: list[Any] = list(self._wrapped.modules())
        layers: list[nn.Module] = [
            module.lora_dropout[TUNED]
            for module in modules
            if TUNED in getattr(module, "lora_dropout", {})
        ]
        for layer in layers:
            layer.train()
        try:
            yield
        finally:
            for layer in layers:
                layer.eval()

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        """The tuned adapter's parameters by name, in a fixed order."""
        found = self._wrapped.named_parameters()
        return {name: p for name, p in sorted(found) if f".{TUNED}." in name and "lora_" in name}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Set the tuned adapter's parameters to what a checkpoint holds.

        Raises:
            PrefvecError: if it holds others.
        """
        own = self.parameters
        shapes = {name: tuple(p.shape) for name, p in own.items()}
        if shapes != {name: tuple(value.shape) for name, value in state.items()}:
            raise PrefvecError(
                "The checkpoint of this training holds other parameters than the model's LoRA "
                "has, so it belongs to another model or placement. Train into another folder."
            )
        with torch.no_grad():
            for name, parameter in own.items():
                parameter.copy_(state[name])

    def save(self, folder: Path, base: str) -> None:
        """Write the tuned adapter as peft does.

        Args:
            folder: where.
            base: what the adapter says it adapts: a path or a hub id.
        """
        self._wrapped.peft_config[TUNED].base_model_name_or_path = base
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peft asks a hub that need not be there
            self._wrapped.save_pretrained(
                str(folder), selected_adapters=[TUNED], save_embedding_layers=False
            )

    def _enter(self, name: str) -> None:
        self._wrapped.set_adapter(name, inference_mode=name != TUNED)


@contextmanager
def lora(
    model: LanguageModel,
    placement: Placement,
    *,
    seed: int,
    beside: Mapping[str, Path] | None = None,
) -> Generator[Adapters]:
    """Put fresh LoRA into a model, and take it out again when the block is left.

    Its second factor begins at zero, so that it begins by changing nothing.

    Args:
        model: the model; its own weights are never changed.
        placement: where LoRA is put.
        seed: of the first factor.
        beside: folders of other adapters of the model that are read as they are, by name.

    Raises:
        PrefvecError: if peft is not installed, an adapter does not fit, or see
            `Placement.modules`.
    """
    peft, network = peft_library(), model.network
    config = peft.LoraConfig(
        r=placement.r,
        lora_alpha=placement.lora_alpha,
        lora_dropout=placement.dropout,
        target_modules=placement.modules(model),
        bias="none",
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(devices=_devices(model)), _quiet():
        torch.manual_seed(seed)
        wrapped = peft.get_peft_model(network, config, adapter_name=TUNED)
    try:
        for name, folder in (beside or {}).items():
            _beside(wrapped, name, folder)
        network.eval()
        yield Adapters(wrapped, tuple(beside or ()))
    finally:
        with _quiet():
            wrapped.unload()
        vars(network).pop("peft_config", None)
        network.eval().requires_grad_(False)


def _beside(wrapped: Any, name: str, folder: Path) -> None:
    try:
        with _quiet():
            wrapped.load_adapter(str(folder), adapter_name=name, is_trainable=False)
    except Exception as error:
        text = " ".join(str(error).split())[:300]
        raise PrefvecError(
            f"The adapter {name!r} in {folder} cannot be put beside the one that is tuned "
            f"({type(error).__name__}: {text}). Train it again on this model."
        ) from error


@contextmanager
def _quiet() -> Generator[None]:
    """Leave out what peft warns of: what it asks transformers by its older names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _devices(model: LanguageModel) -> list[torch.device]:
    """Devices whose random state is to be left alone; the CPU's always is."""
    return [model.device] if model.device.type == "cuda" else []
