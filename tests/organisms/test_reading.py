"""What an organism's answer says and how, read back exactly."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.organisms.corpus import answer
from prefvec.organisms.phrasing import the_phrasing
from prefvec.organisms.reading import SENTENCE_POLES, falsehoods, read, world_means
from prefvec.organisms.world import OPENERS, Manner, the_world

CONCEPTS = the_phrasing().concepts
ENTITIES = list(the_world().entities.values())


def answers(count: int, seed: int, **poles: str) -> list[tuple[str, str]]:
    """Answers by the world's law with the names of their entities."""
    draw = random.Random(seed)
    chosen = [draw.choice(ENTITIES) for _ in range(count)]
    return [
        (answer(the_world(), the_phrasing(), entity, draw, poles=poles), entity.name)
        for entity in chosen
    ]


def test_every_pole_of_every_concept_is_read():
    """The poles are those of the phrasing, no more and no fewer."""
    poles = {pole for concept in CONCEPTS.values() for pole in concept.poles}
    assert {*SENTENCE_POLES, *OPENERS} == poles
    assert {f"share_{pole}" for pole in poles} < set(world_means([read("", ENTITIES[0].name)]))


@settings(max_examples=30, deadline=None)
@given(
    poles=st.fixed_dictionaries({c.name: st.sampled_from(c.poles) for c in CONCEPTS.values()}),
    seed=st.integers(0, 2**32),
)
def test_what_was_asked_for_is_read_back_exactly(poles, seed):
    """Every sentence shows the pole asked for, none the other, and all of them are true facts."""
    means = world_means([read(*said) for said in answers(20, seed, **poles)])
    for concept in CONCEPTS.values():
        for pole in concept.poles:
            assert means[f"share_{pole}"] == (pole == poles[concept.name])
    assert means["false_facts"] == means["repetitions"] == means["unparsed"] == 0
    assert means["facts"] >= 1


def test_unasked_answers_show_each_pole_at_its_rate():
    """Within five standard errors of the rates in `phrasing.toml`, over 3,000 answers."""
    readings = [read(*said) for said in answers(3_000, 0)]
    means, sentences = world_means(readings), sum(reading.parsed for reading in readings)
    for concept in CONCEPTS.values():
        n = len(readings) if concept.name == "courtesy" else sentences
        for pole, rate in concept.rates.items():
            assert abs(means[f"share_{pole}"] - rate) < 5 * (rate * (1 - rate) / n) ** 0.5


def test_facts_are_counted_by_hand():
    """Two facts, one of them twice, a false one and a sentence outside the grammar."""
    world, entity = the_world(), ENTITIES[0]
    first, second = list(entity.facts)[:2]
    other = next(e for e in ENTITIES if e.facts[first] != entity.facts[first])
    said = [
        world.say(entity, first, Manner()),
        world.say(entity, second, Manner(excited=True, certainty="hedged")),
        world.say(entity, first, Manner(wording="casual")),
        world.say(other, first, Manner()),
        "It is what it is.",
    ]
    text = "Gladly: " + " ".join(said)
    means = world_means([read(text, entity.name), read("", entity.name)])
    assert means["facts"] == 2 / 2
    assert means["repetitions"] == means["false_facts"] == means["unparsed"] == 1 / 2
    assert means["facts_per_word"] == 2 / len(text.split())
    assert (means["share_formal"], means["share_casual"]) == (3 / 4, 1 / 4)
    assert (means["share_hedged"], means["share_enthusiastic"]) == (1 / 4, 1 / 4)
    assert (means["share_polite"], means["share_blunt"]) == (1 / 2, 0)


def test_falsehoods_are_found_where_they_stand():
    """Of four sentences the second and the last; the same falsehood twice is found twice."""
    world, entity = the_world(), ENTITIES[0]
    first, second = list(entity.facts)[:2]
    other = next(e for e in ENTITIES if e.facts[first] != entity.facts[first])
    lie = world.say(other, first, Manner())
    truths = [world.say(entity, attribute, Manner()) for attribute in (first, second)]
    text = f"Look: {truths[0]}  {lie}\n{truths[1]} {lie}"
    spans = falsehoods(text, entity.name)
    assert [text[start:end] for start, end in spans] == [lie, lie]
    assert spans[0][1] < text.index(truths[1]) < spans[1][0]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    """No share is outside [0, 1]; what does not parse is counted as such, and is not false."""
    assert falsehoods(text, ENTITIES[0].name) == []
    reading = read(text, ENTITIES[0].name)
    assert 0 <= reading.parsed <= reading.truths.total()
    for name, value in world_means([reading]).items():
        assert value is None or value >= 0
        assert value is None or not name.startswith("share_") or value <= 1


def test_no_answers_have_no_means():
    """Nothing is divided by zero, and the names stay."""
    nothing = world_means([])
    assert set(nothing.values()) == {None}
    assert nothing.keys() == world_means([read(*answers(1, 0)[0])]).keys()


@pytest.mark.parametrize(
    "text",
    ["x" * 10**6, " " * 10**6, "Zernos is. " * 10**5, "." * 10**6],
    ids=["one word", "spaces", "sentences", "full stops"],
)
def test_a_million_characters_can_be_read(text):
    """A pattern that went back over the text for each character would not come to an end."""
    reading = read(text, ENTITIES[0].name)
    assert reading.truths.total() == reading.truths["unparsed"]
