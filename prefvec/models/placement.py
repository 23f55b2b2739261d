"""Where weights lie and in which floating type."""

import importlib.util
from typing import Any

import torch
from transformers import PreTrainedModel

from prefvec.errors import PrefvecError

AUTO = "auto"
"""The device that means: spread over whatever accelerators there are."""


def choose_device(device: str | torch.device | None = None) -> torch.device:
    """The named device, or the best one here.

    Raises:
        PrefvecError: if there is no such device.
    """
    mps = torch.backends.mps.is_available()
    if device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if mps else "cpu")
    try:
        wanted = torch.device(device)
    except RuntimeError as error:
        raise PrefvecError(
            f"{str(device)!r} is not a device. Use cpu, cuda, cuda:0, mps, or auto to spread a "
            "model over all of them."
        ) from error
    present = {"cpu": 1, "mps": int(mps), "cuda": torch.cuda.device_count()}
    if (wanted.index or 0) >= present.get(wanted.type, 0):
        raise PrefvecError(
            f"The device {str(device)!r} is not there: this PyTorch sees "
            f"{present['cuda']} CUDA device(s) and {'an' if mps else 'no'} MPS device. Leave the "
            "device out to have one chosen, or use cpu."
        )
    return wanted


def choose_dtype(dtype: str | torch.dtype | None, device: torch.device) -> torch.dtype | str:
    """A floating type, or "auto" for the checkpoint's own; see `language_model.load`.

    Raises:
        PrefvecError: if the name is no floating type of PyTorch.
    """
    if dtype is None:
        return torch.float32 if device.type == "cpu" else torch.bfloat16
    if dtype == "auto":
        return "auto"
    short = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
    found = getattr(torch, short.get(dtype, dtype), None) if isinstance(dtype, str) else dtype
    if not isinstance(found, torch.dtype) or not found.is_floating_point:
        raise PrefvecError(
            f"{str(dtype)!r} is not a floating type. Use float32, bfloat16, float16 or auto."
        )
    return found


def device_map_of(name: str, config: Any, device: torch.device | str) -> Any:
    """What accelerate is to be told about placing weights; None where it is not needed.

    Args:
        name: of the model, for messages.
        config: its config.
        device: where the weights are to go, or "auto".

    Raises:
        PrefvecError: if a library that a spread or a quantised model needs is not installed.
    """
    quantised: Any = getattr(config, "quantization_config", None)
    if device != AUTO and quantised is None:
        return None
    needed = {"accelerate": f"{name} is to be spread over devices"}
    if quantised is not None:
        of = quantised if isinstance(quantised, dict) else quantised.to_dict()
        method = str(getattr(of.get("quant_method"), "value", of.get("quant_method")))
        why = f"{name} is quantised ({method})"
        needed = {"accelerate": why}
        if method == "bitsandbytes":
            needed["bitsandbytes"] = why
    for library, why in needed.items():
        if importlib.util.find_spec(library) is None:
            raise PrefvecError(
                f"{why}, for which the library {library} is needed and not installed. Run "
                f"`pip install {library}`, or name a model that needs neither."
            )
    return "auto" if device == AUTO else {"": device}


def require_in_memory(name: str, network: PreTrainedModel) -> None:
    """Refuse weights that would be fetched from main memory or disk at every step.

    Raises:
        PrefvecError: with their number and what to do.
    """
    absent = sum(weight.device.type == "meta" for weight in network.parameters())
    if absent:
        raise PrefvecError(
            f"{name} does not fit in the memory of the devices here: {absent} of its weights were "
            "left in main memory or on disk, to be fetched anew for every token. Use a smaller or "
            "quantised model, a narrower dtype (--dtype), or more devices."
        )
