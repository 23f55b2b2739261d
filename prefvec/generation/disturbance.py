"""Equal disturbance: doses at which any two vectors change what is said next by as much.

At one norm a random direction may wreck a model that a direction made for it hardly moves, so
that norms compare nothing. A dose is therefore κ: the symmetrised Kullback–Leibler divergence
½ KL(p‖q) + ½ KL(q‖p), in nats, between next-token distributions without and with steering, in
the mean over the positions of given answers and over +c and −c. A vector and its negative have
the same dose.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.generation.dose_search import DoseSearch
from prefvec.generation.lanes import in_lanes
from prefvec.generation.nearby import in_pieces
from prefvec.generation.teacher_forcing import Batch, read_answers
from prefvec.models.language_model import LanguageModel
from prefvec.text.verbatim import Said
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.vocabulary import Positions

Pair = tuple[Steering, Steering]
"""The two directions of one dose."""

_FEW_PAIRS = 4  # below which they are not divided among lanes
_PASSES = 5  # held at once: logits both ways and unsteered, and what is expected in float32


def disturbance(
    model: LanguageModel,
    turns: Sequence[Said],
    vector: PreferenceVector,
    coefficients: Sequence[float] = (1.0,),
    *,
    positions: Positions = "answer",
    most: int | None = None,
    batch_size: int | None = None,
) -> list[float]:
    """How much a vector disturbs what the model says next, in nats, at each coefficient.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer that the model gave unsteered. Every position
            counts alike, that of the token ending the answer included; a repeated answer counts
            each time.
        vector: of the model.
        coefficients: in units of the vector; c and −c have one disturbance. 0 has none.
        positions: where it is added; what is read are positions of the answers either way.
        most: positions of an answer that are read, from its first; None reads them all.
        batch_size: answers at once; None takes what `perplexity.TOKENS` and memory allow.

    Raises:
        PrefvecError: if there are no turns, if the vector is of another model, or if one answer
            alone does not fit in memory.

    Example:
        >>> kappa, more = pv.disturbance(source, answers.at(0).turns[:2], vector.at(3), [0.5, 1])
        >>> 0 < kappa < more
        True
    """
    norms = [abs(coefficient) * vector.norm for coefficient in coefficients]
    pairs = [_pair(vector, norm, positions) for norm in norms if norm]
    read = iter(_read(model, turns, pairs, most, batch_size))
    return [next(read) if norm else 0.0 for norm in norms]


def at_disturbance(
    model: LanguageModel,
    turns: Sequence[Said],
    vectors: Sequence[PreferenceVector],
    kappas: Sequence[float],
    *,
    positions: Positions = "answer",
    most: int | None = None,
    batch_size: int | None = None,
) -> list[dict[float, PreferenceVector]]:
    """Each vector at the norms where it disturbs the model by given κ, to half a percent.

    The norm follows from the model, the turns, the direction, the positions and κ alone: neither
    from the length that the vector had nor from the vectors and κ beside it. Where several norms
    give one κ, it is the smallest met. Vectors are read side by side, so give all of them at once.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer that the model gave unsteered.
        vectors: of the model, at any sites.
        kappas: disturbances wanted, in nats, above 0.
        positions: where they are added; one that is added at every token of the prompt as well
            has another norm.
        most: positions of an answer that are read, from its first; None reads them all.
        batch_size: answers at once; None takes what `perplexity.TOKENS` and memory allow.

    Returns:
        For each vector, the vector at each κ.

    Raises:
        PrefvecError: if a κ cannot be reached at any norm; otherwise as for `disturbance`.

    Example:
        >>> turns = answers.at(0).turns[:2]
        >>> (found,) = pv.at_disturbance(source, turns, [vector.at(3)], [0.15])
        >>> abs(pv.disturbance(source, turns, found[0.15])[0] / 0.15 - 1) < 0.02
        True
    """
    searches = {
        (i, kappa): DoseSearch(kappa, vector)
        for i, vector in enumerate(vectors)
        for kappa in kappas
    }
    known: dict[tuple[int, float], float] = {}
    while waiting := [key for key, search in searches.items() if search.found is None]:
        doses = {key: (key[0], searches[key].norm()) for key in waiting}
        fresh = [dose for dose in dict.fromkeys(doses.values()) if dose not in known]
        pairs = [_pair(vectors[i], norm, positions) for i, norm in fresh]
        known |= dict(zip(fresh, _read(model, turns, pairs, most, batch_size), strict=True))
        for key, dose in doses.items():
            searches[key].learn(known[dose])
    return [
        {kappa: replace(vector, norm=searches[i, kappa].found) for kappa in kappas}
        for i, vector in enumerate(vectors)
    ]


@dataclass(frozen=True, kw_only=True, eq=False)
class NextTokens:
    """Next-token distributions that others are held against, any number of them.

    Attributes:
        logits: of each token, as the model gave them.
        probabilities: the same, float32.
    """

    logits: Float[Tensor, "tokens vocabulary"]
    probabilities: Float[Tensor, "tokens vocabulary"]

    @classmethod
    def of(cls, logits: Float[Tensor, "tokens vocabulary"]) -> "NextTokens":
        """The distributions that logits stand for."""
        probabilities = [wide.softmax(dim=-1) for (wide,) in in_pieces(logits)]
        return cls(logits=logits, probabilities=torch.cat(probabilities))

    def __len__(self) -> int:
        return len(self.logits)

    def divergence(self, logits: Float[Tensor, "tokens vocabulary"]) -> float:
        """Symmetrised divergence from others, in nats, summed over tokens: ½ Σ (p − q)(a − b).

        a and b may be logits, for what sets them apart from log-probabilities is one number in
        each row, and p − q sums to 0 there.

        Args:
            logits: of the same tokens.
        """
        total = 0.0
        for own, p, theirs in in_pieces(self.logits, self.probabilities, logits):
            apart = p - theirs.softmax(dim=-1)
            total += float(torch.dot(apart.flatten(), (own - theirs).flatten())) / 2
        return total


def _pair(vector: PreferenceVector, norm: float, positions: Positions) -> Pair:
    """A vector at a norm, both ways; in the same order for its negative, to the last bit."""
    first = float(vector.direction[vector.direction != 0][0])
    dosed = replace(vector if first > 0 else -vector, norm=norm)
    up = Steering(vector=dosed, coefficient=1.0, positions=positions)
    return up, replace(up, coefficient=-1.0)


def _read(
    model: LanguageModel,
    turns: Sequence[Said],
    pairs: Sequence[Pair],
    most: int | None,
    batch_size: int | None,
) -> list[float]:
    """κ of each pair. What each pair gives does not depend on the others."""
    if not turns or (most is not None and most < 1):
        raise PrefvecError(
            "There are no positions of answers to read, so nothing can be disturbed. Give some "
            "answers that the model gave unsteered, and read at least 1 position of each."
        )

    times = Counter(turns)

    def together(lane: LanguageModel, some: Sequence[int]) -> list[float]:
        """κ of some pairs, the unsteered answers read once for all of them."""
        asked = [pairs[i] for i in some]
        found = read_answers(
            lane,
            turns,
            [steering for pair in asked for steering in pair],
            lambda batch: _sums(batch, asked),
            passes=_PASSES,
            batch_size=batch_size,
            most=most,
        )
        positions = sum(count * found[said][0] for said, count in times.items())
        return [
            sum(count * found[said][1][i] for said, count in times.items()) / positions
            for i in range(len(asked))
        ]

    kappas: dict[int, float] = {}
    every = range(len(pairs))
    for batch in in_lanes(model, every, max(1, len(pairs)), together, few=_FEW_PAIRS):
        kappas |= dict(batch)
    return [kappas[i] for i in every]


def _sums(batch: Batch, pairs: Sequence[Pair]) -> list[tuple[int, list[float]]]:
    """Of each answer its positions, and the divergence of each pair summed over them."""
    plain = [NextTokens.of(logits) for logits in batch.logits(UNSTEERED)]
    sums: list[list[float]] = [[] for _ in plain]
    for pair in pairs:
        up, down = batch.side_by_side(pair)
        for kept, expected, *both in zip(sums, plain, up, down, strict=True):
            kept.append(sum(map(expected.divergence, both)) / 2)
    return [(len(expected), kept) for expected, kept in zip(plain, sums, strict=True)]
