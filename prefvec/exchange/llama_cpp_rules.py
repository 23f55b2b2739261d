"""What llama.cpp refuses of a control vector, and what it ignores without a word.

After `common_control_vector_load_one` (common/common.cpp), `llama_adapter_cvec` (src/
llama-adapter.cpp) and the options of common/arg.cpp, in llama.cpp as llama-cpp-python 0.3.36
carries it. One bad tensor makes it drop the whole file; of the metadata it reads nothing.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from prefvec.exchange.gguf_file import F32, Contents, read_gguf

_INDEX = re.compile(r"\s*([+-]?)0*(\d+)", re.ASCII)
"""What std::stoi reads of a text: a number at its front, whatever follows."""
_LARGEST = 2**31 - 1
_LONGEST_NAME = 63


def refusals(
    path: Path, *, d_model: int | None = None, n_layers: int | None = None
) -> tuple[str, ...]:
    """Why llama.cpp would not apply a file as it is meant, a sentence for each reason.

    Empty where it would.

    Args:
        path: a GGUF file.
        d_model: the width of the model that it is for, where known.
        n_layers: decoder blocks of that model, where known.

    Raises:
        PrefvecError: if it is no GGUF file.
    """
    found = read_gguf(path)
    return (
        *in_a_name(path),
        *in_tensors(found, d_model=d_model, n_layers=n_layers),
    )


def in_a_name(path: Path) -> tuple[str, ...]:
    """Why llama.cpp's options could not name a file."""
    parts = path.parts[1:] if path.anchor else path.parts
    written = "/".join(parts)
    return tuple(
        f"The name {written!r} holds a {sign!r}, which llama.cpp reads as {meaning}."
        for sign, meaning in (
            (":", "what separates a file from its scale"),
            (",", "what separates two files"),
            ('"', "a quotation mark around one"),
        )
        if sign in written
    )


def in_tensors(
    contents: Contents, *, d_model: int | None = None, n_layers: int | None = None
) -> tuple[str, ...]:
    """Why llama.cpp would drop the tensors of a file, all of them for one."""
    tensors = contents.tensors
    if not tensors:
        return ("There is no tensor in it: llama.cpp finds no direction, and skips the file.",)
    reasons: list[str] = []
    for tensor in tensors:
        reasons += _of_an_index(tensor.name, n_layers)
        if tensor.kind != F32:
            reasons.append(
                f"{tensor.name} is not float32 (ggml type {tensor.kind}): llama.cpp skips the "
                "whole file."
            )
        if tensor.n_dims != 1:
            reasons.append(
                f"{tensor.name} has {tensor.n_dims} dimensions instead of one: llama.cpp skips "
                "the whole file."
            )
    return (*reasons, *_of_widths([t.shape for t in tensors], d_model), *_of_names(contents))


def block_of(name: str) -> int | None:
    """The block to whose output llama.cpp adds a tensor, counted from 0; None if it reads none."""
    prefix, dot, rest = name.partition(".")
    found = _INDEX.match(rest)
    if prefix != "direction" or not dot or found is None:
        return None
    sign, digits = found.groups()
    index = int(sign + digits) if len(digits) <= len(str(_LARGEST)) else -1
    return index if 0 <= index <= _LARGEST else None


def _of_an_index(name: str, n_layers: int | None) -> list[str]:
    block = block_of(name)
    if block is None:
        return [
            f"{name} is not named direction.N, N a number from 1: llama.cpp skips the whole file."
        ]
    if block == 0:
        return [
            "There is a direction.0: llama.cpp cannot add anything to the output of block 0, and "
            "skips the whole file."
        ]
    if n_layers is not None and block >= n_layers:
        return [
            f"{name} is beyond the last of {n_layers} blocks, {n_layers - 1}: llama.cpp ignores it "
            "without a word."
        ]
    return []


def _of_widths(shapes: Sequence[tuple[int, ...]], d_model: int | None) -> list[str]:
    widths = list(dict.fromkeys(shape[0] if shape else 1 for shape in shapes))
    if len(widths) > 1:
        return [
            f"Its tensors are {' and '.join(map(str, widths))} wide: llama.cpp wants one width, "
            "and skips the whole file."
        ]
    if d_model is not None and widths != [d_model]:
        return [
            f"Its tensors are {widths[0]} wide and the model's residual stream {d_model}: "
            "llama.cpp does not apply it."
        ]
    return []


def _of_names(contents: Contents) -> list[str]:
    names = [tensor.name for tensor in contents.tensors]
    twice = sorted({name for name in names if names.count(name) > 1})
    long = [name for name in names if len(name.encode()) > _LONGEST_NAME]
    return [
        *(f"There are two tensors {name}: llama.cpp does not open the file." for name in twice),
        *(f"The name {name} is too long: llama.cpp does not open the file." for name in long),
    ]
