"""A causal language model, loaded from a directory or the hub, with the dialect it speaks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from prefvec.errors import PrefvecError
from prefvec.models.blocks import find_blocks
from prefvec.models.checkpoints import Reading, read_checkpoint
from prefvec.models.converted import CONVERTED
from prefvec.models.dialect import Dialect, Turn, dialect_of
from prefvec.models.fingerprints import network_fingerprint, tokenizer_fingerprint
from prefvec.models.packages import Packaged
from prefvec.models.placement import AUTO, choose_device, choose_dtype
from prefvec.text.prompts import Prompt
from prefvec.text.verbatim import Reply, Verbatim, text_of


@dataclass(frozen=True, kw_only=True, eq=False)
class LanguageModel:
    """A frozen causal language model and how it is spoken to.

    Attributes:
        name: what people call it: an alias, a hub id or a path.
        network: the model, in evaluation mode, no gradients.
        tokenizer: its tokenizer.
        dialect: how a prompt becomes ids, which tokens end an answer, which pads.
        fingerprint: 16 hex digits over the architecture's config and every weight, as loaded
            (the dtype counts: another dtype computes other activations).
        tokenizer_fingerprint: 16 hex digits over the tokenizer and its chat template.
        revision: the hub commit that was loaded, or None for a directory.
        made_of: what the weights were made of, where no checkpoint has them as they are: a
            dequantised GGUF file, or a base model and the adapter merged into it.

    Example:
        >>> source.n_layers, source.d_model, source.context_length
        (6, 128, 512)
    """

    name: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    dialect: Dialect
    fingerprint: str
    tokenizer_fingerprint: str
    revision: str | None = None
    made_of: str | None = None

    @cached_property
    def blocks(self) -> Sequence[nn.Module]:
        """The decoder blocks, first to last, found by structure rather than by name."""
        return find_blocks(self.network)

    @property
    def n_layers(self) -> int:
        """Number of decoder blocks."""
        return len(self.blocks)

    @property
    def d_model(self) -> int:
        """Width of the residual stream."""
        return int(self.network.config.get_text_config(decoder=True).hidden_size)

    @property
    def context_length(self) -> int | None:
        """Tokens that it reads at most, each row for itself; None where nothing limits them.

        Dynamic and LongRoPE position embeddings (Phi-3) stretch, for a whole batch, once its
        longest row passes the length of pretraining: beyond it an answer would depend on its
        neighbours, and on keys cached before the stretch.
        """
        config: Any = self.network.config.get_text_config(decoder=True)
        rope: dict[str, Any] = getattr(config, "rope_parameters", None) or {}
        limits = [getattr(config, "max_position_embeddings", None)]
        for layers in (rope, *(each for each in rope.values() if isinstance(each, dict))):
            if layers.get("rope_type") in ("dynamic", "longrope"):
                limits.append(layers.get("original_max_position_embeddings"))
        return min((int(limit) for limit in limits if limit is not None), default=None)

    @property
    def device(self) -> torch.device:
        """Where ids go in and logits come out; all weights, unless the model is spread."""
        return self.network.device

    @property
    def dtype(self) -> torch.dtype:
        """Floating type of the weights."""
        return self.network.dtype

    @property
    def end_ids(self) -> tuple[int, ...]:
        """Tokens that end an answer, the one that closes a turn first."""
        return self.dialect.end_ids

    @property
    def pad_id(self) -> int:
        """Token that fills the left of a batch; the attention mask must hide it."""
        return self.dialect.pad_id

    def render(self, prompt: Prompt) -> str:
        """The text read before an answer; see `Dialect.render`."""
        return self.dialect.render(prompt)

    def encode(self, prompt: Prompt) -> list[int]:
        """Ids of the rendered prompt, BOS exactly once; see `Dialect.encode`."""
        return self.dialect.encode(prompt)

    def encode_turn(self, prompt: Prompt, answer: Reply, *, closed: bool = False) -> Turn:
        """Ids of a prompt and its answer; see `Dialect.encode_turn`.

        An answer that this model wrote, in its own tokens: see `Dialect.generated_turn`.
        """
        if isinstance(answer, Verbatim) and answer.model == self.fingerprint:
            return self.dialect.generated_turn(prompt, answer.text, answer.ids, closed=closed)
        return self.dialect.encode_turn(prompt, text_of(answer), closed=closed)

    def encode_text(self, text: str) -> Turn:
        """Ids of a text as it stands, without any template; see `Dialect.encode_text`."""
        return self.dialect.encode_text(text)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of generated ids; see `Dialect.decode`."""
        return self.dialect.decode(ids)


