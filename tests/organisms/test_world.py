"""The small world: every fact can be said in every manner and is read back as what it is."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from prefvec.organisms.world import HEDGES, PERSONS, Manner, Statement, the_world

WORLD = the_world()

entities = st.sampled_from(list(WORLD.entities.values()))
attributes = st.sampled_from(list(WORLD.attributes))
manners = st.builds(
    Manner,
    wording=st.sampled_from(["formal", "casual"]),
    tense=st.sampled_from(["present", "past"]),
    certainty=st.sampled_from(["", *HEDGES]),
    person=st.sampled_from(["", *PERSONS]),
    excited=st.booleans(),
    listed=st.booleans(),
)


def test_the_world_is_as_large_as_it_promises():
    """120 entities in 12 topics, 16 attributes, and a wording of every fact that is its own."""
    assert len(WORLD.entities) >= 120
    assert len({entity.topic for entity in WORLD.entities.values()}) >= 10
    assert len(WORLD.attributes) >= 16
    phrases = [a.phrases[key] for a in WORLD.attributes.values() for key in a.phrases]
    assert len(set(phrases)) == len(WORLD.attributes) * 4
    assert len(WORLD.readings) == sum(4 * len(a.values) for a in WORLD.attributes.values())


@given(entities, attributes, manners)
def test_what_is_said_is_read_back(entity, attribute, manner):
    """A sentence said of a true fact reads as that fact, in that manner, and as true."""
    [statement] = WORLD.read(WORLD.say(entity, attribute, manner), entity.name)
    assert statement.truth == "true"
    assert (statement.attribute, statement.value) == (attribute, entity.facts[attribute])
    assert statement.manner == manner


@given(entities, attributes, manners, st.data())
def test_another_value_is_false(entity, attribute, manner, data):
    """A sentence with any other value of the attribute reads as false."""
    values = [v for v in WORLD.attributes[attribute].values if v != entity.facts[attribute]]
    other = data.draw(st.sampled_from(values))
    said = WORLD.say(entity, attribute, manner)
    phrase = WORLD.attributes[attribute].phrases[manner.wording, manner.tense]
    lie = said.replace(phrase.format(entity.facts[attribute]), phrase.format(other))
    assert [s.truth for s in WORLD.read(lie, entity.name)] == ["false"]


@given(entities, entities, attributes, manners)
def test_a_fact_about_somebody_else_is_false(entity, other, attribute, manner):
    """A true sentence about an entity that was not asked about is false as an answer."""
    if entity.name != other.name:
        [statement] = WORLD.read(WORLD.say(other, attribute, manner), entity.name)
        assert statement.truth == "false"


@given(entities, attributes, manners, manners)
def test_saying_it_again_is_a_repetition(entity, attribute, manner, again):
    """The same fact in another manner counts as a repetition."""
    text = " ".join(WORLD.say(entity, attribute, m) for m in (manner, again))
    assert [s.truth for s in WORLD.read(text, entity.name)] == ["true", "repetition"]


@given(st.text(max_size=200), entities)
def test_any_text_can_be_read(text, entity):
    """No text breaks the reader, and what is not a sentence of the world is unparsed."""
    for statement in WORLD.read(text, entity.name):
        assert isinstance(statement, Statement)
        assert statement.truth == "unparsed" or statement.manner is not None


def test_openers_are_not_sentences():
    """A polite or blunt opening belongs to the answer, not to its sentences."""
    entity = next(iter(WORLD.entities.values()))
    said = WORLD.say(entity, "colour", Manner())
    for opener, text in itertools.product(("Gladly: ", "Look: "), (said,)):
        assert [s.truth for s in WORLD.read(opener + text, entity.name)] == ["true"]
