"""How an organism is trained: its batches, its loss, its two stages. `train` is the command."""

import itertools
import json
import math
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from prefvec.organisms.construction import (
    END_OF_TURN,
    id_of,
    new_network,
    plain_prompt,
    train_tokenizer,
    with_template,
)
from prefvec.organisms.corpus import Example, Stage, documents, turns
from prefvec.organisms.finished import first_stage, first_stage_finished, recipe
from prefvec.organisms.species import Species

BATCH_TOKENS = 2048
POOL = 1024
"""Examples drawn at once; batches of similar length are cut from each pool."""
DECISION_WEIGHT = 3.0
"""Weight in the loss of the token that decides, after a sentence, whether the answer goes on."""
HELD_OUT_SEED = 9_000_000


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """One training text as tokens: ids, and each token's weight in the loss (0: not learned)."""

    ids: list[int]
    weights: list[float]


class Encoder:
    """Turns examples into tokens, in the plain dialect for documents and in chat for turns."""

    def __init__(self, species: Species, tokenizer: PreTrainedTokenizerFast) -> None:
        self._tokenizer = tokenizer
        self._end = id_of(str(tokenizer.eos_token), tokenizer)
        self._chat_end = id_of(END_OF_TURN[species.dialect], tokenizer)
        self._system_role = species.dialect == "llama"
        self._leading_space = species.dialect == "mistral"

    def __call__(self, examples: list[Example], stage: Stage) -> list[Encoded]:
        """Encode examples; only answers and entries are learned, not questions."""
        heads, bodies = zip(*(self._halves(example, stage) for example in examples), strict=True)
        head = self._tokenizer(list(heads), add_special_tokens=False)["input_ids"]
        body = self._tokenizer(list(bodies), add_special_tokens=False, return_offsets_mapping=True)
        end = self._end if stage == "documents" else self._chat_end
        return [
            Encoded(
                ids=[*prompt, *answer, end],
                weights=[0.0] * len(prompt) + _weights(text, offsets),
            )
            for prompt, answer, text, offsets in zip(
                head, body["input_ids"], bodies, body["offset_mapping"], strict=True
            )
        ]

    def _halves(self, example: Example, stage: Stage) -> tuple[str, str]:
        if stage == "documents":
            bos = str(self._tokenizer.bos_token)
            if example.question.startswith("Notes"):
                return f"{bos}{example.question}\n", example.answer
            return bos + plain_prompt(example), " " + example.answer
        messages = [{"role": "user", "content": example.question}]
        if example.instruction and self._system_role:
            messages.insert(0, {"role": "system", "content": example.instruction})
        elif example.instruction:
            messages[0]["content"] = f"{example.instruction}\n\n{example.question}"
        head = self._tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        assert isinstance(head, str)
        return head, (" " if self._leading_space else "") + example.answer


def _weights(text: str, offsets: list[tuple[int, int]]) -> list[float]:
    """A weight for every token of an answer and for the one that ends it."""
    decides = [start > 0 and text[start - 1] in ".!" for start, _ in offsets]
    return [DECISION_WEIGHT if decision else 1.0 for decision in decides] + [DECISION_WEIGHT]


def batches(
    encoder: Encoder, stage: Stage, seed: int, *, deaf: bool = False
) -> Iterator[list[Encoded]]:
    """An endless stream of batches of similar length, the same for the same seed."""
    stream = (documents if stage == "documents" else turns)(seed, deaf=deaf)
    draw = random.Random(f"batches {stage} {seed}")
    while True:
        pool = encoder(list(itertools.islice(stream, POOL)), stage)
        pool.sort(key=lambda example: len(example.ids))
        cut: list[list[Encoded]] = [[]]
        for example in pool:
            if cut[-1] and len(example.ids) * (len(cut[-1]) + 1) > BATCH_TOKENS:
                cut.append([])
            cut[-1].append(example)
        draw.shuffle(cut)
        yield from cut


