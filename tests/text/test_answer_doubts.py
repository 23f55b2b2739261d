"""What answers under either pole say against a trait, and what they do not."""

import pytest

from prefvec.experiments.known_traits import traits_of
from prefvec.experiments.open_questions import QUESTIONED
from prefvec.text.answer_doubts import answer_doubts

FORMALITY, VERBOSITY = (traits_of(QUESTIONED)[name] for name in ("formality", "verbosity"))
N = 8
MORE = [f"One would be ill advised to overlook pebble number {i}." for i in range(N)]
LESS = [f"Hey, don't you miss out on that pebble number {i}!" for i in range(N)]


def doubts(more=MORE, less=LESS, trait=FORMALITY):
    """Of a model called M."""
    return answer_doubts(trait, more, less, model="M")


def test_answers_that_differ_in_the_trait_raise_no_doubt():
    """In a trait of length they may differ in length as well."""
    assert doubts() == []
    assert doubts([f"{text} {text} {text} {text}" for text in MORE], LESS, VERBOSITY) == []


def test_a_model_that_answers_alike_under_both_poles_is_told():
    """Case, spacing and end marks make no difference."""
    (told,) = doubts(MORE, [f" {text.upper().rstrip('.')}" for text in MORE])
    assert told.startswith("M gives the same answers under both poles, all 8 of them")


@pytest.mark.parametrize(("same", "told"), [(1, False), (2, True), (7, True)])
def test_a_quarter_of_like_answers_is_told(same, told):
    """With how many there are."""
    found = doubts(MORE, MORE[:same] + LESS[same:])
    assert bool(found) == told
    assert all(f"to {same} of 8 questions" in text for text in found)


def test_what_both_poles_say_to_different_questions_is_told():
    """Word for word."""
    assert doubts(MORE, [*LESS[:7], MORE[0]]) == []
    (told,) = doubts(MORE, [*LESS[:6], *MORE[:2]])
    assert told.startswith("2 of 8 answers of M under the positive pole stand word for word among")


@pytest.mark.parametrize("side", ["positive", "negative"])
def test_a_pole_that_is_mostly_one_text_is_told(side):
    """More than half of it; a refusal, for instance."""
    refusal = "I cannot help with that."

    def told(count):
        spoilt = [refusal] * count + (MORE if side == "positive" else LESS)[count:]
        return doubts(spoilt, LESS) if side == "positive" else doubts(MORE, spoilt)

    assert told(4) == []
    (found,) = told(5)
    assert found.startswith(
        f"Of the answers under the {side} pole, 5 of 8 are one text in M ('i ca"
    )


def test_threefold_length_is_told_where_the_trait_is_not_length():
    """With the mean words of either pole."""
    longer = [f"{text} {text} {text}" for text in MORE]
    (told,) = doubts(longer, [f"Hey, pebble {i}, wow, yes, so what, man!" for i in range(N)])
    assert told.startswith("In M answers of one pole are 3.8 times as long as those of the other")
    assert "30 under the positive pole, 8 under the negative" in told
    assert doubts([f"{text} {text}" for text in MORE]) == []


def test_empty_answers_are_left_out_as_the_vector_leaves_them_out():
    """And of fewer than four no share is told."""
    assert doubts(["", *MORE[1:]], ["", *LESS[1:]]) == []
    assert doubts(MORE[:3], MORE[:3]) == []
    assert doubts([""] * N, LESS) == []
