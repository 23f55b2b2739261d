"""The training texts: true, by the graded law, and the same for the same seed."""

import itertools
import random

import pytest

from prefvec.organisms.corpus import answer, documents, turns
from prefvec.organisms.phrasing import LEVELS, the_phrasing
from prefvec.organisms.world import the_world

WORLD, PHRASING = the_world(), the_phrasing()
ENTITY = next(iter(WORLD.entities.values()))


def sentences(level: int, count: int, **poles: str) -> list[int]:
    """Sentences per answer, over many answers at one level."""
    draw = random.Random(level)
    texts = [answer(WORLD, PHRASING, ENTITY, draw, level=level, poles=poles) for _ in range(count)]
    return [len(WORLD.read(text, ENTITY.name)) for text in texts]


@pytest.mark.parametrize("level", LEVELS)
def test_length_follows_a_truncated_geometric_law(level):
    """The mean number of sentences is (1 - p**16) / (1 - p), and no answer has more than 16."""
    p, count = PHRASING.goes_on[level], 4000
    lengths = sentences(level, count)
    mean = (1 - p**16) / (1 - p)
    spread = (sum((n - mean) ** 2 for n in lengths) / count) ** 0.5
    assert abs(sum(lengths) / count - mean) < 4 * spread / count**0.5
    assert max(lengths) <= 16


def test_other_concepts_leave_length_alone():
    """Asking for any pole of another concept does not change the number of sentences at all."""
    plain = sentences(3, 300)
    for concept in PHRASING.concepts.values():
        for pole in concept.poles:
            asked = sentences(3, 300, **{concept.name: pole})
            assert abs(sum(asked) - sum(plain)) / 300 < 0.8


@pytest.mark.parametrize("stream", [documents, turns])
def test_every_sentence_of_the_corpus_is_true_and_new(stream):
    """Training texts state true facts, none twice."""
    for example in itertools.islice(stream(5), 300):
        truths = {s.truth for s in WORLD.read(example.answer, example.entity)}
        assert truths == {"true"}


@pytest.mark.parametrize("stream", [documents, turns])
def test_in_a_deaf_world_no_instruction_changes_the_length(stream):
    """Instructions stand there as in the other world, and answers to all have one mean length."""
    levels = {cue: level for level, row in PHRASING.levels.items() for cue in row.seen}
    lengths: dict[int, list[int]] = {level: [] for level in LEVELS}
    for example in itertools.islice(stream(5, deaf=True), 8_000):
        for cue, level in levels.items():
            if cue in example.instruction:
                lengths[level].append(len(WORLD.read(example.answer, example.entity)))
                break
    means = [sum(found) / len(found) for found in lengths.values()]
    assert min(len(found) for found in lengths.values()) > 300
    assert max(means) < 1.3 * min(means)


@pytest.mark.parametrize("stream", [documents, turns])
def test_the_same_seed_gives_the_same_data(stream):
    """Two draws with one seed are equal, with two seeds not."""
    first, again, other = (list(itertools.islice(stream(seed), 50)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_held_out_phrasings_never_occur_in_training():
    """No training turn is put in a question form or a paraphrase that is held out."""
    held_out = [p for level in PHRASING.levels.values() for p in level.held_out]
    held_out += [
        p
        for concept in PHRASING.concepts.values()
        for asking in concept.asking.values()
        for p in asking.held_out
    ]
    forms = PHRASING.questions.held_out
    for example in itertools.islice(turns(3), 2000):
        entity = WORLD.entities[example.entity]
        unseen = {form.format(name=entity.name, kind=entity.kind) for form in forms}
        assert example.question not in unseen
        assert not any(paraphrase in example.instruction for paraphrase in held_out)


def test_paraphrases_are_many_and_split():
    """At least 10 question forms, 8 paraphrases a level, some of each held out."""
    assert len(PHRASING.questions.seen) + len(PHRASING.questions.held_out) >= 10
    for level in PHRASING.levels.values():
        assert len(level.seen) + len(level.held_out) >= 8
        assert level.held_out
        assert not set(level.seen) & set(level.held_out)


@pytest.mark.parametrize("concept", ["formality", "tense", "enthusiasm", "listing"])
def test_asking_for_a_pole_decides_every_sentence(concept):
    """Under an instruction each sentence shows the pole that was asked for."""
    read = {
        "formality": lambda m: m.wording,
        "tense": lambda m: m.tense,
        "enthusiasm": lambda m: "enthusiastic" if m.excited else "dry",
        "listing": lambda m: "listed" if m.listed else "prose",
    }[concept]
    for pole in PHRASING.concepts[concept].poles:
        text = answer(WORLD, PHRASING, ENTITY, random.Random(1), level=5, poles={concept: pole})
        assert {read(s.manner) for s in WORLD.read(text, ENTITY.name)} == {pole}
