"""What tools keep by torch or in safetensors: tensors and plain types, and no code.

A `.pt` is read by `weights_only`, so that nothing in it is run; what needs more than tensors and
plain types is refused.
"""

import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from safetensors.torch import load_file
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.exchange.written import put


def lm_eval_entries(tensors: Mapping[str, Float[Tensor, " d_model"]]) -> dict[str, Any]:
    """What `lm_eval --model steered` reads: for each module what is added to its output.

    The coefficient is 1, the dose being in the vector, so that −1 steers the other way.

    Args:
        tensors: what is added, by the module's name below the base model, e.g. "layers.12".
    """
    return {
        name: {
            "steering_vector": tensor.clone(),
            "steering_coefficient": 1.0,
            "action": "add",
            "bias": None,
            "head_index": None,
        }
        for name, tensor in tensors.items()
    }


def steering_vectors_fields(tensors: Mapping[int, Float[Tensor, " d_model"]]) -> dict[str, Any]:
    """The fields of a `steering_vectors.SteeringVector`, which has no file format of its own.

    Args:
        tensors: what is added at multiplier 1, by the block to whose output it is.
    """
    return {
        "layer_activations": {block: tensor.clone() for block, tensor in tensors.items()},
        "layer_type": "decoder_block",
    }


def write_pt(path: Path, content: Mapping[Any, Any]) -> None:
    """Write tensors and plain types by `torch.save`.

    Raises:
        PrefvecError: if the file cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    put(path, buffer.getvalue())


def read_pt(path: Path) -> object:
    """What a file of torch or of safetensors holds, if that is tensors and plain types.

    Raises:
        PrefvecError: if it cannot be read, or holds anything that would have to be run.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise PrefvecError(
            f"{path} holds more than tensors and plain types, or is no file of torch: reading it "
            "would run code out of it, and is refused. Where it is yours, load it in the tool that "
            "wrote it and keep its tensors alone, e.g. torch.save({'layer_activations': "
            "v.layer_activations, 'layer_type': v.layer_type}, path)."
        ) from error
    except Exception as error:  # whatever torch trips over in bytes that it did not write
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PrefvecError(
            f"{path} cannot be read as a file of tensors ({told}). Check the path and the "
            "convention."
        ) from error
