"""Neutral statements are neutral: plain sentences, in a world that a model knows."""

import json
from collections import Counter

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.known_traits import traits_of
from prefvec.experiments.open_questions import QUESTIONED
from prefvec.organisms.small_world import SMALL_WORLD
from prefvec.organisms.world import Manner, the_world
from prefvec.organisms.world_questions import prompts_of
from prefvec.text.metrics import sentence_ends
from prefvec.text.statement_files import load_statements

SUBJECTS = pytest.mark.parametrize("subject", [SMALL_WORLD, QUESTIONED], ids=["small", "real"])
OTHERS = ("test", "tuning", "extraction")


@SUBJECTS
def test_there_are_96_sentences_each_of_which_ends_where_it_is_read(subject):
    """One sentence each, no question, no exclamation, under no instruction."""
    statements = load_statements(subject.statements)
    assert len(statements) == 96
    for prompt, text in statements:
        assert sentence_ends(text) == [len(text)], text
        assert text.endswith("."), text
        assert not prompt.instruction


@SUBJECTS
def test_no_statement_or_request_has_the_words_of_an_instruction(subject):
    """Neither is any of the wordings that ask for a pole of a trait."""
    wordings = {
        words.casefold().rstrip(".")
        for trait in traits_of(subject).values()
        for pole in (trait.positive, trait.negative)
        for words in pole.extraction + pole.held_out
    }
    for prompt, text in load_statements(subject.statements):
        both = f"{prompt.text} {text}".casefold()
        assert not any(words in both for words in wordings)


def test_the_organisms_statements_are_true_and_neutral_in_their_world():
    """Of the adapter's topics alone; half formal and half casual, half past and half present."""
    world = the_world()
    known = {entity.name for entity in world.entities.values()}
    topics = {prompt.topic for prompt in prompts_of("adapter", 400)}
    manners = Counter()
    for prompt, text in load_statements(SMALL_WORLD.statements):
        (name,) = known & set(text.rstrip(".").split())
        (read,) = world.read(text, name)
        assert read.truth == "true", text
        assert world.entities[name].topic in topics
        assert name in prompt.text
        neutral = Manner(wording=read.manner.wording, tense=read.manner.tense)
        assert read.manner == neutral
        manners[read.manner.wording, read.manner.tense] += 1
    assert len(manners) == 4
    assert set(manners.values()) == {24}


def test_a_request_is_no_question_of_another_split():
    """Nor is a statement's id that of a prompt: what is read of one is no reading of the other."""
    for subject, splits in ((SMALL_WORLD, None), (QUESTIONED, None)):
        asked = subject.splits(splits, n_test=96, quick=False)
        statements = load_statements(subject.statements)
        others = [prompt for split in OTHERS for prompt in asked[split]]
        assert not {p.text for p, _ in statements} & {p.text for p in others}
        assert not {p.id for p, _ in statements} & {p.id for p in others}


ROW = {"id": "a", "asked": "Say it.", "text": "It is so."}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["{"], "line 1 is no statement"),
        ([json.dumps(ROW), json.dumps({"id": "b", "text": "No."})], "line 2 is no statement"),
        ([json.dumps(ROW), json.dumps(ROW)], "'a' stands twice"),
        ([json.dumps(ROW), json.dumps(ROW | {"id": "b"})], "'b' stands twice"),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_line(tmp_path, lines, says):
    """With what a line must be."""
    path = tmp_path / "statements.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PrefvecError, match=says):
        load_statements(path)
