"""Replies become marks: whole tokens alone, and what cannot be read is no mark at all."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.judging.judge import Reply
from prefvec.judging.marks import averaged, expected, read
from prefvec.text.rubrics import Rubric


def _logprobs(**weights):
    return tuple((token, math.log(weight)) for token, weight in weights.items())


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("4", "4"),
        (" 4.", "4"),
        ("**4**", "4"),
        ("4\n\nBecause it is formal.", "4"),
        ("10", None),
        ("4th", None),
        ("4.5", None),
        ("6", None),
        ("I would say 4", None),
        ("", None),
    ],
)
def test_a_reply_is_read_only_where_its_first_line_is_a_mark(text, mark):
    """Numbers that merely begin with a mark, and sentences around one, are not guessed at."""
    assert read(text, "12345") == mark


def test_letters_are_read_like_digits():
    """A scale may be of letters; case counts."""
    assert read("B.", "ABC") == "B"
    assert read("Because", "ABC") is None
    assert read("b", "ABC") is None


@given(st.lists(st.floats(0.01, 1), min_size=5, max_size=5))
def test_the_mark_is_the_expectation_over_the_scale(weights):
    """Oracle: the weighted mean of 0, ¼, ½, ¾, 1."""
    total = sum(weights)
    tokens = tuple((m, math.log(w / total)) for m, w in zip("12345", weights, strict=True))
    best = "12345"[max(range(5), key=weights.__getitem__)]
    mark = expected(Reply(text=best, logprobs=tokens), "12345")
    mean = sum(w * k / 4 for k, w in enumerate(weights)) / total
    assert mark.share == pytest.approx(mean)
    assert mark.mass == pytest.approx(1)


def test_only_whole_tokens_have_weight():
    """“ 5” is the mark 5; “50” and “5th” are other words."""
    tokens = (("5", math.log(0.3)), (" 5", math.log(0.3)), ("50", math.log(0.2)), ("1", -1.7))
    mark = expected(Reply(text="5", logprobs=tokens), "12345")
    assert mark.mass == pytest.approx(0.6 + math.exp(-1.7))
    assert mark.share == pytest.approx(0.6 / (0.6 + math.exp(-1.7)))


def test_a_judge_that_would_rather_say_something_else_gives_no_mark():
    """The scale's tokens need half of the probability, and the reply must be one of them."""
    assert expected(Reply(text="5", logprobs=_logprobs(**{"5": 0.4})), "12345").share is None
    assert expected(Reply(text="50", logprobs=_logprobs(**{"5": 0.9})), "12345").share is None


def test_samples_are_averaged_and_most_of_them_must_be_readable():
    """Two marks of three are a mark; two of four are none, and never the lowest one."""
    replies = [Reply(text=text) for text in ("5", "3", "well")]
    assert averaged(replies, "12345").share == pytest.approx(0.75)
    assert averaged([*replies, Reply(text="hm")], "12345").share is None


@pytest.mark.parametrize("scale", ["", "1", "11", "1a", "1 2", "aA", "12½"])
def test_a_scale_is_single_digits_or_letters(scale):
    """Anything else is refused."""
    with pytest.raises(PrefvecError, match="is no scale"):
        Rubric(name="first", text="How?", scale=scale)
