"""Tensors by block out of files of torch or safetensors, by what each of their writers means."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard, cast

import torch
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.exchange.block_files import read_pt
from prefvec.models.language_model import LanguageModel

_NUMBERED = re.compile(r"(?:layers?[._])?(\d{1,9})")
"""What a tensor of a safetensors file may be called: "12", "layer.12", "layers_12"."""

_LAYER_FILE = re.compile(r"layer_(\d{1,9})\.pt")
"""What EasyEdit2 calls the file of a block."""

_ENOUGH = 10**9
"""No model has as many blocks."""


def by_steering_vectors(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """The fields of a SteeringVector, or its `layer_activations` alone, by the block's number.

    Raises:
        PrefvecError: if the file holds anything else, vectors of another place than the outputs of
            blocks, or two for one block.
    """
    content = read_pt(path)
    if not isinstance(content, Mapping):
        raise _unlike(path, "a SteeringVector's fields")
    fields = cast("Mapping[Any, Any]", content)
    kind = fields.get("layer_type", "decoder_block")
    if not isinstance(kind, str):
        raise _unlike(path, "a SteeringVector's fields: its layer_type is no text")
    if kind != "decoder_block":
        raise PrefvecError(
            f"{path} holds vectors for {kind}, and not for the outputs of decoder blocks, so they "
            "are no vectors of the residual stream. Train one with layer_type='decoder_block'."
        )
    numbered = fields.get("layer_activations", fields)
    if not isinstance(numbered, Mapping):
        raise _unlike(path, "tensors by the number of a block under 'layer_activations'")
    found: dict[int, Tensor] = {}
    for key, value in cast("Mapping[Any, Any]", numbered).items():
        block = _block_numbered(path, key, model)
        if block in found:
            raise PrefvecError(
                f"{path} has two vectors for block {block} of {model.name}, the second under "
                f"{key!r}. Which of them is meant is not guessed: keep one."
            )
        found[block] = _tensor(path, key, value)
    return found


def by_lm_eval(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Vector times coefficient, by the module to whose output `--model steered` adds it.

    Raises:
        PrefvecError: if the file is no such configuration, or does something else than add.
    """
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

    Raises:
        PrefvecError: if the file holds anything but one tensor of so many rows of floats.
    """
    rows = read_pt(path)
    n_rows = model.n_layers + 1
    if not _is_of_floats(rows) or rows.ndim != 2 or rows.shape[0] != n_rows:
        raise _unlike(path, f"one tensor of {n_rows} rows of floats, a row for each hidden state")
    return {row - 1: rows[row].detach().float() for row in range(1, model.n_layers)}


def by_easyedit2(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """One list of floats, for the output of the block that the file is called after: layer_N.pt.

    Raises:
        PrefvecError: if the file has another name, or holds anything else.
    """
    named = _LAYER_FILE.fullmatch(path.name)
    if named is None:
        raise PrefvecError(
            f"{path} is not called layer_N.pt, after the block that it belongs to, and nothing in "
            "a file of EasyEdit2 says which. Give it the name that it was written under."
        )
    vector = read_pt(path)
    if not _is_of_floats(vector) or vector.ndim != 1:
        raise _unlike(path, "one list of floats")
    return {int(named.group(1)): vector.detach().float()}


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
    return vector * _coefficient(path, name, entry.get("steering_coefficient", 1.0))


def _coefficient(path: Path, name: str, value: Any) -> float:
    try:
        if not isinstance(value, str | bool):
            return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        pass
    told = type(value).__name__ if isinstance(value, Tensor) else repr(value)
    raise PrefvecError(
        f"{path} has steering_coefficient = {told} for {name}, which is no number to multiply a "
        "vector by. Write it anew with one."
    )


def _block_called(name: str, path: Path, model: LanguageModel) -> int:
    modules = dict(model.network.base_model.named_modules())
    for block, module in enumerate(model.blocks):
        if modules.get(name) is module:
            return block
    raise PrefvecError(
        f"{path} adds to {name!r}, which is no decoder block of {model.name}. Only the outputs of "
        "decoder blocks are judged here; check the model."
    )


def _block_numbered(path: Path, key: object, model: LanguageModel) -> int:
    """The library takes a number for an index of Python, so that −1 is the last block."""
    if isinstance(key, int) and not isinstance(key, bool) and abs(key) < _ENOUGH:
        return key + model.n_layers if -model.n_layers <= key < 0 else key
    found = _NUMBERED.fullmatch(key) if isinstance(key, str) else None
    if found is None:
        raise _unlike(path, "tensors by the number of a block")
    return int(found.group(1))


def _tensor(path: Path, name: object, value: object) -> Tensor:
    if not _is_of_floats(value) or value.squeeze().ndim > 1:
        raise PrefvecError(
            f"{path} has no list of numbers under {name!r}, as a vector is. Name the convention of "
            "the tool that wrote it."
        )
    return value.detach().to(torch.float32).reshape(-1)


def _is_of_floats(value: object) -> TypeGuard[Tensor]:
    """Whether a value is a tensor of floating point numbers that are all there, one by one."""
    return (
        isinstance(value, Tensor)
        and value.is_floating_point()
        and value.layout == torch.strided
        and not value.is_nested
        and value.device.type == "cpu"
    )


def _unlike(path: Path, what: str) -> PrefvecError:
    return PrefvecError(
        f"{path} does not hold {what}. Name the convention of the tool that wrote it."
    )
