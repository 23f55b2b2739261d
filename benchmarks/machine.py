"""The machine that a benchmark ran on, in words that a reader can compare."""

import os
import platform
from pathlib import Path
from typing import Any

import torch
import transformers


def described() -> dict[str, Any]:
    """Processor, cores, what they can do, memory, and the libraries that count."""
    known = _cpuinfo()
    flags = set(known.get("flags", "").split())
    return {
        "processor": known.get("model name", platform.processor() or platform.machine()),
        "cores": len(os.sched_getaffinity(0)),
        "can": [each for each in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if each in flags],
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "accelerators": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
    }


def in_words(machine: dict[str, Any]) -> str:
    """One line."""
    can = ", ".join(machine["can"]) or "no vector extensions"
    hardware = [*machine["accelerators"], machine["processor"], f"{machine['cores']} cores ({can})"]
    return (
        f"{', '.join(hardware)}, {machine['memory_gib']} GiB, torch {machine['torch']}, "
        f"transformers {machine['transformers']}"
    )


def _cpuinfo() -> dict[str, str]:
    path = Path("/proc/cpuinfo")
    if not path.is_file():
        return {}
    lines = (line.split(":", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {line[0].strip(): line[1].strip() for line in lines if len(line) == 2}
