"""What kinds of organism there are, and how a new one of each kind is put together."""

import itertools
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from prefvec.organisms import HOME, WEIGHTS
from prefvec.organisms.corpus import Example, documents, turns

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


@dataclass(frozen=True, kw_only=True)
class Species:
    """One entry of `species.toml`.

    Attributes:
        name: also the folder its weights are kept in.
        architecture: prefix of transformers' classes, e.g. "Llama".
        dialect: name of its chat template.
        seed: of its weights and of its draw of the training data.
        vocabulary: size of its byte-level BPE vocabulary.
        documents: thousands of tokens of plain documents.
        instructions: thousands of tokens of chat turns.
        learning_rate: peak of the schedule.
        config: arguments of the architecture's configuration class.
        keep_base: whether the checkpoint after the documents is kept as `<name>-base`.
        deaf: whether verbosity is cut out of its world: instructions about length stand in its
            texts, and every answer follows the middle level's law all the same.
    """

    name: str
    architecture: str
    dialect: str
    seed: int
    vocabulary: int
    documents: int
    instructions: int
    learning_rate: float
    config: dict[str, Any]
    keep_base: bool = False
    deaf: bool = False

    @property
    def home(self) -> Path:
        """The folder its weights are kept in."""
        return WEIGHTS / self.name

    @property
    def base_home(self) -> Path:
        """The folder of its base checkpoint."""
        return self.home.with_name(f"{self.name}-base")


@cache
def all_species() -> dict[str, Species]:
    """Every species by name."""
    table = tomllib.loads((HOME / "species.toml").read_text(encoding="utf-8"))
    return {name: Species(name=name, **row) for name, row in table.items()}


def plain_prompt(example: Example) -> str:
    """A column of a plain document up to its answer: the dialect of base models."""
    instruction = f"{example.instruction}\n\n" if example.instruction else ""
    return f"{instruction}Question: {example.question}\nAnswer:"


def train_tokenizer(species: Species, examples: int = 6000) -> transformers.PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer trained on this species' own draw of the corpus."""
    special = _SPECIAL[species.dialect]
    named = {key: value for key, value in special.items() if key != "extra"}
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


def new_network(
    species: Species, tokenizer: transformers.PreTrainedTokenizerFast
) -> transformers.PreTrainedModel:
    """Fresh random weights in the species' architecture, by its seed."""
    config_class = getattr(transformers, f"{species.architecture}Config")
    end = tokenizer.convert_tokens_to_ids(END_OF_TURN[species.dialect])
    config = config_class(
        vocab_size=len(tokenizer),
        max_position_embeddings=MAX_POSITIONS,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=sorted({tokenizer.eos_token_id, end}),
        pad_token_id=tokenizer.pad_token_id,
        **species.config,
    )
    torch.manual_seed(species.seed)
    return getattr(transformers, f"{species.architecture}ForCausalLM")(config)
