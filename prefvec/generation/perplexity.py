"""How likely a model finds a text by itself: perplexity without any steering."""

import math
from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Float, Int
from torch import Tensor

from prefvec.generation.lanes import in_lanes
from prefvec.generation.nearby import in_pieces, rows_read
from prefvec.models.dialect import Turn
from prefvec.models.language_model import LanguageModel
from prefvec.models.padding import left_padded
from prefvec.text.verbatim import Said

MEMORY = 2**30
"""Bytes that the logits of a batch may take; a single answer may take more."""

TOKENS = 2**12
"""Tokens in a batch, padding included: what a processor's caches hold. More are slower."""


def perplexities(
    model: LanguageModel, turns: Iterable[Said], *, batch_size: int | None = None
) -> Iterator[dict[Said, float]]:
    """The perplexity of each answer, as the model itself reads it after the rendered prompt.

    exp of the mean negative log-likelihood in nats per token. The tokens are those
    that the model wrote the answer in, or those of its text where it comes from elsewhere. One
    that only ends an answer is not among them, so answers that the cap ended are measured alike.
    Nothing is steered.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer to it; equal ones are read once.
        batch_size: answers at once; None takes what `TOKENS` and `MEMORY` allow.

    Yields:
        What each batch gave. Empty answers have no tokens and no perplexity: they are left out.

    Raises:
        PrefvecError: if one answer alone does not fit in memory.
    """
    encoded = {turn: model.encode_turn(*turn) for turn in dict.fromkeys(turns)}
    read = [turn for turn, coded in encoded.items() if len(coded.ids) > coded.answer_start]
    read.sort(key=lambda turn: -len(encoded[turn].ids))
    if not read:
        return
    size = batch_size or rows_at_once(model, len(encoded[read[0]].ids))
    for batch in in_lanes(
        model,
        read,
        size,
        lambda lane, some: _perplexities(lane, [encoded[turn] for turn in some]),
    ):
        yield dict(batch)


def rows_at_once(model: LanguageModel, longest: int, *, passes: int = 1) -> int:
    """Answers that a batch may hold.

    Args:
        model: reads them.
        longest: tokens of the longest prompt with its answer.
        passes: how many passes' logits are held at the same time.
    """
    vocabulary = model.network.config.get_text_config().vocab_size
    token = passes * vocabulary * model.dtype.itemsize
    return max(1, min(TOKENS, MEMORY // token) // longest)


@torch.inference_mode()
def _perplexities(model: LanguageModel, turns: list[Turn]) -> list[float]:
    inputs = left_padded([turn.ids for turn in turns], model.pad_id, model.device)
    logits = model.network(**inputs, use_cache=False).logits
    found: list[float] = []
    for ids, rows, turn in zip(inputs["input_ids"], logits, turns, strict=True):
        count = len(turn.ids) - turn.answer_start
        nats = nats_of(rows[-count - 1 : -1], ids[-count:]) / count
        found.append(math.exp(nats) if nats < 700 else math.inf)
    return found


def nats_of(logits: Float[Tensor, "tokens vocabulary"], said: Int[Tensor, " tokens"]) -> float:
    """Negative log-likelihood of tokens under the logits before each of them."""
    pieces = zip(in_pieces(logits), said.split(rows_read(logits)), strict=True)
    return sum(
        float(torch.nn.functional.cross_entropy(part, ids, reduction="sum"))
        for (part,), ids in pieces
    )
