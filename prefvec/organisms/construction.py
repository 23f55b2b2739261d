"""How a new organism of a species is put together: its tokenizer, its template, its network."""

import itertools

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from prefvec.organisms import HOME
from prefvec.organisms.corpus import Example, documents, turns
from prefvec.organisms.species import Species

MAX_POSITIONS = 512

_SPECIAL = {
    "mistral": {"bos_token": "<s>", "eos_token": "</s>", "extra": ["<unk>", "[INST]", "[/INST]"]},
    "llama": {
        "bos_token": "<|begin_of_text|>",
        "eos_token": "<|end_of_text|>",
        "extra": ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    },
    "gemma": {
        "bos_token": "<bos>",
        "eos_token": "<eos>",
        "pad_token": "<pad>",
        "extra": ["<unk>", "<start_of_turn>", "<end_of_turn>"],
    },
}
END_OF_TURN = {"mistral": "</s>", "llama": "<|eot_id|>", "gemma": "<end_of_turn>"}
"""The token that ends an answer in each dialect."""


def plain_prompt(example: Example) -> str:
    """A column of a plain document up to its answer: the dialect of base models."""
    instruction = f"{example.instruction}\n\n" if example.instruction else ""
    return f"{instruction}Question: {example.question}\nAnswer:"


def train_tokenizer(species: Species, examples: int = 6000) -> transformers.PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer trained on this species' own draw of the corpus."""
    special = _SPECIAL[species.dialect]
    named = {key: value for key, value in special.items() if isinstance(value, str)}
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=species.vocabulary,
        special_tokens=[*named.values(), *special["extra"]],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    draws = (
        itertools.islice(draw(species.seed, deaf=species.deaf), examples)
        for draw in (documents, turns)
    )
    texts = (f"{e.instruction}\n\n{e.question}\n{e.answer}" for e in itertools.chain(*draws))
    tokenizer.train_from_iterator(texts, trainer)
    bos = named["bos_token"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A", special_tokens=[(bos, tokenizer.token_to_id(bos))]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        additional_special_tokens=special["extra"],
        model_max_length=MAX_POSITIONS,
        clean_up_tokenization_spaces=False,
        **named,
    )


def with_template(
    species: Species, tokenizer: transformers.PreTrainedTokenizerFast
) -> transformers.PreTrainedTokenizerFast:
    """The tokenizer, given the chat template of the species' dialect."""
    template = HOME / "dialects" / f"{species.dialect}.jinja"
    tokenizer.chat_template = template.read_text(encoding="utf-8")
    return tokenizer


def id_of(token: str, tokenizer: transformers.PreTrainedTokenizerFast) -> int:
    """The id of one token."""
    found = tokenizer.convert_tokens_to_ids(token)
    assert isinstance(found, int)
    return found


def new_network(
    species: Species, tokenizer: transformers.PreTrainedTokenizerFast
) -> transformers.PreTrainedModel:
    """Fresh random weights in the species' architecture, by its seed."""
    config_class = getattr(transformers, f"{species.architecture}Config")
    ends = {str(tokenizer.eos_token), END_OF_TURN[species.dialect]}
    config = config_class(
        vocab_size=len(tokenizer),
        max_position_embeddings=MAX_POSITIONS,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=sorted(id_of(end, tokenizer) for end in ends),
        pad_token_id=tokenizer.pad_token_id,
        **species.config,
    )
    torch.manual_seed(species.seed)
    return getattr(transformers, f"{species.architecture}ForCausalLM")(config)