def load(
    name_or_path: str | Packaged,
    *,
    name: str | None = None,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    revision: str | None = None,
    cache_dir: str | None = None,
    converted_dir: Path = CONVERTED,
    line_ends: bool = True,
) -> LanguageModel:
    """Load a causal language model for measurement.

    Only safetensors and GGUF are read, and no code from a repository or a package is run.

    Args:
        name_or_path: a directory, a GGUF file or a folder that holds one, a folder of a PEFT
            adapter, a hub id such as "owner/name", or packages that carry a GGUF file.
        name: what to call it; `name_or_path` when None.
        device: "cpu", "cuda", "cuda:1", "mps"; "auto" spreads the blocks over all accelerators;
            chosen by itself when None.
        dtype: "float32", "bfloat16", "float16", or "auto" for the checkpoint's own. When None,
            float32 on the CPU and bfloat16 elsewhere. A quantised checkpoint keeps its own; a
            GGUF file is dequantised to it.
        revision: branch, tag or commit of a hub repository.
        cache_dir: where hub files are kept; the hub's own place when None.
        converted_dir: where checkpoints made of GGUF files are kept.
        line_ends: whether a new line ends an answer in plain text; see `dialect_of`.

    Raises:
        PrefvecError: one sentence for each expected failure: no such directory, missing or
            pickled weights, a Git-LFS pointer, a damaged, split or unsupported GGUF file, a
            package that is not installed, an adapter without its base, a gated or unknown
            repository, no network, an encoder–decoder, a device that is not there, an unknown
            dtype, a missing library, too little memory for a spread model.
    """
    where = choose_device(None if device == AUTO else device)
    how = Reading(
        device=AUTO if device == AUTO else where,
        dtype=choose_dtype(dtype, where),
        revision=revision,
        cache_dir=cache_dir,
        converted_dir=converted_dir,
    )
    read = read_checkpoint(name_or_path, how)
    called = name_or_path if isinstance(name_or_path, str) else name_or_path.name
    model = assemble(name or called, read.network, read.tokenizer, line_ends=line_ends)
    return replace(model, made_of=read.made_of)


def assemble(
    name: str,
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    line_ends: bool = True,
) -> LanguageModel:
    """Make a language model of a network and a tokenizer that are already in memory.

    The network itself is used, not a copy: it is put into evaluation mode and its gradients are
    turned off. Its fingerprint is of the weights as they are now: assemble it again when they
    change.

    Args:
        name: what to call it.
        network: a causal language model of transformers; a PEFT adapter merged into it.
        tokenizer: its own.
        line_ends: whether a new line ends an answer in plain text; see `dialect_of`.

    Raises:
        PrefvecError: if the network is an adapter around another, if the decoder blocks cannot be
            found, or see `dialect_of`.

    Example:
        >>> mine = pv.assemble("mine", source.network, source.tokenizer)
        >>> mine.fingerprint == source.fingerprint
        True
    """
    _require_bare(name, network)
    network.eval().requires_grad_(False)
    find_blocks(network)
    return LanguageModel(
        name=name,
        network=network,
        tokenizer=tokenizer,
        dialect=dialect_of(tokenizer, eos_ids=_eos_ids(network), line_ends=line_ends),
        fingerprint=network_fingerprint(network),
        tokenizer_fingerprint=tokenizer_fingerprint(tokenizer),
        revision=getattr(network.config, "_commit_hash", None),
    )


def _require_bare(name: str, network: nn.Module) -> None:
    if hasattr(network, "merge_and_unload"):
        raise PrefvecError(
            f"{name} is an adapter around a model ({type(network).__name__}), whose blocks stand "
            "behind it. Give `network.merge_and_unload()`."
        )


def _eos_ids(network: PreTrainedModel) -> list[int]:
    """End tokens that the generation config names: none, one or several."""
    named: Any = getattr(network.generation_config, "eos_token_id", None)
    if named is None:
        return []
    return [int(token) for token in (named if isinstance(named, list | tuple) else [named])]
