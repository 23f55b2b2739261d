"""The tensors `direction.N` of another tool's GGUF file, by what each of its writers means by N.

All of them are returned by the block, counted from 0, to whose output they belong.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.exchange.architectures import LLAMA_CPP, model_type
from prefvec.exchange.control_vectors import ARCHITECTURE
from prefvec.exchange.gguf_file import F32, Contents, read_gguf
from prefvec.models.language_model import LanguageModel

UNSAID = ("", "unknown")
"""Hints that name no architecture."""

_DIGITS = 9
"""No model has blocks whose numbers are longer."""


def as_added(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Tensor N belongs to the output of block N, where llama.cpp adds it."""
    return _directions(path, model, first=1)


def by_repeng(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Tensor N was read at the output of block N; the last block's after the final norm."""
    return _without_the_last(_directions(path, model, first=0), model)


def by_dialz(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """As repeng, in files that call themselves "steeringvector"."""
    found = _directions(path, model, first=0, architecture="steeringvector")
    return _without_the_last(found, model)


def by_cvector_generator(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Tensor N was read at the output of block N − 1."""
    return {n - 1: tensor for n, tensor in _directions(path, model, first=1, beyond=1).items()}


def by_jukofyork(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Tensor N is what block N − 1 adds to the stream: up to its output they accumulate.

    What the last one adds was read after the final norm, and is left out.

    Raises:
        PrefvecError: if a direction is of another width than the model's stream.
    """
    found = _directions(path, model, first=1, beyond=1)
    for n, tensor in found.items():
        if tensor.shape != (model.d_model,):
            raise PrefvecError(
                f"{path} has {tensor.numel()} numbers in direction.{n}, and the residual stream of "
                f"{model.name} is {model.d_model} wide. It was made for another model."
            )
    total, sums = torch.zeros(model.d_model), dict[int, Tensor]()
    for n in sorted(found):
        total = total + found[n]
        sums[n - 1] = total
    return _without_the_last(sums, model)


def by_easysteer(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Tensor N belongs to the output of block N, block 0 included.

    Raises:
        PrefvecError: if the file says that its directions are of something else than the stream.
    """
    component = _component(path, read_gguf(path).keys.get(f"{ARCHITECTURE}.easysteer"))
    if component not in (None, "hidden_states"):
        raise PrefvecError(
            f"{path} holds directions of {component}, and not of the residual stream, so they are "
            "no vectors here. Extract one from hidden states."
        )
    return _directions(path, model, first=0)


def _component(path: Path, native: object) -> object:
    """What EasySteer says its directions are of; None where it says nothing."""
    if native is None:
        return None
    try:
        told: object = json.loads(native) if isinstance(native, str) else native
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise PrefvecError(
            f"{path} has under {ARCHITECTURE}.easysteer no JSON object, as EasySteer writes it, so "
            "that what its directions are of is not known. Export it anew."
        )
    return cast("dict[str, object]", told).get("component")


def by_saklas(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Tensor N was read at the output of block N, block 0 included."""
    return _directions(path, model, first=0)


def by_prefvec(path: Path, model: LanguageModel) -> dict[int, Tensor]:
    """Tensor N belongs to the output of block N, of a model that the file names.

    Raises:
        PrefvecError: if the file names no model, or another one.
    """
    own = read_gguf(path).keys.get("prefvec.model")
    if own is None:
        raise PrefvecError(
            f"{path} was not written by prefvec: it does not name its model. Name the convention "
            "of the tool that wrote it."
        )
    if own != model.fingerprint:
        raise PrefvecError(
            f"{path} was made for weights {own}, and {model.name} has the weights "
            f"{model.fingerprint}. Coordinates of one model mean nothing in another. Give its own "
            "model."
        )
    return _directions(path, model, first=0)


def _directions(
    path: Path,
    model: LanguageModel,
    *,
    first: int,
    beyond: int = 0,
    architecture: str = ARCHITECTURE,
) -> dict[int, Tensor]:
    """The tensors by N, from `first` to the number of the last block + `beyond`."""
    contents = read_gguf(path)
    _require_kind(path, contents, architecture)
    _require_model(path, contents.keys, model, architecture)
    found: dict[int, Tensor] = {}
    for entry in contents.tensors:
        prefix, _, number = entry.name.partition(".")
        numbered = prefix == "direction" and number.isdecimal() and len(number) <= _DIGITS
        n = int(number) if numbered else -1
        last = model.n_layers - 1 + beyond
        if n in found:
            raise PrefvecError(
                f"{path} has two tensors direction.{n}, the second called {entry.name!r}. Which of "
                "them is meant is not guessed: keep one."
            )
        if not first <= n <= last:
            raise PrefvecError(
                f"{path} has a tensor {entry.name!r}. By this convention there are direction."
                f"{first} to direction.{last} in {model.name}, of {model.n_layers} blocks. It is a "
                "file of another model, or of another convention."
            )
        if entry.kind != F32 or entry.n_dims != 1 or entry.values is None:
            raise PrefvecError(
                f"{entry.name} of {path} is no list of float32 numbers (ggml type {entry.kind}, "
                f"{entry.n_dims} dimensions), as a direction is. Export it anew."
            )
        found[n] = torch.from_numpy(entry.values.reshape(-1))
    return found


def _require_kind(path: Path, contents: Contents, architecture: str) -> None:
    kind = contents.keys.get("general.architecture")
    if kind != architecture:
        raise PrefvecError(
            f"{path} is a GGUF file of the kind {kind!r}, and by this convention it would be "
            f"{architecture!r}. Name the convention of the tool that wrote it."
        )
    if contents.keys.get("glp.mode") == "project":
        raise PrefvecError(
            f"{path} is meant to be projected out, and not to be added (glp.mode = project). There "
            "is no dose of it to judge here."
        )


def _require_model(
    path: Path, keys: Mapping[str, object], model: LanguageModel, architecture: str
) -> None:
    hint, own = keys.get(f"{architecture}.model_hint"), model_type(model)
    config = str(model.network.config.model_type)
    if hint is not None and hint not in (*UNSAID, own, config, LLAMA_CPP.get(own)):
        raise PrefvecError(
            f"{path} is for a model of the architecture {hint!r}, and {model.name} is {own!r}. "
            "Coordinates of one model mean nothing in another. Give its own model."
        )


def _without_the_last(found: dict[int, Tensor], model: LanguageModel) -> dict[int, Tensor]:
    """Without the last block's, which was read after the final norm and is added before it."""
    return {block: tensor for block, tensor in found.items() if block < model.n_layers - 1}
