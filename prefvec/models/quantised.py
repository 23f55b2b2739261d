"""A model whose weights went through a quantised file: rounded in blocks, and read back."""

import copy
import importlib
import importlib.metadata
import importlib.util
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from prefvec.errors import PrefvecError
from prefvec.models.blocks import find_blocks
from prefvec.models.fingerprints import network_fingerprint
from prefvec.models.language_model import LanguageModel
from prefvec.vocabulary import WeightFormat

ENDS: WeightFormat = "Q8_0"
"""Of the embedding and the map to the logits: finer than in llama.cpp's own files, which have Q6_K
for the logits, and for an embedding that is not tied to them the blocks' format."""
_NEIGHBOURS = 32


def quantised(model: LanguageModel, weights: WeightFormat) -> LanguageModel:
    """The model as it is after its weights were written in a quantised format and read back.

    Every matrix of a decoder block is rounded to the format, row by row as a GGUF file has it, the
    embedding and the map to the logits to 8 bits (`ENDS`); norms and biases stay as they are, as
    in such a file. Rounding and reading back are those of the library gguf, and what is read back
    has the dtype that the model had. So it computes what the file says; an engine that rounds
    activations on top of it, as llama.cpp does, computes a little else.

    Args:
        model: with floating weights; it stays as it is.
        weights: the format of the blocks.

    Raises:
        PrefvecError: if the library gguf is missing, the weights are quantised already, or a row
            cannot be cut into 32s.

    Example:
        >>> four_bits = pv.quantised(source, "Q4_0")
        >>> "blocks Q4_0" in four_bits.made_of, four_bits.fingerprint == source.fingerprint
        (True, False)
        >>> pv.raw_transfer(vector, four_bits, texts).model == four_bits.fingerprint
        True
    """
    _require_library(model.name, weights)
    network = copy.deepcopy(model.network)
    of_blocks = {id(each) for block in find_blocks(network) for each in block.parameters()}
    sideways = {id(each.weight) for each in network.modules() if type(each).__name__ == "Conv1D"}
    for name, parameter in network.named_parameters():
        if parameter.ndim > 1:
            turned = id(parameter) in sideways
            _require_rows(model.name, name, parameter, turned=turned)
            written = weights if id(parameter) in of_blocks else ENDS
            parameter.data = _rounded(parameter.data, written, turned=turned)
    number = str(model.dtype).removeprefix("torch.")
    return replace(
        model,
        name=f"{model.name}, {weights}",
        network=network,
        fingerprint=network_fingerprint(network),
        made_of=f"{model.fingerprint}, blocks {weights}, ends {ENDS} "
        f"(gguf {importlib.metadata.version('gguf')}), dequantised to {number}",
    )


def _require_library(model: str, weights: WeightFormat) -> None:
    if importlib.util.find_spec("gguf") is None:
        raise PrefvecError(
            f"{model} is to be quantised to {weights} by the library gguf, which is not installed. "
            "Run `pip install 'prefvec[gguf]'`."
        )


def _require_rows(model: str, name: str, parameter: nn.Parameter, *, turned: bool) -> None:
    if not parameter.is_floating_point():
        raise PrefvecError(
            f"{model} is quantised already: {name} holds {parameter.dtype}. Load its weights in "
            "bfloat16 or float32 (`--dtype bfloat16`) and quantise those."
        )
    columns = parameter.shape[0 if turned else -1]
    if columns % _NEIGHBOURS:
        raise PrefvecError(
            f"{model} cannot be quantised as llama.cpp does it: a row of {name} has {columns} "
            f"numbers, which are no multiple of {_NEIGHBOURS}. Use a model whose widths are."
        )


def _rounded(values: Tensor, weights: WeightFormat, *, turned: bool) -> Tensor:
    """What a file in a format holds of a matrix, in the matrix's own dtype and place."""
    gguf: Any = importlib.import_module("gguf")
    kind = gguf.GGMLQuantizationType[weights]
    rows = (values.T if turned else values).to("cpu", torch.float32).contiguous()
    read = gguf.quants.dequantize(gguf.quants.quantize(rows.numpy(), kind), kind)
    back = torch.from_numpy(read).reshape(rows.shape)
    return (back.T if turned else back).contiguous().to(values.device, values.dtype)
