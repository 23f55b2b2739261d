"""Control vectors in GGUF: what llama.cpp and its kin add to the outputs of decoder blocks."""

from collections.abc import Mapping
from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.exchange.gguf_file import Value, gguf_bytes
from prefvec.exchange.written import put
from prefvec.vectors.residual import Site

ARCHITECTURE = "controlvector"
"""What a file of a control vector is, under "general.architecture"."""


def output_of_block(site: Site, what: str) -> int:
    """The block whose output is at a site, for tools that know outputs alone.

    Args:
        site: what block k receives is what block k − 1 returns.
        what: the tool, for the sentence of an error.

    Raises:
        PrefvecError: if nothing is returned there: it is what the first block receives.
    """
    block = site.layer if site.point == "resid_post" else site.layer - 1
    if block < 0:
        raise PrefvecError(
            f"What the first block receives (block 0, resid_pre) is the output of no block, and "
            f"{what} adds to outputs alone. Choose a vector of another site."
        )
    return block


def require_addressable(block: int) -> None:
    """Refuse the one block that llama.cpp cannot address.

    Raises:
        PrefvecError: if it is block 0.
    """
    if block == 0:
        raise PrefvecError(
            "llama.cpp cannot add a vector to the output of block 0: it keeps no place for it, and "
            "a direction.0 makes it drop the whole file. Choose a vector of a later block (blocks "
            "are counted from 0)."
        )


def write_control_vector(
    path: Path,
    tensors: Mapping[int, Float[Tensor, " d_model"]],
    *,
    model_hint: str,
    keys: Mapping[str, Value],
) -> None:
    """Write a control vector as repeng and llama.cpp's own generator lay it out.

    Args:
        path: where.
        tensors: what is added at scale 1, by the number of the block to whose output it is.
        model_hint: the architecture, under "controlvector.model_hint".
        keys: more metadata.

    Raises:
        PrefvecError: if the file cannot be written.
    """
    facts: dict[str, Value] = {
        "general.architecture": ARCHITECTURE,
        f"{ARCHITECTURE}.model_hint": model_hint,
        f"{ARCHITECTURE}.layer_count": len(tensors),
    }
    named = {f"direction.{block}": tensor.numpy() for block, tensor in sorted(tensors.items())}
    put(path, gguf_bytes({**facts, **keys}, named))
