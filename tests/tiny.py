"""Tiny random-weight models of the real architectures, with dialects like theirs.

`tiny("mistral")`, `tiny("gpt2")` and so on are loaded models; `save_tiny` writes one to a
directory, to be loaded by path as a user would. Their weights are random, so what they
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
from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    trainers,
)
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from prefvec.models.language_model import LanguageModel, load
from prefvec.text.prompts import Prompt
from tests.model_families import MODEL_FAMILIES, ModelFamily

FAMILIES = tuple(MODEL_FAMILIES)

CHATTING = tuple(name for name, family in MODEL_FAMILIES.items() if family.template)
"""Families that have a chat template."""

SPOKEN = [
    (name, chat) for name in FAMILIES for chat in (True, False) if name in CHATTING or not chat
]
"""Each family in its chat dialect, where it has one, and asked in plain text."""

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
        chat: whether the tokenizer carries the family's chat template, if there is one.
        template: a chat template instead of the family's own.
    """
    tokenizer = tiny_tokenizer(family)
    if chat:
        tokenizer.chat_template = template or MODEL_FAMILIES[family].template
    tokenizer.save_pretrained(directory)
    tiny_network(family, tokenizer, seed=seed, d_model=d_model).save_pretrained(directory)
    return directory


def tiny_network(
    family: str, tokenizer: PreTrainedTokenizerFast, *, seed: int = 0, d_model: int = 32
) -> PreTrainedModel:
    """Random weights, large enough that positions and context visibly matter to the logits."""
    kind = MODEL_FAMILIES[family]
    shape: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": d_model,
        "intermediate_size": 2 * d_model,
        "num_hidden_layers": kind.n_layers,
        "num_attention_heads": 4,
        "head_dim": d_model // 4,
        "max_position_embeddings": 512,
        "initializer_range": 0.3,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    known = kind.network.config_class()
    if not hasattr(known, "head_dim"):
        del shape["head_dim"]
    if not hasattr(known, "intermediate_size"):
        del shape["intermediate_size"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return kind.network(kind.network.config_class(**shape, **kind.settings))


@functools.cache
def _tokenizer_json(family: str) -> str:
    """A byte-level BPE, or one with byte fallback, as the family has."""
    kind = MODEL_FAMILIES[family]
    if kind.pieces == "bytes":
        raw = Tokenizer(models.BPE())
        raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        raw.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    else:
        raw = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
        if kind.pieces == "metaspace":
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
            special_tokens=[*dict.fromkeys(kind.specials.values()), *_turn_tokens(kind)],
            initial_alphabet=alphabet,
            show_progress=False,
        ),
    )
    if kind.adds_bos:
        bos = kind.specials["bos_token"]
        raw.post_processor = TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, raw.token_to_id(bos))]
        )
    content = json.loads(raw.to_str())
    if kind.pieces != "bytes":
        vocab = content["model"]["vocab"]
        for byte in range(256):
            vocab.setdefault(f"<0x{byte:02X}>", len(vocab))
    return json.dumps(content, ensure_ascii=False)


def tiny_tokenizer(family: str) -> PreTrainedTokenizerFast:
    """The family's tokenizer, trained on a few sentences; no chat template yet."""
    kind = MODEL_FAMILIES[family]
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(_tokenizer_json(family)),
        additional_special_tokens=_turn_tokens(kind),
        clean_up_tokenization_spaces=False,
        **kind.specials,
    )


def _turn_tokens(kind: ModelFamily) -> list[AddedToken]:
    return [
        AddedToken(token, rstrip=kind.swallows, normalized=False, special=True)
        for token in kind.turn_tokens
    ]
