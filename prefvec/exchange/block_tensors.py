"""Tensors by block out of files of torch or safetensors, by what each of their writers means."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.exchange.block_files import read_pt
from prefvec.models.language_model import LanguageModel

_NUMBERED = re.compile(r"(?:layers?[._])?(\d+)")
"""What a tensor of a safetensors file may be called: "12", "layer.12", "layers_12"."""


def by_steering_vectors(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """The fields of a SteeringVector, or its `layer_activations` alone, by the block's number."""
    content = read_pt(path)
    if not isinstance(content, Mapping):
        raise _unlike(path, "a SteeringVector's fields")
    fields = cast("Mapping[Any, Any]", content)
    kind = fields.get("layer_type", "decoder_block")
    if kind != "decoder_block":
        raise PrefvecError(
            f"{path} holds vectors for {kind}, and not for the outputs of decoder blocks, so they "
            "are no vectors of the residual stream. Train one with layer_type='decoder_block'."
        )
    numbered = {
        _number(path, key): _tensor(path, key, value)
        for key, value in fields.get("layer_activations", fields).items()
    }
    # The library takes a number for an index of Python, so that −1 is the last block.
    return {n + model.n_layers if n < 0 else n: tensor for n, tensor in numbered.items()}


def by_lm_eval(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Vector times coefficient, by the module to whose output `--model steered` adds it."""
    content = read_pt(path)
    if not isinstance(content, Mapping) or not content:
        raise _unlike(path, "a configuration of lm-evaluation-harness")
    found: dict[int, Tensor] = {}
    for name, entry in cast("Mapping[Any, Any]", content).items():
        if not isinstance(entry, Mapping) or "steering_vector" not in entry:
            raise _unlike(path, "a configuration of lm-evaluation-harness")
        found[_block_called(str(name), path, model)] = _added(path, str(name), entry)
    return found


def by_hidden_states(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Rows of one tensor, row L being `hidden_states[L]`: the output of block L − 1.

    Row 0 is what the first block receives, and the last row was read after the final norm: both
    are left out.
    """
    rows = read_pt(path)
    if not isinstance(rows, Tensor) or rows.ndim != 2 or rows.shape[0] != model.n_layers + 1:
        raise _unlike(path, f"one tensor of {model.n_layers + 1} rows, a row for each hidden state")
    return {row - 1: rows[row].float() for row in range(1, model.n_layers)}


def _added(path: Path, name: str, entry: Mapping[Any, Any]) -> Tensor:
    """What lm-evaluation-harness adds at a module: nothing but an addition to every head."""
    unlike = {"action": "add", "bias": None, "head_index": None}
    for key, wanted in unlike.items():
        value = entry.get(key, wanted)
        if isinstance(value, Tensor) or value != wanted:
            told = "a tensor" if isinstance(value, Tensor) else repr(value)
            raise PrefvecError(
                f"{path} has {key} = {told} for {name}, which is no addition to the residual "
                "stream. Only vectors that are added are judged here."
            )
    vector = _tensor(path, name, entry["steering_vector"])
    return vector * float(entry.get("steering_coefficient", 1.0))


def _block_called(name: str, path: Path, model: LanguageModel) -> int:
    modules = dict(model.network.base_model.named_modules())
    for block, module in enumerate(model.blocks):
        if modules.get(name) is module:
            return block
    raise PrefvecError(
        f"{path} adds to {name!r}, which is no decoder block of {model.name}. Only the outputs of "
        "decoder blocks are judged here; check the model."
    )


def _number(path: Path, key: object) -> int:
    if isinstance(key, int):
        return key
    found = _NUMBERED.fullmatch(str(key))
    if found is None:
        raise _unlike(path, "tensors by the number of a block")
    return int(found.group(1))


def _tensor(path: Path, name: object, value: object) -> Tensor:
    if not isinstance(value, Tensor) or not value.is_floating_point() or value.squeeze().ndim > 1:
        raise PrefvecError(
            f"{path} has no list of numbers under {name!r}, as a vector is. Name the convention of "
            "the tool that wrote it."
        )
    return value.detach().to(torch.float32).reshape(-1)


def _unlike(path: Path, what: str) -> PrefvecError:
    return PrefvecError(
        f"{path} does not hold {what}. Name the convention of the tool that wrote it."
    )
