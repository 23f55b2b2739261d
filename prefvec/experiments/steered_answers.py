"""Sampled answers to prompts, at every dose of one vector or of several."""

from collections.abc import Mapping, Sequence

from prefvec.experiments.lab import Lab
from prefvec.generation.requests import Request
from prefvec.text.completions import Completion
from prefvec.text.prompts import Prompt
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.vocabulary import Positions


def steered(
    lab: Lab,
    name: str,
    arm: str,
    vector: PreferenceVector | None,
    prompts: Sequence[Prompt],
    *,
    coefficients: Sequence[float] = (0.0,),
    samples: int = 1,
    perplexity: bool = False,
    trait: str | None = None,
    positions: Positions = "answer",
) -> list[Completion]:
    """A model's answers to every prompt at every dose of one vector.

    Args:
        lab: where the model answers.
        name: the model.
        arm: what the answers are compared as.
        vector: what is added at coefficient 1; None adds nothing, whatever the coefficients.
        prompts: what is asked.
        coefficients: the doses.
        samples: answers per prompt and dose.
        perplexity: whether the unsteered model reads the answers again.
        trait: told while they are written, where it is given.
        positions: at which tokens the vector is added.
    """
    requests = at_doses(vector, coefficients, prompts, samples, arm, positions)
    return lab.ask(name, requests, _told(trait, arm), perplexity=perplexity)


def steered_together(
    lab: Lab,
    name: str,
    arms: Mapping[str, PreferenceVector],
    prompts: Sequence[Prompt],
    *,
    coefficients: Sequence[float],
    samples: int,
    trait: str | None = None,
    positions: Positions = "answer",
) -> dict[str, list[Completion]]:
    """A model's answers in several small arms, written in common batches.

    Args:
        lab: where the model answers.
        name: the model.
        arms: the vector of each, by what its answers are compared as.
        prompts: what is asked.
        coefficients: the doses of every vector.
        samples: answers per prompt and dose.
        trait: told while they are written, where it is given.
        positions: at which tokens the vectors are added.
    """
    requests = {
        arm: at_doses(vector, coefficients, prompts, samples, arm, positions)
        for arm, vector in arms.items()
    }
    first_and_last = " to ".join([*arms][:: max(1, len(arms) - 1)])
    return lab.ask_each(name, requests, _told(trait, first_and_last))


def at_doses(
    vector: PreferenceVector | None,
    coefficients: Sequence[float],
    prompts: Sequence[Prompt],
    samples: int,
    arm: str,
    positions: Positions = "answer",
) -> list[Request]:
    """Several samples of an answer to every prompt, at every dose of one vector.

    Args:
        vector: what is added at coefficient 1; None adds nothing, whatever the coefficients.
        coefficients: the doses.
        prompts: what is asked.
        samples: answers per prompt and dose.
        arm: what the answers are compared as.
        positions: at which tokens the vector is added.
    """
    doses = [
        UNSTEERED
        if vector is None
        else Steering(vector=vector, coefficient=coefficient, positions=positions)
        for coefficient in coefficients
    ]
    return [each for dose in doses for each in requests_at(dose, prompts, samples, arm)]


def requests_at(
    steering: Steering, prompts: Sequence[Prompt], samples: int, arm: str
) -> list[Request]:
    """Several samples of an answer to every prompt, all under one steering.

    Args:
        steering: what is added while they are written.
        prompts: what is asked.
        samples: answers per prompt.
        arm: what the answers are compared as.
    """
    return [
        Request(prompt=prompt, sample=k, steering=steering, arm=arm)
        for prompt in prompts
        for k in range(samples)
    ]


def _told(trait: str | None, what: str) -> str:
    return what if trait is None else f"{trait}, {what}"
