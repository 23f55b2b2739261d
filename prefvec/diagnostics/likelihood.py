"""What steering does to given texts, without generating any: teacher-forced readings.

Answers are read as `decode` would write them: the prompt up to its last token unsteered, unless
the steering is added there, too, then every token under it. The token that ends an answer is read
as well, for a steering may do no more than put it off.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from typing import Literal

from prefvec.errors import PrefvecError
from prefvec.generation.disturbance import NextTokens
from prefvec.generation.perplexity import nats_of
from prefvec.generation.teacher_forcing import Batch, read_answers
from prefvec.models.language_model import LanguageModel
from prefvec.text.verbatim import Said
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import random_direction

Per = Literal["answer", "token"]

DIRECTIONS = 8
"""Random directions that a leverage is relative to."""

_PASSES = 4  # held at once: logits steered and unsteered, and what is expected in float32


def contrast_shift(
    model: LanguageModel,
    positive: Sequence[Said],
    negative: Sequence[Said],
    steering: Steering,
    *,
    per: Per = "answer",
    batch_size: int | None = None,
) -> list[float]:
    """By how much steering favours positive answers over negative ones, in nats, prompt by prompt.

    One value a prompt, in the order in which prompts first occur among the positive answers:
    the mean log-likelihood of its positive answers less that of its negative ones, at +c less
    at −c, halved. That is the odd part, as effects on generated answers are judged; what a dose
    does to all answers alike, or in both directions alike, cancels. The difference in log-odds
    of two given answers is how steering is often measured (Tan et al. 2024, "Analysing the
    Generalisation and Reliability of Steering Vectors").

    Args:
        model: reads the answers.
        positive: answers of the pole that +c steers towards. Their prompts are read without
            the instruction that the answers may have been written under.
        negative: answers of the other pole to the same prompts, as many as there are.
        steering: of the model, at +c.
        per: what likelihoods are of: whole answers, or their tokens in the mean, so that long
            answers count no more than short ones.
        batch_size: answers at once; None takes what `perplexity.TOKENS` and memory allow.

    Raises:
        PrefvecError: if the poles are not of the same prompts or there are none, if the vector
            is of another model, or if one answer alone does not fit in memory.

    Example:
        >>> dose = pv.Steering(vector=vector.middle, coefficient=1.0)
        >>> longer, shorter = answers.at(+1).turns[:4], answers.at(-1).turns[:4]
        >>> shifts = pv.contrast_shift(source, longer, shorter, dose)
        >>> len(shifts), sum(shifts) > 0
        (4, True)
    """
    poles = [
        [(prompt.instructed(""), answer) for prompt, answer in p] for p in (positive, negative)
    ]
    prompts = [dict.fromkeys(prompt.id for prompt, _ in pole) for pole in poles]
    if not prompts[0] or prompts[0].keys() != prompts[1].keys():
        raise PrefvecError(
            f"The poles have answers to {len(prompts[0])} and {len(prompts[1])} prompts, and a "
            "contrast is between answers to the same one. Leave out prompts that lack a pole."
        )
    opposite = replace(steering, coefficient=-steering.coefficient)

    def measure(batch: Batch) -> list[float]:
        ahead, behind = (_log_likelihoods(batch, dose, per) for dose in (steering, opposite))
        return [(more - less) / 2 for more, less in zip(ahead, behind, strict=True)]

    turns, doses = [*poles[0], *poles[1]], [steering, opposite]
    odd = read_answers(model, turns, doses, measure, passes=1, batch_size=batch_size)
    favoured, other = (by_prompt(pole, [odd[said] for said in pole]) for pole in poles)
    return [favoured[prompt] - other[prompt] for prompt in prompts[0]]


def log_likelihoods(
    model: LanguageModel,
    turns: Sequence[Said],
    steering: Steering = UNSTEERED,
    *,
    per: Per = "answer",
    batch_size: int | None = None,
) -> dict[Said, float]:
    """Log-likelihood of each answer and its end under a steering, in nats; equal ones read once.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer; an empty one is its end alone.
        steering: of the model.
        per: whether of the whole answer, or in the mean per token.
        batch_size: answers at once; None takes what `perplexity.TOKENS` and memory allow.

    Raises:
        PrefvecError: if the vector is of another model, or one answer does not fit in memory.

    Example:
        >>> found = pv.log_likelihoods(source, answers.at(0).turns[:2])
        >>> all(nats < 0 for nats in found.values())
        True
    """

    def measure(batch: Batch) -> list[float]:
        return _log_likelihoods(batch, steering, per)

    return read_answers(model, turns, [steering], measure, passes=1, batch_size=batch_size)


def next_token_shift(
    model: LanguageModel,
    turns: Sequence[Said],
    steering: Steering,
    unsteered: Steering = UNSTEERED,
    *,
    batch_size: int | None = None,
) -> float:
    """By how much steering moves what is said next, in nats.

    The mean over an answer's positions of the Kullback–Leibler divergence between next-token
    distributions with and without steering, symmetrised: ½ KL(p‖q) + ½ KL(q‖p), half of Jeffreys'
    divergence. Then the mean over answers, and over prompts. Directions that the model does
    not read move little, whatever the norm: see `leverage`.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer.
        steering: of the model.
        unsteered: what it is compared with.
        batch_size: answers at once; None takes what `perplexity.TOKENS` and memory allow.

    Raises:
        PrefvecError: if there are no turns; otherwise as for `log_likelihoods`.
    """
    return _shifts(model, turns, [steering], unsteered, batch_size)[0]


def leverage(
    model: LanguageModel,
    turns: Sequence[Said],
    steering: Steering,
    *,
    directions: int = DIRECTIONS,
    seed: int = 0,
    batch_size: int | None = None,
) -> float:
    """`next_token_shift` over the mean of random directions at the same site, norm and dose.

    1 where the model reads the direction as it reads any other.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer.
        steering: of the model.
        directions: how many random ones.
        seed: of the first; the others follow.
        batch_size: answers at once; None takes what `perplexity.TOKENS` and memory allow.

    Raises:
        PrefvecError: if the steering adds nothing; otherwise as for `log_likelihoods`.
    """
    if steering.vector is None or steering.delta() is None:
        raise PrefvecError(
            "A steering that adds nothing moves nothing, and random directions at its dose move "
            "as little. Give a vector and a coefficient other than 0."
        )
    others = [
        replace(steering, vector=random_direction(steering.vector, seed=seed + i))
        for i in range(directions)
    ]
    own, *random = _shifts(model, turns, [steering, *others], UNSTEERED, batch_size)
    return own / fmean(random)


def _shifts(
    model: LanguageModel,
    turns: Sequence[Said],
    steerings: Sequence[Steering],
    unsteered: Steering,
    batch_size: int | None,
) -> list[float]:
    """`next_token_shift` of each steering; what they are compared with is read once."""
    if not turns:
        raise PrefvecError("There are no answers to read, so nothing shifts. Give some turns.")

    def measure(batch: Batch) -> list[list[float]]:
        plain = [NextTokens.of(logits) for logits in batch.logits(unsteered)]
        shifts = [
            [
                expected.divergence(logits) / len(expected)
                for expected, logits in zip(plain, batch.logits(each), strict=True)
            ]
            for each in steerings
        ]
        return [list(of_answer) for of_answer in zip(*shifts, strict=True)]

    doses = [*steerings, unsteered]
    found = read_answers(model, turns, doses, measure, passes=_PASSES, batch_size=batch_size)
    of_prompts = (
        by_prompt(turns, [found[said][i] for said in turns]) for i in range(len(steerings))
    )
    return [fmean(shifts.values()) for shifts in of_prompts]


def _log_likelihoods(batch: Batch, steering: Steering, per: Per) -> list[float]:
    """Of each answer of a batch."""
    return [
        -nats_of(logits, said) / (len(said) if per == "token" else 1)
        for logits, said in zip(batch.logits(steering), batch.said, strict=True)
    ]


def by_prompt(turns: Sequence[Said], values: Sequence[float]) -> dict[str, float]:
    """Mean over the answers to each prompt."""
    gathered: dict[str, list[float]] = {}
    for (prompt, _), value in zip(turns, values, strict=True):
        gathered.setdefault(prompt.id, []).append(value)
    return {prompt: fmean(those) for prompt, those in gathered.items()}
