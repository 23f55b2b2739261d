"""Files of vectors: safetensors, with what they are and where they belong in the header."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from prefvec.errors import PrefvecError

FORMAT = 2
"""Version of the file format."""

READABLE = (1, FORMAT)
"""Versions that can be read; files of the first do not say which prompts were read."""

MARKS = {"format": FORMAT, "operation": "add"}
"""What every header says besides."""


def write(path: str | Path, directions: Mapping[str, Tensor], header: Mapping[str, Any]) -> None:
    """Write directions with their header, and every folder that is missing on the way.

    Raises:
        PrefvecError: if the file cannot be written.
    """
    metadata = {name: json.dumps(value) for name, value in {**MARKS, **header}.items()}
    tensors = {name: tensor.contiguous() for name, tensor in directions.items()}
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, path, metadata=metadata)
    except (OSError, SafetensorError) as error:
        raise PrefvecError(
            f"The vector cannot be written to {path} ({error}). Choose a writable path."
        ) from error


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The header and the directions of a file.

    Raises:
        PrefvecError: if the file is missing or was not written by `write`.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = {name: json.loads(text) for name, text in (file.metadata() or {}).items()}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError) as error:
        raise PrefvecError(
            f"There is no vector to read at {path} ({error}). Give the path of a file written "
            "by PreferenceVector.save or PreferenceVectors.save."
        ) from error
    if header.get("format") not in READABLE or header.get("operation") != "add":
        raise PrefvecError(
            f"{path} is not a vector file of format {' or '.join(map(str, READABLE))} (format "
            f"{header.get('format')}, operation {header.get('operation')!r}). Extract the "
            "vector again."
        )
    return header, tensors
