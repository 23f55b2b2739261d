"""A model in outline: what its config and tokenizer tell without its weights."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from transformers import AutoConfig, AutoTokenizer

from prefvec.models.gguf import config_and_template
from prefvec.models.packages import Packaged
from prefvec.models.peft_folders import PeftFolder
from prefvec.models.places import gguf_at, place_of

_GATED = 3
"""Matrices of a gated feed-forward layer."""


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What can be reckoned with before a model is loaded.

    Attributes:
        n_layers: decoder blocks.
        d_model: width of the residual stream.
        parameters: about how many.
        kept_a_token: numbers that are kept of each token while an answer is written: keys and
            values of every block.
        vocab_size: tokens that there are.
        kind: whether there is a chat template.
        dtype: of the weights in memory, where its registry entry names one.
    """

    n_layers: int
    d_model: int
    parameters: int
    kept_a_token: int
    vocab_size: int
    kind: Literal["chat", "plain"]
    dtype: str | None = None


def outline_of(
    what: str | Packaged, *, revision: str | None = None, cache_dir: str | None = None
) -> Outline:
    """The outline of a model.

    Args:
        what: a directory, a GGUF file, a hub id, or packages.
        revision: branch, tag or commit of a hub repository.
        cache_dir: where hub files are kept.
    """
    file = gguf_at(what)
    if file is not None:
        with tempfile.TemporaryDirectory() as folder:
            path = file.whole(Path(folder))
            return _of_config(*config_and_template(path))
    name = what if isinstance(what, str) else what.name
    adapter = PeftFolder.at(name)
    if adapter is not None:
        return outline_of(adapter.base, revision=adapter.revision, cache_dir=cache_dir)
    place = place_of(name)
    if Path(place).is_dir():
        return _outline(place)
    return _outline(place, revision=revision or "main", cache_dir=cache_dir)


def _outline(place: str, **origin: Any) -> Outline:
    config: Any = AutoConfig.from_pretrained(place, trust_remote_code=False, **origin)
    tokenizer: Any = AutoTokenizer.from_pretrained(place, trust_remote_code=False, **origin)
    return _of_config(config, bool(getattr(tokenizer, "chat_template", None)))


def _of_config(config: Any, has_template: bool) -> Outline:
    config = config.get_text_config(decoder=True)
    return Outline(
        n_layers=config.num_hidden_layers,
        d_model=config.hidden_size,
        parameters=_parameters(config),
        kept_a_token=2 * config.num_hidden_layers * _key_heads(config) * _head_width(config),
        vocab_size=config.vocab_size,
        kind="chat" if has_template else "plain",
    )


def _parameters(config: Any) -> int:
    """Embeddings, attention and gated feed-forward layers, as most decoders have them."""
    width, heads = config.hidden_size, config.num_attention_heads
    head, kept = _head_width(config), _key_heads(config)
    inner = getattr(config, "intermediate_size", None) or 4 * width
    experts = getattr(config, "num_local_experts", None) or 1
    block = 2 * width * head * (heads + kept) + _GATED * width * inner * experts
    tied = 1 if getattr(config, "tie_word_embeddings", True) else 2
    return config.num_hidden_layers * block + tied * config.vocab_size * width


def _head_width(config: Any) -> int:
    return getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads


def _key_heads(config: Any) -> int:
    return getattr(config, "num_key_value_heads", None) or config.num_attention_heads
