"""The files of other tools that the tests read, what stands in them, and others like them."""

from pathlib import Path

import numpy as np

from prefvec.exchange.foreign import read_foreign
from prefvec.exchange.gguf_file import Value, gguf_bytes
from tests.exchange.written_by_others import FILES, numbers
from tests.tiny import tiny

WHERE = {
    "repeng": ("repeng.gguf", {1: numbers(1)}),
    "dialz": ("dialz.gguf", {1: numbers(1)}),
    "cvector-generator": ("cvector-generator.gguf", {0: numbers(1), 1: numbers(2)}),
    "llama.cpp": ("cvector-generator.gguf", {1: numbers(1), 2: numbers(2)}),
    "jukofyork": ("jukofyork.gguf", {1: numbers(2)}),
    "saklas": ("saklas.gguf", {0: numbers(0), 1: numbers(1), 2: numbers(2)}),
    "easysteer": ("easysteer.gguf", {0: numbers(0), 1: numbers(1), 2: numbers(2)}),
    "steering-vectors": ("steering-vectors.pt", {0: numbers(0), 1: numbers(1), 2: numbers(2)}),
    "lm-eval": ("lm-eval.pt", {1: 2 * numbers(1)}),
    "hidden-states": ("rows.pt", {0: numbers(1), 1: numbers(2)}),
    "easyedit2": ("layer_1.pt", {1: numbers(1)}),
}
"""What each file holds, by the block to whose output it belongs."""


def read_known(file: str, convention: str, family: str = "llama"):
    """One of the files, read for a tiny model of a family."""
    return read_foreign(FILES / file, convention=convention, model=tiny(family))


def control_vector(folder: Path, tensors: dict[int, np.ndarray], **keys: Value) -> Path:
    """Write a control vector of some directions into a folder."""
    path = folder / "control.gguf"
    named = {f"direction.{n}": each for n, each in tensors.items()}
    path.write_bytes(gguf_bytes({"general.architecture": "controlvector", **keys}, named))
    return path
