"""Two ways to the logits of one text, and whether they agree."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.generation.cache import PreallocatedCache
from prefvec.models.language_model import LanguageModel
from prefvec.models.padding import left_padded

Logits = Float[Tensor, "steps vocabulary"]

TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-6, torch.float16: 0.03}
"""How far two ways to the same logits may lie apart, as a share of the logits' own spread."""
_COARSE = 0.15
"""For bfloat16 and below: rounding alone moves the logits of a deep model this far. Also for
quantised layers, which round to 8 bits or fewer inside, whatever the dtype around them."""


def logits_in_one_pass(model: LanguageModel, ids: Sequence[int], start: int) -> Logits:
    """Logits before each answer token, alone, in one pass and without a cache."""
    inputs = left_padded([ids], model.pad_id, model.device)
    return model.network(**inputs, use_cache=False).logits[0, start - 1 : -1].float()


def logits_step_by_step(
    model: LanguageModel,
    sequences: Sequence[Sequence[int]],
    start: int,
    *,
    cache: PreallocatedCache | None = None,
    positions: bool = True,
) -> list[Logits]:
    """The same logits for each sequence, one token at a time after the prompts.

    Args:
        model: on trial.
        sequences: prompts with answers of the same number of tokens.
        start: where the answer of the first sequence starts.
        cache: where keys and values are kept; the model's own when None.
        positions: give the position of every token, or leave it to the model.
    """
    steps = len(sequences[0]) - start
    inputs = left_padded(sequences, model.pad_id, model.device)
    width = inputs["input_ids"].shape[1]
    forward: Callable[..., Any] = partial(model.network, use_cache=True)
    kept: Any = cache
    logits: list[Tensor] = []
    for last in range(width - steps, width):
        new = slice(0 if not logits else last - 1, last)
        given = {"position_ids": inputs["position_ids"][:, new]} if positions else {}
        output = forward(
            input_ids=inputs["input_ids"][:, new],
            attention_mask=inputs["attention_mask"][:, :last],
            past_key_values=kept,
            **given,
        )
        kept = output.past_key_values
        logits.append(output.logits[:, -1].float())
    return list(torch.stack(logits, dim=1))


def tolerance(model: LanguageModel) -> float:
    """The distance that rounding alone explains in the model's dtype."""
    if getattr(model.network, "is_quantized", False):
        return _COARSE
    return TOLERANCE.get(model.dtype, _COARSE)


def distance(reference: Logits, other: Logits) -> float:
    """Root mean square difference, at its worst step, over the spread of the logits there."""
    apart = (reference - other).square().mean(dim=-1).sqrt() / reference.std(dim=-1)
    return float(apart.max())


def require_agreement(model: LanguageModel, reference: Logits, other: Logits, how: str) -> float:
    """The distance, if the logits agree and so do the likeliest tokens, near ties aside.

    Args:
        model: on trial.
        reference: logits of the text alone and in one pass.
        other: logits of the same text on another way.
        how: names that way in the message.

    Raises:
        PrefvecError: if they differ by more than rounding, or are not finite.
    """
    if not (reference.isfinite().all() and other.isfinite().all()):
        raise PrefvecError(
            f"Logits {how} are not all finite in {model.dtype}. Use bfloat16 or float32."
        )
    apart, allowed = distance(reference, other), tolerance(model)
    chosen = reference.gather(-1, other.argmax(dim=-1, keepdim=True))[:, 0]
    lost = (reference.amax(dim=-1) - chosen) / reference.std(dim=-1)
    if apart > allowed or float(lost.max()) > 5 * allowed:
        raise PrefvecError(
            f"Logits {how} differ from those of the same text alone and in one pass by "
            f"{apart:.2g} of their spread, {allowed} is allowed: the same prompt would get "
            "other answers. Use another version of transformers or another attention kernel."
        )
    return apart
