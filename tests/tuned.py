"""What the tests of tuning tune: a tiny model, a trait, and answers of different lengths."""

import functools
from dataclasses import replace

import torch
from torch import Tensor

import prefvec as pv
from prefvec.models.language_model import LanguageModel
from prefvec.shipped import SHIPPED
from prefvec.text.prompts import Prompt
from prefvec.text.traits import Trait
from prefvec.tuning.contrasts import Contrast, Preference, contrasts, preferences
from prefvec.tuning.recipe import Recipe
from prefvec.tuning.responses import Responses, Spoken
from prefvec.vectors.residual import Site, read
from tests.tiny import questions, tiny

ANSWERS = (
    "It is water that flows from the hills to the sea.",
    "They fall.",
    "Bread is made of flour, water, salt and yeast. It rises for an hour.",
    "A weight swings, and each swing takes the same time.",
)
FAST = Recipe(steps=12, batch_size=4, learning_rate=1e-2, precision="float32")
"""A training of less than a second."""


@functools.cache
def trait() -> Trait:
    """Verbosity, as shipped."""
    return pv.load_trait(SHIPPED / "traits" / "verbosity.toml")


def asked() -> list[Prompt]:
    """Four questions without instructions."""
    return [replace(prompt, instruction="") for prompt in questions()]


def model() -> LanguageModel:
    """A tiny LLaMA."""
    return tiny("llama")


def said() -> list[tuple[Prompt, str]]:
    """Each question with an answer."""
    return list(zip(asked(), ANSWERS, strict=True))


def examples() -> list[Contrast]:
    """The same, to be read under either pole."""
    return contrasts(model(), trait(), said())


def pairs() -> list[Preference]:
    """Each question with a long answer and a short one."""
    short = ["It is water.", "They fall.", "Of flour.", "It swings."]
    long = [f"{answer} Each swing takes the same time." for answer in ANSWERS]
    return preferences(model(), trait(), asked(), long, short)


def held(of: LanguageModel, batch: list[Contrast], pole: str | None, site: Site) -> Tensor:
    """What a model holds at response positions, read by the package's own hook."""
    responses = Responses.of(of, [each.spoken(pole) for each in batch])
    with torch.no_grad(), read(of, [site]) as reading:
        of.network.base_model(**responses.inputs, use_cache=False)
    return responses.rows(reading[site])


def likelihood(of: LanguageModel, spoken: Spoken) -> float:
    """Mean log-probability of an answer's tokens: a pass for each, over what stands before it."""
    prompt, answer = spoken
    total = 0.0
    for place, token in enumerate(answer):
        ids = torch.tensor([[*prompt, *answer[:place]]])
        with torch.no_grad():
            logits = of.network(ids).logits[0, -1]
        total += float(logits.double().log_softmax(dim=-1)[token])
    return total / len(answer)
