"""Which blocks are worth writing answers in, told by reading alone.

A vector that lengthens answers raises the log-odds of going on at the sentence ends of answers
that the model gave unsteered. That shift is read for the model's own vector and for a few random
directions at the same disturbance, without a word being written.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from statistics import fmean

from prefvec.experiments.dosing import dosed, read_unsteered
from prefvec.experiments.lab import Lab
from prefvec.experiments.seeds import seed_of
from prefvec.models.language_model import LanguageModel
from prefvec.text.metrics import sentence_ends
from prefvec.text.verbatim import Said, text_of
from prefvec.vectors.random_directions import signed_permutation
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector

DOSES = (0.05, 0.15)
"""The disturbances that are sieved, in nats: what is small for a real model, and the middle of the
protocol's grid."""
DIRECTIONS = 4
"""Random directions a block: enough to tell blocks in which everything moves the odds."""
TURNS = 8
"""Unsteered tuning answers that are read: two dozen sentence ends."""
DOSING_TURNS = 4
"""Answers that a dose is solved on. Judged arms have 16; a sieve need not be exact."""
SENTENCES = 3
"""Of each of them, from its first: the odds at a sentence end know nothing of what comes later."""


@dataclass(frozen=True, kw_only=True)
class Sieved:
    """One block and dose at which given answers were read under steering.

    Attributes:
        site: where.
        kappa: how much, as disturbance in nats.
        relative_norm: the norm of what was added over the mean residual norm at the site.
        going_on: odd shift of the log-odds of going on at sentence ends, the mean over prompts.
        chance: root mean square of that shift over random directions.
    """

    site: Site
    kappa: float
    relative_norm: float
    going_on: float
    chance: float

    @property
    def ratio(self) -> float:
        """How far the model's own vector stands out from chance."""
        return (
            self.going_on / self.chance if self.chance else math.copysign(math.inf, self.going_on)
        )

    def record(self) -> dict[str, object]:
        """The cell as plain Python types, in the report's grid: nothing was answered in it."""
        return {
            "layer": self.site.layer,
            "kappa": self.kappa,
            "relative_norm": self.relative_norm,
            "odd": None,
            "chance": None,
            "coherence_loss": None,
            "censored": None,
            "eligible": False,
            "chosen": False,
            "going_on": self.going_on,
            "going_on_chance": self.chance,
        }


def sieve(
    lab: Lab,
    name: str,
    trait: str,
    vectors: Mapping[Site, PreferenceVector],
    *,
    kappas: Sequence[float] = DOSES,
) -> tuple[Sieved, ...]:
    """What a trait's vectors do to the log-odds of going on, site by site and dose by dose.

    Args:
        lab: where the model reads.
        name: the model.
        trait: one about the number of words.
        vectors: the model's own, at the sites that are sieved.
        kappas: the disturbances, in nats.
    """
    turns = [_beginning(lab.models[name], said) for said in read_unsteered(lab, name)[:TURNS]]
    directions = [[own, *_random(lab, name, trait, own)] for own in vectors.values()]
    flat = [vector for some in directions for vector in some]
    few = min(DOSING_TURNS, lab.options.dosing_turns)
    doses = iter(dosed(lab, name, flat, kappas, turns=few))

    def shifts(vectors: Sequence[PreferenceVector]) -> list[float]:
        steerings = [Steering(vector=vector, coefficient=1.0) for vector in vectors]
        found = lab.going_on_shifts(name, turns, steerings)
        return [fmean(by_prompt.values()) for by_prompt in found]

    found: list[Sieved] = []
    cells = len(vectors) * len(kappas)
    with lab.task(f"{name}: {trait}, the sieve", cells, unit="cell") as tell:
        for site, some in zip(vectors, directions, strict=True):
            by_kappa = [next(doses) for _ in some]
            shifted = iter(shifts([each[kappa] for kappa in kappas for each in by_kappa]))
            for kappa in kappas:
                own, *random = islice(shifted, len(by_kappa))
                found.append(
                    Sieved(
                        site=site,
                        kappa=kappa,
                        relative_norm=by_kappa[0][kappa].relative_norm,
                        going_on=own,
                        chance=math.sqrt(fmean(each**2 for each in random)),
                    )
                )
                tell(len(found), cells)
    return tuple(found)


def first_sentences(text: str, count: int = SENTENCES) -> str:
    """The first sentences of a text; all of it where there are fewer."""
    ends = sentence_ends(text)
    return text[: ends[count - 1]] if len(ends) > count else text


def _beginning(model: LanguageModel, said: Said) -> Said:
    """The first sentences of an answer; in the tokens it was written in, if one ends with them."""
    prompt, reply = said
    text = text_of(reply)
    first = first_sentences(text)
    if isinstance(reply, str) or first == text:
        return prompt, first if isinstance(reply, str) else reply
    ends = model.encode_turn(prompt, reply).answer_ends
    if len(first) not in ends:
        return prompt, first
    ids = reply.ids[: ends.index(len(first)) + 1]
    return prompt, replace(reply, text=first, ids=ids)


def _random(lab: Lab, name: str, trait: str, own: PreferenceVector) -> Sequence[PreferenceVector]:
    """Random directions of the sieve's own: those that judge a cell are not spent on finding it."""
    return [
        signed_permutation(own, seed=seed_of(lab, name, trait, "sieve", own.site, k))
        for k in range(DIRECTIONS)
    ]
