"""A file of questions becomes four splits, or a sentence that says what it lacks."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.text.prompts import Prompt, require_disjoint
from prefvec.text.splits import (
    LEAST,
    SPLIT_SHARES,
    SPLITS,
    TOPICS,
    load_splits,
    split_by_topic,
    topic_shares,
)


def write(path, topics, questions):
    """A file with so many questions on each of so many topics."""
    rows = [
        {"id": f"{topic}-{row}", "text": f"Question {row} on {topic}?", "topic": f"topic {topic}"}
        for topic in range(topics)
        for row in range(questions)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@given(st.integers(min_value=TOPICS, max_value=200))
def test_topics_are_dealt_in_proportion(topics):
    """All of them, within one of each quota; one or more to each split, two to the test."""
    shares = topic_shares(topics)
    assert sum(shares.values()) == topics
    for name, share in SPLIT_SHARES.items():
        assert abs(shares[name] - topics * share / 14) < 1
        assert shares[name] >= (2 if name == "test" else 1)


def test_fourteen_topics_are_dealt_as_the_shares_say():
    """And a multiple of them likewise."""
    assert topic_shares(14) == SPLIT_SHARES
    assert topic_shares(42) == {name: 3 * share for name, share in SPLIT_SHARES.items()}


def test_the_deal_of_topics_does_not_depend_on_the_order_of_the_file():
    """Shuffled lines give every split the same topics."""
    prompts = [
        Prompt(id=f"{topic}-{row}", text="?", topic=f"topic {topic}")
        for topic in range(14)
        for row in range(3)
    ]
    first, again = split_by_topic(prompts), split_by_topic(prompts[::-1])
    for name in SPLITS:
        assert {p.topic for p in first[name]} == {p.topic for p in again[name]}


@pytest.mark.parametrize("topics", [TOPICS, 7, 14, 30])
def test_a_users_questions_fill_four_disjoint_splits(tmp_path, topics):
    """With enough on each topic, nothing is lost."""
    splits = load_splits(write(tmp_path / "my.jsonl", topics, 24))
    require_disjoint(dict(splits))
    assert tuple(splits) == SPLITS
    assert sum(map(len, splits.values())) == 24 * topics
    assert all(len(splits[name]) >= least for name, least in LEAST.items())


@pytest.mark.parametrize(
    ("topics", "questions", "message"),
    [
        pytest.param(
            1, 300, r"on 1 topic \(topic 0\), and at least 5 topics are needed", id="one-topic"
        ),
        pytest.param(4, 100, "on 4 topics .*, and at least 5.*Add questions", id="four-topics"),
        pytest.param(5, 20, "leaves 20 prompts to the extraction split.*24", id="extraction"),
        pytest.param(
            14, 3, "leaves 9 prompts to the extraction split.*about 50 are wanted", id="all"
        ),
    ],
)
def test_too_few_topics_or_questions_are_counted(tmp_path, topics, questions, message):
    """How many there are, how many are needed, and what to add."""
    with pytest.raises(PrefvecError, match=message):
        load_splits(write(tmp_path / "my.jsonl", topics, questions))


def test_a_small_test_split_says_how_many_a_verdict_wants(tmp_path):
    """Twenty-three are too few; the sentence names their topics."""
    path = write(tmp_path / "my.jsonl", 5, 30)
    test = sorted({prompt.topic for prompt in load_splits(path)["test"]})
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    kept = [row for row in rows if row["topic"] not in test]
    kept += [row for row in rows if row["topic"] == test[0]][:20]
    kept += [row for row in rows if row["topic"] == test[1]][:3]
    path.write_text("\n".join(map(json.dumps, kept)), encoding="utf-8")
    wanted = f"leaves 23 prompts to the test split .topics: {test[0]}, {test[1]}.*48 to 96"
    with pytest.raises(PrefvecError, match=wanted):
        load_splits(path)
