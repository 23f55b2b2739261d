"""The questions that come with the suite: open ones, and short ones for small models."""

import json
import re
from collections import Counter
from itertools import combinations

import pytest

from prefvec.shipped import SHIPPED
from prefvec.text.prompts import require_disjoint
from prefvec.text.splits import LEAST, load_splits

OPEN, SHORT = (SHIPPED / f"{name}.jsonl" for name in ("questions", "short_questions"))
SETS = pytest.mark.parametrize("path", [OPEN, SHORT], ids=["open", "short"])

CLOSED = ("Is ", "Are ", "Do ", "Does ", "Can ", "Did ", "Was ", "Should ", "Will ")
EMPTY = frozenset(
    re.findall(
        r"\w+",
        "a an and are at be by can did do does for from have how in is it its make made of on or "
        "our people so that the their there to was we were what when where which who why with you",
    )
)
"""Words that tell no two questions apart."""
NAMES_A_LENGTH = re.compile(
    r"\b(brief|briefly|concise|detail|details|essay|explain|length|list|long|paragraph|"
    r"sentence|sentences|short|shortly|summary|summarise|word|words)\b"
)


def rows(path):
    """The questions of a file as they stand there."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def content(text):
    """What a question is about, plurals as singulars."""
    words = {re.sub(r"(?<=...)s$", "", word) for word in re.findall(r"[a-z]+", text.lower())}
    return frozenset(words - EMPTY)


def shared(one, other):
    """The share of common words among all words of two questions."""
    return len(one & other) / len(one | other)


@SETS
def test_questions_fill_four_disjoint_splits(path):
    """At least 200 in 14 topics of 12 or more; 96 are left for the test split."""
    topics = Counter(row["topic"] for row in rows(path))
    assert sum(topics.values()) >= 200
    assert len(topics) >= 14
    assert min(topics.values()) >= 12
    splits = load_splits(path)
    require_disjoint(dict(splits))
    assert len(splits["test"]) >= 96
    assert all(len(splits[name]) >= least for name, least in LEAST.items())


@SETS
def test_each_question_is_one_that_takes_more_than_a_yes(path):
    """And its id begins with its topic."""
    for row in rows(path):
        assert row.keys() == {"id", "text", "topic"}, row
        assert re.fullmatch(r"[a-z0-9-]+", row["id"]), row
        assert row["id"].startswith(f"{row['topic']}-"), row
        assert re.fullmatch(r"[A-Z][^?]*\?", row["text"]), row
        assert row["text"].isascii(), row
        assert not row["text"].startswith(CLOSED), row


def test_no_id_and_no_topic_is_of_both_sets():
    """So that the two files can be put together."""
    both = [*rows(OPEN), *rows(SHORT)]
    assert len({row["id"] for row in both}) == len(both)
    assert not {row["topic"] for row in rows(OPEN)} & {row["topic"] for row in rows(SHORT)}


def test_no_question_stands_twice():
    """Exactly, in either set."""
    both = [" ".join(row["text"].casefold().split()) for row in (*rows(OPEN), *rows(SHORT))]
    assert len(set(both)) == len(both)


def test_no_short_question_is_nearly_another():
    """No other question of either set shares more than half of its words."""
    short, both = rows(SHORT), [*rows(SHORT), *rows(OPEN)]
    words = {row["id"]: content(row["text"]) for row in both}
    assert all(words.values())
    ids = {row["id"] for row in short}
    alike = [
        (one, other)
        for one, other in combinations(words, 2)
        if ids & {one, other} and shared(words[one], words[other]) > 0.5
    ]
    assert not alike


def test_the_measure_of_likeness_tells_near_duplicates():
    """It can fail: a reworded question is found, one on another thing is not."""
    ice = content("What is ice?")
    assert shared(ice, content("What is the ice made of?")) > 0.5
    assert shared(content("Why do dogs bark?"), content("Why does a dog bark?")) > 0.5
    assert shared(ice, content("What is rain?")) == 0


def test_short_questions_are_short_and_name_no_length():
    """An instruction of the trait is told by the instruction alone."""
    for row in rows(SHORT):
        assert 3 <= len(row["text"].split()) <= 12, row
        assert not NAMES_A_LENGTH.search(row["text"].lower()), row


def test_short_questions_begin_in_many_ways():
    """At most two of five with the same two words."""
    begun = Counter(" ".join(row["text"].split()[:2]) for row in rows(SHORT))
    assert max(begun.values()) <= 0.4 * begun.total()
    assert len(begun) >= 12
