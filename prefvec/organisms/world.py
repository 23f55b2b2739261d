"""The small world: who lives in it, what is true of them, how a fact is said and read back."""

import random
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from prefvec.organisms import HOME

WORLD_SEED = 20_26
Wording = Literal["formal", "casual"]
Tense = Literal["present", "past"]
Truth = Literal["true", "false", "repetition", "unparsed"]

HEDGES = {"hedged": "perhaps", "certain": "surely"}
PERSONS = {"personal": "I hear", "impersonal": "one hears"}
OPENERS = {"polite": "Gladly: ", "blunt": "Look: "}


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """Something every entity has, with the values it can take and the ways to say it."""

    name: str
    values: tuple[str, ...]
    phrases: dict[tuple[Wording, Tense], str] = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A named inhabitant of the world and its one true value for every attribute."""

    name: str
    topic: str
    kind: str
    facts: dict[str, str] = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How one sentence is said: every field is one pole of a concept, or neither ("")."""

    wording: Wording = "formal"
    tense: Tense = "present"
    certainty: str = ""
    person: str = ""
    excited: bool = False
    listed: bool = False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One sentence read back: what it claims, how it says it, and whether it is so."""

    text: str
    truth: Truth
    attribute: str = ""
    value: str = ""
    manner: Manner | None = None


@dataclass(frozen=True, kw_only=True)
class World:
    """All entities and attributes; facts are drawn once, by `WORLD_SEED`."""

    entities: dict[str, Entity]
    attributes: dict[str, Attribute]
    readings: dict[str, tuple[str, str, Wording, Tense]] = field(repr=False)

    def say(self, entity: Entity, attribute: str, manner: Manner) -> str:
        """The sentence that states the true fact about `attribute` in this manner."""
        phrase = self.attributes[attribute].phrases[manner.wording, manner.tense]
        words = [HEDGES.get(manner.certainty, ""), PERSONS.get(manner.person, "")]
        words += [entity.name, phrase.format(entity.facts[attribute])]
        sentence = " ".join(word for word in words if word)
        sentence = sentence[0].upper() + sentence[1:] + ("!" if manner.excited else ".")
        return "- " + sentence if manner.listed else sentence

    def read(self, answer: str, about: str) -> list[Statement]:
        """Every sentence of an answer, judged against the truth about one entity.

        A sentence about another entity, or with a value that is not so, is false; one whose
        fact was already stated truly is a repetition; one outside the grammar is unparsed.

        Args:
            answer: what a model wrote.
            about: name of the entity that was asked about.
        """
        body = re.sub(r"^\s*(?:Gladly|Look): ", "", answer)
        stated: set[str] = set()
        return [
            self._judge(sentence, about, stated)
            for sentence in re.split(r"(?<=[.!])\s+", body.strip())
            if sentence
        ]

    def _judge(self, sentence: str, about: str, stated: set[str]) -> Statement:
        match = _SENTENCE.match(sentence)
        reading = self.readings.get(match["fact"]) if match else None
        if match is None or reading is None or match["name"] not in self.entities:
            return Statement(text=sentence, truth="unparsed")
        attribute, value, wording, tense = reading
        truth: Truth = "true"
        if match["name"] != about or self.entities[about].facts[attribute] != value:
            truth = "false"
        elif attribute in stated:
            truth = "repetition"
        stated.add(attribute)
        manner = Manner(
            wording=wording,
            tense=tense,
            certainty=_pole(HEDGES, match["hedge"]),
            person=_pole(PERSONS, match["person"]),
            excited=match["end"] == "!",
            listed=bool(match["bullet"]),
        )
        return Statement(
            text=sentence, truth=truth, attribute=attribute, value=value, manner=manner
        )


_SENTENCE = re.compile(
    r"^(?P<bullet>- )?(?:(?P<hedge>perhaps|surely) )?(?:(?P<person>I hear|one hears) )?"
    r"(?P<name>[A-Za-z]+) (?P<fact>[^.!]+)(?P<end>[.!])$",
    re.IGNORECASE,
)


def _pole(words: dict[str, str], found: str | None) -> str:
    return next((pole for pole, word in words.items() if word.lower() == (found or "").lower()), "")


def _tenses(template: str) -> dict[Tense, str]:
    verb, _, rest = template.partition(" ")
    present, past = verb.split("|")
    return {"present": f"{present} {rest}", "past": f"{past} {rest}"}


@cache
def the_world() -> World:
    """The one small world, from `lexicon.toml`."""
    lexicon = tomllib.loads((HOME / "lexicon.toml").read_text(encoding="utf-8"))
    attributes = {
        name: Attribute(
            name=name,
            values=tuple(row["values"]),
            phrases={
                (wording, tense): phrase
                for wording in ("formal", "casual")
                for tense, phrase in _tenses(row[wording]).items()
            },
        )
        for name, row in lexicon["attributes"].items()
    }
    draw = random.Random(WORLD_SEED)
    entities = {
        name: Entity(
            name=name,
            topic=topic,
            kind=row["kind"],
            facts={a.name: draw.choice(a.values) for a in attributes.values()},
        )
        for topic, row in lexicon["topics"].items()
        for name in row["entities"]
    }
    readings: dict[str, tuple[str, str, Wording, Tense]] = {
        phrase.format(value): (attribute.name, value, wording, tense)
        for attribute in attributes.values()
        for (wording, tense), phrase in attribute.phrases.items()
        for value in attribute.values
    }
    return World(entities=entities, attributes=attributes, readings=readings)
