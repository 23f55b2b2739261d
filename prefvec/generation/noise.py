"""Common random numbers: which noise samples an answer, and how it picks tokens."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.generation.nearby import rows_nearby

FEW_WORDS = 8192
"""Vocabulary up to which one running sum is quicker than two."""

STRETCH = 512
"""Tokens in a stretch of a larger vocabulary: about the root of the largest ones."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How answers are sampled.

    Attributes:
        max_new_tokens: τ, the cap on the tokens of an answer, the one that ends it included. What
            is said about length is said about the first τ tokens.
        temperature: divides the logits; 0 always takes the likeliest token.
        seed: of the common noise.

    Example:
        >>> pv.Sampling(max_new_tokens=64).temperature
        1.0
    """

    max_new_tokens: int
    temperature: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.max_new_tokens < 1 or not 0 <= self.temperature < float("inf"):
            raise PrefvecError(
                f"max_new_tokens={self.max_new_tokens}, temperature={self.temperature} cannot be "
                "sampled with. Ask for at least one token, at a finite temperature of at least 0."
            )


def uniforms(seed: int, prompt: str, sample: int, n: int) -> np.ndarray:
    """The noise of one answer: two numbers in [0, 1) for each token.

    A function of its arguments alone, so every arm and dose gets the same noise for the same
    answer, whatever the batch; a longer draw begins with the shorter one.

    Args:
        seed: of the suite.
        prompt: id of the prompt.
        sample: index of the answer among those to this prompt.
        n: tokens to draw for.

    Returns:
        Array of shape (n, 2), float64.
    """
    digest = hashlib.sha256(f"{seed}\0{sample}\0{prompt}".encode()).digest()
    key = int.from_bytes(digest[:16], "little")
    return np.random.Generator(np.random.Philox(key=key)).random((n, 2))


def draw(
    logits: Float[Tensor, "rows vocabulary"],
    noise: Float[Tensor, "rows 2"],
    end_ids: Sequence[int] | Int[Tensor, " ends"],
    temperature: float,
) -> tuple[Float[Tensor, " rows"], Bool[Tensor, " rows"], Int[Tensor, " rows"]]:
    """Sample one token a row, in two decisions.

    The first number decides whether the answer ends here, with the total probability of the
    tokens that end an answer; the second picks among the others by the inverse of their
    distribution function. Together they sample the model's own distribution, and two arms under
    the same noise part only where their probabilities do.

    Args:
        logits: of the next token.
        noise: two numbers in [0, 1) for each row.
        end_ids: the tokens that end an answer.
        temperature: divides the logits; 0 takes the likeliest token.

    Returns:
        The probability that each row's answer ends here, whether it does, and the token picked
        otherwise, which never ends an answer. At temperature 0 the probability is 0 or 1, and the
        token of a row that ends is the one that ends it.
    """
    precise = _precise(logits)
    end = torch.as_tensor(end_ids, device=logits.device)
    if temperature == 0:
        token = logits.argmax(dim=-1)
        ended = torch.isin(token, end)
        return ended.to(precise), ended, token
    rows = rows_nearby(logits)
    parts = zip(logits.split(rows), noise.to(precise).split(rows), strict=True)
    drawn = [_drawn(some, two, end, temperature) for some, two in parts]
    ending, ended, token = (torch.cat(each) for each in zip(*drawn, strict=True))
    return ending, ended, token


def _drawn(
    logits: Float[Tensor, "rows vocabulary"],
    noise: Float[Tensor, "rows 2"],
    end: Int[Tensor, " ends"],
    temperature: float,
) -> tuple[Float[Tensor, " rows"], Bool[Tensor, " rows"], Int[Tensor, " rows"]]:
    """The two decisions at a temperature above 0, for rows that fit in a processor's memory."""
    probabilities = _probabilities(logits, temperature)
    ending = probabilities.index_select(1, end).sum(dim=1, dtype=noise.dtype)
    token, rest = _picked(probabilities.index_fill_(1, end, 0.0), noise[:, 1:])
    ending = ending.clamp(max=1.0).masked_fill_(rest <= 0, 1.0)
    return ending, (noise[:, 0] < ending) | (ending == 1), token


def _picked(
    weights: Float[Tensor, "rows vocabulary"], noise: Float[Tensor, "rows 1"]
) -> tuple[Int[Tensor, " rows"], Float[Tensor, " rows"]]:
    """A token a row, by the inverse of its weights' distribution function, and their total.

    In two steps, for a running sum over a vocabulary of hundreds of thousands costs more than the
    model does: which stretch of the vocabulary, then which token within it.
    """
    vocabulary = weights.shape[1]
    width = STRETCH if vocabulary > FEW_WORDS else vocabulary
    lacking = -vocabulary % width
    padded = torch.nn.functional.pad(weights, (0, lacking)) if lacking else weights
    stretches = padded.unflatten(1, (-1, width))
    # Each stretch in float32, pairwise: twice as fast, and right to one part in ten million.
    upto = stretches.sum(dim=2).cumsum(dim=1, dtype=noise.dtype)
    rest = upto[:, -1:]
    # Just below the total, lest rounding select a token past the last possible one. The first
    # token whose cumulative weight exceeds the target has a weight above 0.
    target = torch.minimum(noise * rest, rest.nextafter(torch.zeros_like(rest)))
    stretch = torch.searchsorted(upto, target, right=True).clamp_(max=upto.shape[1] - 1)
    inside = stretches.gather(1, stretch[:, :, None].expand(-1, -1, width)).squeeze(1)
    inside = inside.cumsum(dim=1, dtype=noise.dtype)
    before = torch.nn.functional.pad(upto, (1, 0)).gather(1, stretch)
    # The same sum in another order may fall short of the target by a rounding error.
    left = torch.minimum(target - before, inside[:, -1:].nextafter(torch.zeros_like(rest)))
    within = torch.searchsorted(inside, left.clamp_(min=0), right=True)
    token = (stretch * width + within).clamp_(max=vocabulary - 1)
    return token.squeeze(1), rest.squeeze(1)


def _probabilities(
    logits: Float[Tensor, "rows vocabulary"], temperature: float
) -> Float[Tensor, "rows vocabulary"]:
    wide = logits.float()
    return torch.softmax(wide if temperature == 1 else wide / temperature, dim=-1)


def closing(
    logits: Float[Tensor, "rows vocabulary"],
    noise: Float[Tensor, "rows 2"],
    end_ids: Int[Tensor, " ends"],
    temperature: float,
) -> Int[Tensor, " rows"]:
    """Which token ends each answer, for rows that `draw` has just ended.

    The first number, which lay below the total probability of all tokens that end an answer, is
    uniform below it: it picks one by the inverse of their distribution function.

    Args:
        logits: of the next token, as `draw` was given them.
        noise: two numbers in [0, 1) for each row, likewise.
        end_ids: the tokens that end an answer.
        temperature: divides the logits; 0 takes the likeliest token.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    probabilities = _probabilities(logits, temperature).index_select(1, end_ids)
    cumulative = probabilities.cumsum(dim=1, dtype=_precise(logits))
    total = cumulative[:, -1:]
    target = torch.minimum(noise[:, :1].to(total), total.nextafter(torch.zeros_like(total)))
    which = torch.searchsorted(cumulative, target, right=True).squeeze(1)
    return end_ids[which.clamp_(max=len(end_ids) - 1)]


def _precise(logits: Tensor) -> torch.dtype:
    # Not every accelerator has float64.
    return torch.float32 if logits.device.type == "mps" else torch.float64
