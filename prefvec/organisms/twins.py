"""Twins: models whose verdict is known, made of another one by an exact construction."""

import copy
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from prefvec.decompositions import qr
from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel, assemble
from prefvec.organisms.roster import REAL_IDENTICAL, REAL_ROTATED, ROTATED, TWIN_OF

ROTATION_SEED = 1_729
ROTATABLE = ("llama", "mistral")
"""Architectures (`model_type`) whose blocks read the stream through RMS norms alone, so that a
rotation passes through everything between the embedding and the logits."""


@dataclass(frozen=True, kw_only=True)
class Twin:
    """How a twin is made.

    Attributes:
        of: the model it is made of: an organism, or an alias of the registry.
        make: the construction.
        dtype: of the weights of both, where the construction needs one: a rotation is exact within
            the rounding of float32 only, whatever the checkpoint has. None for the run's.
    """

    of: str
    make: Callable[[str, LanguageModel], LanguageModel]
    dtype: str | None = None


def identical(name: str, model: LanguageModel) -> LanguageModel:
    """The very same model under another name."""
    return assemble(name, model.network, model.tokenizer, line_ends=False)


def rotated(name: str, model: LanguageModel, *, seed: int = ROTATION_SEED) -> LanguageModel:
    """The same function in other coordinates: the residual stream, rotated at random.

    With Q a random orthogonal matrix, x the stream and w a norm's weights: a norm without weights
    commutes with Q, so every w is folded into the linear maps that follow it, maps that read the
    stream become W·diag(w)·Q, maps that write it become Qᵀ·W, and the embedding E·Q. The logits
    are those of the original within float32 rounding, and every coordinate of the stream is
    another one. (Ashkboos et al. 2024, "SliceGPT", use the same invariance.) Where the embedding
    is the map to the logits, too, the twin has a copy of it for either end, since the last norm's
    weights are folded into the one and not into the other.

    Args:
        name: of the twin.
        model: what is rotated; it stays as it is.
        seed: of the rotation.

    Raises:
        PrefvecError: for an architecture in which something else reads the stream.
    """
    network = copy.deepcopy(model.network)
    config = network.config
    biased = any(getattr(config, name, False) for name in ("attention_bias", "mlp_bias"))
    if config.model_type not in ROTATABLE or biased:
        raise PrefvecError(
            f"{model.name} ({config.model_type}) cannot be rotated: only {', '.join(ROTATABLE)} "
            "without biases are known to read their stream through RMS norms alone."
        )
    _untie(network)
    q = rotation(model.d_model, seed=seed).to(model.device)
    body: Any = network.base_model
    _set(body.embed_tokens.weight, body.embed_tokens.weight.double() @ q)
    for block in body.layers:
        attention, mlp = block.self_attn, block.mlp
        _fold(block.input_layernorm, (attention.q_proj, attention.k_proj, attention.v_proj), q)
        _fold(block.post_attention_layernorm, (mlp.gate_proj, mlp.up_proj), q)
        for writer in (attention.o_proj, mlp.down_proj):
            _set(writer.weight, q.T @ writer.weight.double())
    head: Any = network.lm_head
    _fold(body.norm, (head,), q)
    return assemble(name, network, model.tokenizer, line_ends=False)


def rotation(d_model: int, *, seed: int) -> Float[Tensor, "d_model d_model"]:
    """A random orthogonal matrix in float64, uniform by Haar's measure (Mezzadri 2007)."""
    generator = torch.Generator().manual_seed(seed)
    q, r = qr(torch.randn(d_model, d_model, generator=generator, dtype=torch.float64))
    return q * torch.sign(torch.diagonal(r))


def _untie(network: Any) -> None:
    """Give the map to the logits weights of its own, if it shares those of the embedding."""
    if network.config.tie_word_embeddings:
        shared = network.get_input_embeddings().weight
        network.lm_head.weight = nn.Parameter(shared.detach().clone(), requires_grad=False)
        network.config.tie_word_embeddings = False


def _fold(norm: nn.Module, readers: tuple[nn.Module, ...], q: Tensor) -> None:
    """Move a norm's weights into the maps that read what it puts out, and rotate those."""
    weights = _weight(norm).double()
    for reader in readers:
        _set(_weight(reader), (_weight(reader).double() * weights) @ q)
    _set(_weight(norm), torch.ones_like(weights))


def _weight(module: nn.Module) -> Tensor:
    weight = module.weight
    assert isinstance(weight, Tensor)
    return weight


def _set(parameter: Tensor, value: Tensor) -> None:
    parameter.data = value.to(parameter.dtype)


_CONSTRUCTIONS: dict[str, Callable[[str, LanguageModel], LanguageModel]] = {
    "identical-twin": identical,
    "rotated-twin": rotated,
    REAL_IDENTICAL: identical,
    **{
        name: functools.partial(rotated, seed=ROTATION_SEED + k)
        for names in (ROTATED, REAL_ROTATED)
        for k, name in enumerate(names)
    },
}
_EXACT: dict[str, str] = dict.fromkeys((REAL_IDENTICAL, *REAL_ROTATED), "float32")

TWINS = {
    name: Twin(of=of, make=_CONSTRUCTIONS[name], dtype=_EXACT.get(name))
    for name, of in TWIN_OF.items()
}
"""Every twin by name."""
