"""Models of random weights in the shapes of others: what they cost, without what they know."""

from dataclasses import replace
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import (
    AutoModelForCausalLM,
    GemmaConfig,
    LlamaConfig,
    MistralConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from prefvec.models.language_model import LanguageModel, assemble

LLAMA_1B = LlamaConfig(
    vocab_size=49_152,
    hidden_size=2048,
    intermediate_size=8192,
    num_hidden_layers=16,
    num_attention_heads=32,
    num_key_value_heads=8,
    tie_word_embeddings=True,
)
MISTRAL_7B = MistralConfig(
    vocab_size=32_768,
    hidden_size=4096,
    intermediate_size=14_336,
    num_hidden_layers=32,
    num_attention_heads=32,
    num_key_value_heads=8,
    sliding_window=None,
    tie_word_embeddings=False,
)
LLAMA_3_8B = LlamaConfig(
    vocab_size=128_256,
    hidden_size=4096,
    intermediate_size=14_336,
    num_hidden_layers=32,
    num_attention_heads=32,
    num_key_value_heads=8,
    tie_word_embeddings=False,
)
GEMMA_7B = GemmaConfig(
    vocab_size=256_000,
    hidden_size=3072,
    intermediate_size=24_576,
    num_hidden_layers=28,
    num_attention_heads=16,
    num_key_value_heads=16,
    head_dim=256,
    tie_word_embeddings=True,
)
"""As Mistral-7B-v0.3, Meta-Llama-3-8B and gemma-7b state them in their `config.json`."""
SHAPES: dict[str, PreTrainedConfig] = {
    "mistral-7b": MISTRAL_7B,
    "llama-3-8b": LLAMA_3_8B,
    "gemma-7b": GEMMA_7B,
}


def tokenizer_of(vocabulary: int) -> PreTrainedTokenizerFast:
    """A word for each token; "w1" ends an answer."""
    words = {f"w{i}": i for i in range(vocabulary)}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(WordLevel(words, unk_token="w0")), eos_token="w1"
    )
    tokenizer.backend_tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


def random_network(
    config: PreTrainedConfig, *, device: str | torch.device, dtype: torch.dtype, **differs: Any
) -> PreTrainedModel:
    """Weights drawn from seed 0, where they will be used.

    Args:
        config: the shape.
        device: where they lie.
        dtype: their type.
        differs: fields of the config to state otherwise, e.g. `num_hidden_layers=2`.
    """
    shape = type(config).from_dict({**config.to_dict(), **differs})
    torch.manual_seed(0)
    with torch.device(device):
        return AutoModelForCausalLM.from_config(shape, dtype=dtype)


def random_model(
    name: str,
    config: PreTrainedConfig,
    *,
    device: str | torch.device,
    dtype: torch.dtype,
    **differs: Any,
) -> LanguageModel:
    """Such a network with a word for each of its tokens; "w1" ends an answer."""
    fields = {"bos_token_id": None, "eos_token_id": 1, **differs}
    network = random_network(config, device=device, dtype=dtype, **fields)
    return assemble(name, network, tokenizer_of(network.config.vocab_size))


def without_end(model: LanguageModel) -> LanguageModel:
    """The model, of which no answer ends: the only end is a token that it hardly ever says."""
    unsaid = model.network.config.vocab_size - 1
    dialect = replace(model.dialect, end_ids=(unsaid,), end_strings=())
    return replace(model, dialect=dialect)
