"""What computes: the same inputs give the same bits only on the same processor."""

import platform
from pathlib import Path

import torch

_CPUINFO = Path("/proc/cpuinfo")


def processor(device: str) -> str:
    """The processor of a device, by name, and what else decides its last bits.

    Args:
        device: as torch writes it, e.g. "cpu" or "cuda:0".

    Example:
        >>> "threads" in processor("cpu")
        True
    """
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    name = _cpu()
    if not device.startswith("cpu"):
        return f"{name}, {device.partition(':')[0]}"
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads"


def _cpu() -> str:
    if _CPUINFO.exists():
        for line in _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
