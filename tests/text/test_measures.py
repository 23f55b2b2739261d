"""Each prompt's answers become one value on the log scale."""

import math
from dataclasses import replace

import numpy as np
import pytest

from prefvec.text.measures import FORMALITY, MEASURES, WORDS, Measure, answer_words
from tests.plain_answers import said


def _value(measure: Measure, *texts: str) -> float:
    counts = [measure.count(said(text)) for text in texts]
    speaking_for, against = (np.array([sum(side)]) for side in zip(*counts, strict=True))
    return float(measure.log_values(speaking_for, against, len(texts))[0])


def test_words_are_one_plus_their_mean():
    """ln(1 + mean words), over the samples of a prompt."""
    assert _value(WORDS, "one two three", "five") == pytest.approx(math.log(1 + 2))


def test_expected_words_go_before_those_of_the_text():
    """Where the sampler has found them; what else is measured stays with the text."""
    told = replace(said("concerning the Philharmonic: we"), expected_words=2.5)
    assert WORDS.count(told) == (2.5, 0.0)
    assert WORDS.count(said(told.text)) == (4.0, 0.0)
    assert FORMALITY.count(told) == FORMALITY.count(said(told.text))
    assert answer_words(told) == 2.5


def test_a_balance_is_the_empirical_log_odds():
    """Three formal cues against one casual: ln(3.5 / 1.5); without cues 0."""
    text = "concerning the Philharmonic: we"
    assert FORMALITY.count(said(text)) == (3.0, 1.0)
    assert _value(FORMALITY, text) == pytest.approx(math.log(3.5 / 1.5))
    assert _value(FORMALITY, "", "x y") == 0.0


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda m: m.name)
def test_a_reversed_measure_negates_and_swaps_its_words(measure: Measure):
    """What raises a measure lowers its reverse by as much; reversed twice, nothing changed."""
    text = "I gotta tell you about the extraordinary expedition"
    assert _value(measure.reversed(), text) == -_value(measure, text)
    assert (measure.reversed().up, measure.reversed().down) == (measure.down, measure.up)
    assert measure.reversed().reversed().sign == measure.sign
