"""Where weights lie and in which floating type."""

import torch

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
    """A floating type, or "auto" for the checkpoint's own; see `prefvec.models.load`.

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