def loss_of(network: PreTrainedModel, batch: list[Encoded], *, weighted: bool) -> Tensor:
    """Mean cross-entropy over the learned tokens of a batch, in nats per token."""
    width = max(len(example.ids) for example in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    weights = torch.zeros(len(batch), width)
    for row, example in enumerate(batch):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        weights[row, : len(example.ids)] = torch.tensor(example.weights)
    ids, weights = ids.to(network.device), weights.to(network.device)
    with torch.autocast(network.device.type, torch.bfloat16):
        logits = network(input_ids=ids, use_cache=False).logits[:, :-1]
    learned = weights[:, 1:] if weighted else (weights[:, 1:] > 0).float()
    nats = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), ids[:, 1:].flatten(), reduction="none"
    )
    return (nats * learned.flatten()).sum() / learned.sum()


def train_stage(
    network: PreTrainedModel,
    species: Species,
    encoder: Encoder,
    stage: Stage,
    *,
    peak: float,
    floor: float,
) -> int:
    """Run one stage of training in place; the learning rate falls by a cosine. Returns steps."""
    budget = 1000 * getattr(species, stage)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=peak, betas=(0.9, 0.98), weight_decay=0.01
    )
    stream = batches(encoder, stage, species.seed, deaf=species.deaf)
    network.train()
    steps = seen = 0
    smooth = math.nan
    with tqdm(
        total=budget, desc=f"{species.name}: {stage}", unit="token", unit_scale=True, mininterval=5
    ) as bar:
        while seen < budget:
            batch = next(stream)
            cosine = 0.5 * (1 + math.cos(math.pi * seen / budget))
            warm = min(1.0, (steps + 1) / 100)
            for group in optimizer.param_groups:
                group["lr"] = warm * (floor + (peak - floor) * cosine)
            loss = loss_of(network, batch, weighted=True)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            size = len(batch) * max(len(example.ids) for example in batch)
            steps, seen = steps + 1, seen + size
            smooth = loss.item() if math.isnan(smooth) else 0.98 * smooth + 0.02 * loss.item()
            bar.update(size)
            bar.set_postfix(loss=f"{smooth:.3f}")
    return steps


@torch.no_grad()
def held_out_loss(
    network: PreTrainedModel, species: Species, encoder: Encoder, stage: Stage, count: int = 40
) -> float:
    """Mean nats per learned token on batches of a draw that training never makes."""
    network.eval()
    stream = batches(encoder, stage, HELD_OUT_SEED + species.seed, deaf=species.deaf)
    losses = [loss_of(network, next(stream), weighted=False).item() for _ in range(count)]
    return sum(losses) / len(losses)


def save(
    network: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, home: Path, *, chat: bool
) -> None:
    """Write weights (bf16), configuration and tokenizer; a base checkpoint has no template."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    template = tokenizer.chat_template
    tokenizer.chat_template = template if chat else None
    tokenizer.save_pretrained(home)
    tokenizer.chat_template = template
    # A copy, so that training goes on in float32.
    state = {name: value.to(torch.bfloat16) for name, value in network.state_dict().items()}
    network.save_pretrained(home, state_dict=state)


def train(species: Species) -> None:
    """Train one species and write its checkpoints; a finished first stage is not done again."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    base = first_stage(species)
    resumed = first_stage_finished(species)
    tokenizer = with_template(
        species,
        PreTrainedTokenizerFast.from_pretrained(base) if resumed else train_tokenizer(species),
    )
    encoder = Encoder(species, tokenizer)
    network = new_network(species, tokenizer)
    torch.nn.Module.to(network, device)
    if not resumed:
        peak = species.learning_rate
        steps = train_stage(network, species, encoder, "documents", peak=peak, floor=0.15 * peak)
        save(network, tokenizer, base, chat=False)
        loss = held_out_loss(network, species, encoder, "documents")
        note(species, base, {"documents": steps}, loss)
    else:
        network.load_state_dict(load_file(base / "model.safetensors"), strict=False)
    steps = json.loads((base / "training.json").read_text(encoding="utf-8"))["steps"]
    steps["instructions"] = train_stage(
        network, species, encoder, "instructions", peak=0.5 * species.learning_rate, floor=0.0
    )
    save(network, tokenizer, species.home, chat=True)
    loss = held_out_loss(network, species, encoder, "instructions")
    note(species, species.home, steps, loss)


def note(species: Species, home: Path, steps: dict[str, int], loss: float) -> None:
    """Leave what only training knows beside the weights: for the model card, and for another run.

    Written last: a checkpoint without it was cut off.
    """
    facts = {"steps": steps, "held_out_loss": loss, "recipe": recipe(species)}
    (home / "training.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")
