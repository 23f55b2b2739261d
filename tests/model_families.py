"""What makes a family of models: architecture, vocabulary, the tokens of a turn, the template.

Templates are written here in the style of each family's own; shapes are as small as they go.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from transformers import (
    GemmaForCausalLM,
    GPT2LMHeadModel,
    GPTNeoXForCausalLM,
    LlamaForCausalLM,
    MistralForCausalLM,
    MixtralForCausalLM,
    Olmo2ForCausalLM,
    Phi3ForCausalLM,
    PreTrainedModel,
    Qwen2ForCausalLM,
    Qwen3ForCausalLM,
)

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

QWEN_2_LIKE = """\
{%- if messages[0].role != 'system' -%}
{{- '<|im_start|>system\nYou are a model that answers.<|im_end|>\n' -}}
{%- endif -%}
{%- for message in messages -%}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}"""

SMOLLM_2_LIKE = """\
{% for message in messages %}\
{% if loop.first and messages[0]['role'] != 'system' %}\
{{ '<|im_start|>system\nYou are a helpful small model<|im_end|>\n' }}{% endif %}\
{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}\
{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"""

QWEN_3_LIKE = """\
{%- for message in messages -%}
{{- '<|im_start|>' + message.role + '\n' -}}
{%- if message.role == 'assistant' and loop.last -%}{{- '<think>\n\n</think>\n\n' -}}{%- endif -%}
{{- message.content + '<|im_end|>\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|im_start|>assistant\n' -}}
{%- if enable_thinking is defined and enable_thinking is false -%}
{{- '<think>\n\n</think>\n\n' -}}
{%- endif -%}
{%- endif -%}"""

PHI_3_LIKE = """\
{%- for message in messages -%}
{{- '<|' + message.role + '|>\n' + message.content + '<|end|>\n' -}}
{%- endfor -%}
{{- '<|assistant|>\n' if add_generation_prompt else eos_token -}}"""

OLMO_2_LIKE = """\
{{- bos_token -}}
{%- for message in messages -%}
{{- '<|' + message.role + '|>\n' + message.content -}}
{{- eos_token if message.role == 'assistant' else '\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>\n' -}}{%- endif -%}"""


@dataclass(frozen=True, kw_only=True)
class ModelFamily:
    """One family in miniature.

    Attributes:
        network: the class of its causal models.
        n_layers: decoder blocks of the miniature.
        settings: of its config, beside the shape that all share.
        pieces: how its tokenizer writes spaces: as bytes, or as "▁" in one of two ways.
        specials: its special tokens by role.
        turn_tokens: further tokens that are never part of a word.
        swallows: whether those take the white space after them along.
        adds_bos: whether the tokenizer puts a BOS before a text.
        template: its chat template; None for a family of base models.
    """

    network: type[PreTrainedModel]
    n_layers: int = 3
    settings: dict[str, Any] = field(default_factory=dict)
    pieces: Literal["bytes", "metaspace", "replaced"] = "bytes"
    specials: dict[str, str] = field(default_factory=dict)
    turn_tokens: tuple[str, ...] = ()
    swallows: bool = False
    adds_bos: bool = False
    template: str | None = None


_ONE_TOKEN = dict.fromkeys(("bos_token", "eos_token", "unk_token"), "<|endoftext|>")
_QWEN = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
_MISTRAL = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}

MODEL_FAMILIES = {
    "mistral": ModelFamily(
        network=MistralForCausalLM,
        n_layers=2,
        settings={"num_key_value_heads": 2},
        pieces="metaspace",
        specials=_MISTRAL,
        adds_bos=True,
        template=MISTRAL_LIKE,
    ),
    "llama": ModelFamily(
        network=LlamaForCausalLM,
        settings={"num_key_value_heads": 2},
        specials={"bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>"},
        turn_tokens=("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
        adds_bos=True,
        template=LLAMA_3_LIKE,
    ),
    "gemma": ModelFamily(
        network=GemmaForCausalLM,
        settings={"num_key_value_heads": 1},
        pieces="replaced",
        specials={
            "pad_token": "<pad>",
            "eos_token": "<eos>",
            "bos_token": "<bos>",
            "unk_token": "<unk>",
        },
        turn_tokens=("<start_of_turn>", "<end_of_turn>"),
        adds_bos=True,
        template=GEMMA_LIKE,
    ),
    "qwen2": ModelFamily(
        network=Qwen2ForCausalLM,
        settings={"num_key_value_heads": 2},
        specials=_QWEN,
        turn_tokens=("<|im_start|>",),
        template=QWEN_2_LIKE,
    ),
    "qwen3": ModelFamily(
        network=Qwen3ForCausalLM,
        settings={"num_key_value_heads": 2},
        specials=_QWEN,
        turn_tokens=("<|im_start|>", "<think>", "</think>"),
        template=QWEN_3_LIKE,
    ),
    "phi3": ModelFamily(
        network=Phi3ForCausalLM,
        settings={
            "num_key_value_heads": 2,
            "rope_parameters": {
                "rope_type": "longrope",
                "rope_theta": 10000.0,
                "short_factor": [1.0, 1.1, 1.2, 1.3],
                "long_factor": [1.0, 2.0, 4.0, 8.0],
            },
            "original_max_position_embeddings": 256,
        },
        pieces="metaspace",
        specials={
            "unk_token": "<unk>",
            "bos_token": "<s>",
            "eos_token": "<|endoftext|>",
            "pad_token": "<|endoftext|>",
        },
        turn_tokens=("<|system|>", "<|user|>", "<|assistant|>", "<|end|>"),
        swallows=True,
        template=PHI_3_LIKE,
    ),
    "smollm2": ModelFamily(
        network=LlamaForCausalLM,
        settings={"num_key_value_heads": 2, "tie_word_embeddings": True},
        specials={
            "unk_token": "<|endoftext|>",
            "bos_token": "<|im_start|>",  # which opens every turn as well
            "eos_token": "<|im_end|>",
            "pad_token": "<|im_end|>",
        },
        template=SMOLLM_2_LIKE,
    ),
    "gpt2": ModelFamily(network=GPT2LMHeadModel, specials=_ONE_TOKEN),
    "pythia": ModelFamily(
        network=GPTNeoXForCausalLM, specials=_ONE_TOKEN, turn_tokens=("<|padding|>",)
    ),
    "olmo2": ModelFamily(
        network=Olmo2ForCausalLM,
        settings={"num_key_value_heads": 2},
        specials={**_ONE_TOKEN, "pad_token": "<|pad|>"},
        template=OLMO_2_LIKE,
    ),
    "mixtral": ModelFamily(
        network=MixtralForCausalLM,
        settings={"num_key_value_heads": 2, "num_local_experts": 3, "num_experts_per_tok": 2},
        pieces="metaspace",
        specials=_MISTRAL,
        adds_bos=True,
        template=MISTRAL_LIKE,
    ),
}
