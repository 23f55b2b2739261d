"""Tiny random-weight models of the three real architectures, with dialects like theirs.

`tiny("mistral")`, `tiny("llama")` and `tiny("gemma")` are loaded models; `save_tiny` writes one
to a directory, to be loaded by path as a user would. Their weights are random, so what they
write means nothing; everything else about them is real.
"""

import atexit
import functools
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import (
    GemmaConfig,
    GemmaForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from prefvec.models import LanguageModel, load
from prefvec.prompts import Prompt

FAMILIES = ("mistral", "llama", "gemma")

MISTRAL_LIKE = """\
{{- bos_token -}}
{%- for message in messages -%}
{%- if message.role == 'user' -%}
{{- '[INST] ' + message.content + ' [/INST]' -}}
{%- elif message.role == 'assistant' -%}
{{- ' ' + message.content + eos_token -}}
{%- else -%}
{{- raise_exception('Only the roles user and assistant are known.') -}}
{%- endif -%}
{%- endfor -%}"""

LLAMA_3_LIKE = """\
{{- bos_token -}}
{%- for message in messages -%}
{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' -}}
{{- message.content | trim + '<|eot_id|>' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' -}}
{%- endif -%}"""

GEMMA_LIKE = """\
{{- bos_token -}}
{%- if messages[0].role == 'system' -%}{{- raise_exception('No system role.') -}}{%- endif -%}
{%- for message in messages -%}
{%- set role = 'model' if message.role == 'assistant' else message.role -%}
{{- '<start_of_turn>' + role + '\n' + message.content | trim + '<end_of_turn>\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<start_of_turn>model\n' -}}{%- endif -%}"""

TEMPLATES = {"mistral": MISTRAL_LIKE, "llama": LLAMA_3_LIKE, "gemma": GEMMA_LIKE}

_SPECIALS = {
    "mistral": {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"},
    "llama": {"bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>"},
    "gemma": {
        "pad_token": "<pad>",
        "eos_token": "<eos>",
        "bos_token": "<bos>",
        "unk_token": "<unk>",
    },
}
_TURN_TOKENS = {
    "mistral": [],
    "llama": ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    "gemma": ["<start_of_turn>", "<end_of_turn>"],
}
_CORPUS = [
    "What is a river? A river is water that flows from the hills to the sea.",
    "Why do leaves fall in autumn? They fall because the tree keeps its water for the winter.",
    "Answer in one sentence. Answer in as much detail as you can, with examples.",
    "Bread is made of flour, water, salt and yeast. It rises for an hour before it is baked.",
    "How does a clock keep time? A weight swings, and each swing takes the same time.",
    "user assistant model Question: Answer: [INST] [/INST]",
]


def questions() -> list[Prompt]:
    """Short prompts of different lengths, one of them under an instruction."""
    return [
        Prompt(id="river", text="What is a river?", topic="earth"),
        Prompt(id="leaves", text="Why do leaves fall in autumn, and when?", topic="earth"),
        Prompt(id="bread", text="How is bread made?", topic="food").instructed(
            "Answer in one sentence."
        ),
        Prompt(id="clock", text="How does a clock keep time?", topic="things"),
    ]


@functools.cache
def tiny(family: str, *, seed: int = 0, d_model: int = 32, chat: bool = True) -> LanguageModel:
    """One tiny model, loaded by path on the CPU in float32; the same object at every call."""
    home = Path(tempfile.mkdtemp(prefix=f"tiny-{family}-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return load(str(save_tiny(home, family, seed=seed, d_model=d_model, chat=chat)), device="cpu")


def save_tiny(
    directory: Path,
    family: str,
    *,
    seed: int = 0,
    d_model: int = 32,
    chat: bool = True,
    template: str | None = None,
) -> Path:
    """Write a tiny model and its tokenizer to `directory`, and return it.

    Args:
        directory: where; made if it is not there.
        family: one of `FAMILIES`.
        seed: of the random weights.
        d_model: the width; a multiple of 4.
        chat: whether the tokenizer carries a chat template (a base model carries none).
        template: a chat template instead of the family's own.
    """
    tokenizer = tiny_tokenizer(family)
    if chat:
        tokenizer.chat_template = template or TEMPLATES[family]
    tokenizer.save_pretrained(directory)
    tiny_network(family, tokenizer, seed=seed, d_model=d_model).save_pretrained(directory)
    return directory


def tiny_network(
    family: str, tokenizer: PreTrainedTokenizerFast, *, seed: int = 0, d_model: int = 32
) -> PreTrainedModel:
    """Random weights, large enough that positions and context visibly matter to the logits."""
    shape: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": d_model,
        "intermediate_size": 2 * d_model,
        "num_attention_heads": 4,
        "head_dim": d_model // 4,
        "max_position_embeddings": 512,
        "initializer_range": 0.3,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    config: PreTrainedConfig
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if family == "mistral":
            config = MistralConfig(**shape, num_hidden_layers=2, num_key_value_heads=2)
            return MistralForCausalLM(config)
        if family == "llama":
            config = LlamaConfig(**shape, num_hidden_layers=3, num_key_value_heads=2)
            return LlamaForCausalLM(config)
        config = GemmaConfig(**shape, num_hidden_layers=3, num_key_value_heads=1)
        return GemmaForCausalLM(config)


@functools.cache
def _tokenizer_json(family: str) -> str:
    """A byte-level BPE as LLaMA 3 has, or a BPE with byte fallback as the other two have."""
    specials = [*_SPECIALS[family].values(), *_TURN_TOKENS[family]]
    bos = _SPECIALS[family]["bos_token"]
    if family == "llama":
        raw = Tokenizer(models.BPE())
        raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        raw.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    else:
        raw = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
        if family == "mistral":
            raw.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
            strip = [decoders.Strip(" ", 1, 0)]
        else:
            raw.normalizer = normalizers.Replace(" ", "▁")
            raw.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
            strip = []
        raw.decoder = decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), *strip]
        )
        alphabet = []
    raw.train_from_iterator(
        _CORPUS,
        trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=specials,
            initial_alphabet=alphabet,
            show_progress=False,
        ),
    )
    raw.post_processor = TemplateProcessing(
        single=f"{bos} $A", special_tokens=[(bos, raw.token_to_id(bos))]
    )
    content = json.loads(raw.to_str())
    if family != "llama":
        vocab = content["model"]["vocab"]
        for byte in range(256):
            vocab.setdefault(f"<0x{byte:02X}>", len(vocab))
    return json.dumps(content, ensure_ascii=False)


def tiny_tokenizer(family: str) -> PreTrainedTokenizerFast:
    """The family's tokenizer, trained on a few sentences; no chat template yet."""
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(_tokenizer_json(family)),
        additional_special_tokens=_TURN_TOKENS[family],
        clean_up_tokenization_spaces=False,
        **_SPECIALS[family],
    )
