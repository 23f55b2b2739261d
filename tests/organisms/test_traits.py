"""The organisms' traits are those of their phrasing, measured by the world's grammar."""

import random
from functools import partial

import numpy as np
import pytest

from prefvec.experiments.known_traits import traits_of
from prefvec.organisms.corpus import answer
from prefvec.organisms.phrasing import LEVELS, the_phrasing
from prefvec.organisms.small_world import SMALL_WORLD
from prefvec.organisms.world import Manner, the_world
from prefvec.organisms.world_measures import ORGANISM_MEASURES
from prefvec.organisms.world_questions import about, prompts_of
from prefvec.text.measures import WORDS
from tests import plain_answers

TRAITS = traits_of(SMALL_WORLD)
CONCEPTS = the_phrasing().concepts
PROMPT = prompts_of("test", 1)[0].id
ENTITY = the_world().entities[about(PROMPT)]


said = partial(plain_answers.said, prompt=PROMPT)
"""An answer to the first test prompt."""


def test_every_concept_has_a_trait_and_a_measure():
    """And verbosity is measured in words."""
    assert TRAITS.keys() == {"verbosity", *CONCEPTS}
    assert ORGANISM_MEASURES.keys() == {"words", *CONCEPTS}
    assert TRAITS["verbosity"].measure is WORDS
    for name in CONCEPTS:
        assert TRAITS[name].measure is ORGANISM_MEASURES[name]


@pytest.mark.parametrize("name", TRAITS)
def test_trait_files_ask_in_the_words_of_the_phrasing(name):
    """In its order: what training shows makes the vector, what it does not is held out."""
    levels = the_phrasing().levels
    if name == "verbosity":
        asking = {"verbose": levels[LEVELS[-1]], "concise": levels[LEVELS[0]]}
    else:
        asking = {pole: CONCEPTS[name].asking[pole] for pole in CONCEPTS[name].poles}
    poles = (TRAITS[name].positive, TRAITS[name].negative)
    assert [pole.name for pole in poles] == list(asking)
    for pole in poles:
        assert pole.extraction == asking[pole.name].seen
        assert pole.held_out == asking[pole.name].held_out


@pytest.mark.parametrize("name", CONCEPTS)
def test_asking_for_a_pole_moves_the_measure_its_way(name):
    """In answers by the world's law: the first pole raises it, the second lowers it."""
    values, draw = {}, random.Random(0)
    for pole in CONCEPTS[name].poles:
        texts = [
            answer(the_world(), the_phrasing(), ENTITY, draw, poles={name: pole}) for _ in range(20)
        ]
        counts = np.array([TRAITS[name].measure.count(said(text)) for text in texts])
        first, second = (counts[:, [side]].sum(axis=0) for side in (0, 1))
        assert (first if pole == CONCEPTS[name].poles[1] else second).sum() == 0
        values[pole] = TRAITS[name].measure.log_values(first, second, len(texts)).item()
    positive, negative = CONCEPTS[name].poles
    assert values[positive] > np.log(20) > -np.log(20) > values[negative]


@pytest.mark.parametrize(
    ("name", "counts"),
    [("formality", (2, 1)), ("tense", (1, 2)), ("certainty", (1, 0)), ("courtesy", (1, 0))],
)
def test_poles_are_counted_by_hand(name, counts):
    """Three sentences after a polite opening; one outside the grammar counts for nothing."""
    world, facts = the_world(), list(ENTITY.facts)
    sentences = [
        world.say(ENTITY, facts[0], Manner(tense="past")),
        world.say(ENTITY, facts[1], Manner(certainty="hedged")),
        world.say(ENTITY, facts[2], Manner(wording="casual")),
        "It is what it is.",
    ]
    text = "Gladly: " + " ".join(sentences)
    assert ORGANISM_MEASURES[name].count(said(text)) == counts
