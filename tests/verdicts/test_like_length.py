"""Steered answers beside prompted ones that are as long."""

import pytest

from prefvec.verdicts.like_length import LIKE, beside_prompted, component
from tests import plain_answers

LOOP = "no"
"""A word that stands for a loop: answers of it are not coherent."""


def said(prompt, words, *, coherent=True, sample=0):
    """An answer of so many words."""
    text = " ".join(["so" if coherent else LOOP] * words)
    return plain_answers.said(text, prompt=prompt, sample=sample)


def is_text(answer):
    """Whether an answer of `said` is one."""
    return LOOP not in answer.text


def test_length_that_costs_as_much_when_it_is_asked_for_costs_nothing():
    """Half of the long answers are loops, steered or asked; short ones never are."""
    steered = [said(f"p{i}", 80, coherent=i % 2 == 0) for i in range(10)]
    prompted = [said(f"p{i}", 80, coherent=i % 2 == 1) for i in range(10)]
    prompted += [said(f"p{i}", 10) for i in range(10)]
    found = beside_prompted(steered, prompted, is_text)
    assert found.differences.mean() == pytest.approx(0.0)
    assert found.matched == 1.0


def test_what_steering_costs_beyond_length_is_told():
    """All steered answers are loops, and a quarter of the prompted ones that are as long."""
    steered = [said(f"p{i}", 40, coherent=False) for i in range(8)]
    prompted = [said(f"p{i}", 40, coherent=i % 4 > 0) for i in range(8)]
    found = beside_prompted(steered, prompted, is_text)
    assert found.estimate is not None
    assert found.estimate.estimate == pytest.approx(-0.75)
    line = component("+c", found)
    assert line.role == "shown"
    assert line.name == "coherence beside prompted answers of like length at +c"
    assert line.sentence.startswith("Measured −75.0 points")


@pytest.mark.parametrize(
    ("words", "like"), [(80, True), (100, True), (125, True), (79, False), (126, False)]
)
def test_like_length_is_a_quarter_more_or_that_part(words, like):
    """Both ends belong to it."""
    assert LIKE == 1.25
    found = beside_prompted([said("p", 100)], [said("p", words)], is_text)
    assert found.matched == like
    assert len(found.differences) == like


def test_prompts_are_the_unit_and_answers_of_no_like_length_are_left_out():
    """Three answers to one prompt count as much as one to another."""
    steered = [said("a", 10, sample=k, coherent=False) for k in range(3)]
    steered += [said("b", 10), said("b", 900, sample=1), said("c", 900)]
    found = beside_prompted(steered, [said("a", 10)], is_text)
    assert sorted(found.differences) == [-1.0, 0.0]
    assert found.matched == pytest.approx(4 / 6)
    assert "67 % of the answers have one" in component("+c", found).sentence


def test_without_any_of_like_length_nothing_is_told():
    """Empty answers have no length to be alike in, but that of other empty ones."""
    found = beside_prompted([said("a", 0), said("b", 5)], [said("a", 50)], is_text)
    assert found.estimate is None
    assert component("+c", found).sentence == (
        "Not measured: 0 % of the answers have one within ×1.25 of their words."
    )
    assert beside_prompted([said("a", 0)], [said("a", 0)], is_text).matched == 1.0
