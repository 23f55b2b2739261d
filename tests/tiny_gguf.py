"""A tiny LLaMA as a GGUF file, as llama.cpp would have written it; needs the library gguf."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from transformers import PreTrainedModel, PreTrainedTokenizerFast

NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
OF_A_BLOCK = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_gguf(
    path: Path,
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast | None,
    *,
    kind: str = "F32",
    ends: str | None = None,
    architecture: str = "llama",
    n_parts: int | None = None,
) -> Path:
    """Write a LLaMA and its tokenizer to one file, and return its path.

    Args:
        path: where.
        network: of the LLaMA architecture.
        tokenizer: a byte-level BPE; None to leave it out.
        kind: type of the matrices; vectors stay float32, as llama.cpp keeps them.
        ends: type of the embedding and the map to the logits; `kind` when None.
        architecture: what the file calls it.
        n_parts: how many files it says it is one of.
    """
    writer = GGUFWriter(path, architecture)
    _describe(writer, network.config, kind)
    if n_parts is not None:
        writer.add_uint16("split.count", n_parts)
    if tokenizer is not None:
        _speak(writer, tokenizer)
    for name, tensor in network.state_dict().items():
        values = tensor.float().numpy()
        if values.ndim == 1:
            writer.add_tensor(_renamed(name), values)
            continue
        stored = GGMLQuantizationType[(ends or kind) if name in NAMES else kind]
        values = gguf.quants.quantize(_permuted(name, values, network.config), stored)
        writer.add_tensor(_renamed(name), values, raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: GGUFWriter, config: Any, kind: str) -> None:
    writer.add_name("tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_vocab_size(config.vocab_size)
    known = {
        each.name.removeprefix("MOSTLY_").removeprefix("ALL_"): each for each in gguf.LlamaFileType
    }
    if kind in known:
        writer.add_file_type(known[kind])


def _speak(writer: GGUFWriter, tokenizer: PreTrainedTokenizerFast) -> None:
    special = set(tokenizer.all_special_ids)
    ids = range(len(tokenizer))
    merges = [" ".join(pair) for pair in _merges(tokenizer)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokenizer.convert_ids_to_tokens(list(ids)))
    writer.add_token_types(
        [gguf.TokenType.CONTROL if i in special else gguf.TokenType.NORMAL for i in ids]
    )
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_add_bos_token(True)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _merges(tokenizer: PreTrainedTokenizerFast) -> list[list[str]]:
    return json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]


def _renamed(name: str) -> str:
    if name in NAMES:
        return NAMES[name]
    _, _, block, rest = name.split(".", 3)
    part, _, ending = rest.rpartition(".")
    return f"blk.{block}.{OF_A_BLOCK[part]}.{ending}"


def _permuted(name: str, values: np.ndarray, config: Any) -> np.ndarray:
    """Rows of q and k in the order in which llama.cpp rotates them."""
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    for part, n_heads in heads.items():
        if part in name:
            rows = values.reshape(n_heads, 2, -1, values.shape[1])
            return np.ascontiguousarray(rows.swapaxes(1, 2).reshape(values.shape))
    return values
