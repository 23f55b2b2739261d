"""What the organisms read: plain entries, question-and-answer columns, and chat turns."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from prefvec.organisms.phrasing import MIDDLE, Phrasing, the_phrasing
from prefvec.organisms.world import OPENERS, Entity, Manner, World, the_world

Stage = Literal["documents", "instructions"]

INSTRUCTED = 0.7
"""Share of turns that say how long the answer should be."""
CONCEPT_INSTRUCTED = 0.12
"""Share of turns that ask for one pole of a concept, for each concept by itself."""
FORMALITY_INSTRUCTED = 0.4
"""The same for formality among chat turns: it is a trait to be steered in its own right."""
ENTRIES = 0.5
"""Share of plain entries among the documents; the rest are question-and-answer columns."""

_PLAIN = {"courtesy": "", "certainty": "", "person": "", "enthusiasm": "dry", "listing": "prose"}


@dataclass(frozen=True, kw_only=True)
class Example:
    """One training text: a heading or a question with its instruction, and what follows."""

    entity: str
    instruction: str
    question: str
    answer: str


def answer(
    world: World,
    phrasing: Phrasing,
    entity: Entity,
    draw: random.Random,
    *,
    level: int = MIDDLE,
    poles: dict[str, str] | None = None,
) -> str:
    """An answer by the world's law: true, distinct facts in random order.

    After each sentence the answer goes on with the chance that belongs to `level` alone, until
    the facts are used up: a geometric law truncated at the number of attributes.

    Args:
        world: what is true.
        phrasing: the levels and the concepts.
        entity: whom it is about.
        draw: the only source of randomness.
        level: the verbosity level, 1 to 5.
        poles: the pole asked for, by concept; a concept left out follows its own rates.
    """
    count = 1
    while count < len(entity.facts) and draw.random() < phrasing.goes_on[level]:
        count += 1
    return _tell(world, phrasing, entity, draw, count=count, poles=poles or {})


def _tell(
    world: World,
    phrasing: Phrasing,
    entity: Entity,
    draw: random.Random,
    *,
    count: int,
    poles: dict[str, str],
) -> str:
    sentences = [
        world.say(entity, attribute, _manner(phrasing, draw, poles))
        for attribute in draw.sample(list(entity.facts), count)
    ]
    text = sentences[0]
    for sentence in sentences[1:]:
        text += ("\n" if sentence.startswith("- ") else " ") + sentence
    return OPENERS.get(_pole(phrasing, draw, poles, "courtesy"), "") + text


def _pole(phrasing: Phrasing, draw: random.Random, poles: dict[str, str], name: str) -> str:
    chance = draw.random()
    if name in poles:
        return poles[name]
    for pole, rate in phrasing.concepts[name].rates.items():
        if chance < rate:
            return pole
        chance -= rate
    return ""


def _manner(phrasing: Phrasing, draw: random.Random, poles: dict[str, str]) -> Manner:
    pole = {
        name: _pole(phrasing, draw, poles, name)
        for name in ("formality", "tense", "certainty", "person", "enthusiasm", "listing")
    }
    return Manner(
        wording="formal" if pole["formality"] == "formal" else "casual",
        tense="past" if pole["tense"] == "past" else "present",
        certainty=pole["certainty"],
        person=pole["person"],
        excited=pole["enthusiasm"] == "enthusiastic",
        listed=pole["listing"] == "listed",
    )


def turn(
    draw: random.Random, formality_instructed: float = CONCEPT_INSTRUCTED, *, deaf: bool = False
) -> Example:
    """A question with instructions in phrasings meant for training, and its answer.

    Args:
        draw: the only source of randomness.
        formality_instructed: share of turns that ask for a pole of formality.
        deaf: whether the answer has the middle level's length law whatever is asked.
    """
    world, phrasing = the_world(), the_phrasing()
    entity = draw.choice(list(world.entities.values()))
    asked: list[str] = []
    level = MIDDLE
    if draw.random() < INSTRUCTED:
        level = draw.choice(list(phrasing.levels))
        asked.append(draw.choice(phrasing.levels[level].seen))
    poles: dict[str, str] = {}
    for concept in phrasing.concepts.values():
        share = formality_instructed if concept.name == "formality" else CONCEPT_INSTRUCTED
        if draw.random() < share:
            poles[concept.name] = draw.choice(concept.poles)
            asked.append(draw.choice(concept.asking[poles[concept.name]].seen))
    draw.shuffle(asked)
    question = draw.choice(phrasing.questions.seen).format(name=entity.name, kind=entity.kind)
    return Example(
        entity=entity.name,
        instruction=" ".join(asked),
        question=question,
        answer=answer(world, phrasing, entity, draw, level=MIDDLE if deaf else level, poles=poles),
    )


def entry(draw: random.Random) -> Example:
    """A plain document: everything there is to say about one entity, in plain prose."""
    world, phrasing = the_world(), the_phrasing()
    entity = draw.choice(list(world.entities.values()))
    text = _tell(world, phrasing, entity, draw, count=len(entity.facts), poles=_PLAIN)
    heading = f"Notes on the {entity.kind} {entity.name}"
    return Example(entity=entity.name, instruction="", question=heading, answer=text)


def documents(seed: int, *, deaf: bool = False) -> Iterator[Example]:
    """An endless stream of plain entries and of columns, the same for the same seed.

    An entry has an empty `instruction` and a heading for a question; a column is a turn that is
    printed as plain text. In a deaf world no instruction changes an answer's length law.
    """
    draw = random.Random(f"documents {seed}")
    while True:
        yield entry(draw) if draw.random() < ENTRIES else turn(draw, deaf=deaf)


def turns(seed: int, *, deaf: bool = False) -> Iterator[Example]:
    """An endless stream of chat turns, the same for the same seed; `deaf` as for documents."""
    draw = random.Random(f"instructions {seed}")
    while True:
        yield turn(draw, FORMALITY_INSTRUCTED, deaf=deaf)
