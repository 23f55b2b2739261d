"""Whether a model goes on where it could stop, read from given answers."""

import math
from dataclasses import replace
from statistics import fmean

import pytest
import torch
from hypothesis import given, settings

from prefvec.errors import PrefvecError
from prefvec.generation.ending_odds import (
    could_end,
    going_on_odds,
    going_on_shift,
    going_on_shifts,
)
from prefvec.vectors.steering import UNSTEERED, Steering
from tests.diagnostics.test_likelihood import dose, plainly
from tests.strategies import coefficients
from tests.tiny import FAMILIES, questions, tiny

TWO = "A river flows to the sea. The sea is wide."
ONE = "Water! It flows"
NONE = "naïve — 🦊 3.5"
RIVER, LEAVES, BREAD, CLOCK = questions()
TURNS = [
    (RIVER, TWO),
    (RIVER, ONE),
    (RIVER, NONE),
    (LEAVES, NONE),
    (LEAVES, "Yes no"),
    (BREAD, ""),
    (CLOCK, ONE),
]


def plain_odds(model, said, steering: Steering, answers_read: int) -> float:
    """Oracle: 1 − P over P from a plain pass, where so many characters have been said.

    None of these is the last of several tokens that end there.
    """
    turn = model.encode_turn(*said, closed=True)
    after = max(
        [i + 1 for i, end in enumerate(turn.answer_ends[:-1]) if end <= answers_read], default=0
    )
    end = float(plainly(model, turn, steering)[after].exp()[list(model.end_ids)].sum())
    return math.log((1 - end) / end)


def plain_shift(model, said, steering: Steering, answers_read: int) -> float:
    """Oracle: half of the difference between the two directions."""
    against = replace(steering, coefficient=-steering.coefficient)
    ahead, behind = (plain_odds(model, said, one, answers_read) for one in (steering, against))
    return (ahead - behind) / 2


@pytest.mark.parametrize("family", FAMILIES)
def test_shifts_are_those_of_plain_passes_at_the_sentence_ends(family):
    """Pooled over a prompt's answers; at the last position where no sentence ends."""
    model = tiny(family)
    steering = dose(model, 0.6)
    found = going_on_shift(model, TURNS, steering)
    wanted = {
        "river": [((RIVER, TWO), 25), ((RIVER, TWO), len(TWO)), ((RIVER, ONE), 6)],
        "leaves": [((LEAVES, NONE), len(NONE)), ((LEAVES, "Yes no"), 6)],
        "bread": [((BREAD, ""), 0)],
        "clock": [((CLOCK, ONE), 6)],
    }
    assert list(found) == list(wanted)
    for prompt, places in wanted.items():
        expected = fmean(plain_shift(model, said, steering, read) for said, read in places)
        assert found[prompt] == pytest.approx(expected, rel=1e-3, abs=1e-4)


@settings(max_examples=6)
@given(coefficient=coefficients)
def test_the_negative_turns_the_sign(coefficient):
    """Bit for bit, of the vector and of the coefficient."""
    model = tiny("llama")
    steering = dose(model, coefficient)
    found = going_on_shift(model, TURNS, steering)
    assert steering.vector is not None
    opposite = (
        replace(steering, vector=-steering.vector),
        replace(steering, coefficient=-coefficient),
    )
    for other in opposite:
        shifts = going_on_shift(model, TURNS, other)
        assert shifts == {prompt: -shift for prompt, shift in found.items()}


@pytest.mark.parametrize("family", FAMILIES)
def test_no_dose_shifts_nothing_at_all(family):
    """Exactly 0."""
    model = tiny(family)
    for nothing in (UNSTEERED, dose(model, 0.0)):
        assert set(going_on_shift(model, TURNS, nothing).values()) == {0.0}


@settings(max_examples=4)
@given(coefficient=coefficients)
def test_repeated_answers_count_each_time_in_batches_of_any_size(coefficient):
    """A prompt's mean is over sentence ends, not over distinct answers."""
    model = tiny("mistral")
    steering = dose(model, coefficient)
    alone = [going_on_shift(model, [(RIVER, text)], steering)["river"] for text in (TWO, ONE)]
    turns = [(RIVER, TWO), (RIVER, ONE), (RIVER, ONE)]
    found = going_on_shift(model, turns, steering, batch_size=1)["river"]
    assert found == pytest.approx((2 * alone[0] + 2 * alone[1]) / 4, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_several_steerings_at_once_shift_what_each_shifts_alone(family):
    """Bit for bit, also where one is added at every token, so that prompts are read anew."""
    model = tiny(family)
    doses = [dose(model, 0.6), replace(dose(model, 0.3), positions="all"), dose(model, -1.0)]
    together = going_on_shifts(model, TURNS, doses)
    assert together == [going_on_shift(model, TURNS, one) for one in doses]
    assert len({shift["river"] for shift in together}) == len(doses)


def test_odds_are_computed_by_hand():
    """Logits ln 1, ln 2, ln 3, ln 4: with the second and fourth ending, (1 + 3) / (2 + 4)."""
    logits = torch.tensor([[1.0, 2.0, 3.0, 4.0]]).log()
    assert going_on_odds(logits, [1, 3]).tolist() == [pytest.approx(math.log(4 / 6))]
    assert going_on_odds(logits + 50, [0]).tolist() == [pytest.approx(math.log(9), rel=1e-5)]


def test_odds_agree_with_the_softmax_and_go_on_where_it_has_no_digits_left():
    """300 positions, in float64; and an end so likely, or unlikely, that 1 − P is 0 or 1."""
    logits = 3 * torch.randn(300, 50, generator=torch.Generator().manual_seed(0))
    kept = logits.clone()
    end = logits.double().softmax(dim=1)[:, [4, 9]].sum(dim=1)
    torch.testing.assert_close(
        going_on_odds(logits, [4, 9]), ((1 - end) / end).log(), rtol=1e-5, atol=1e-5
    )
    assert torch.equal(logits, kept)
    far = torch.tensor([[0.0, 90.0], [90.0, 0.0]])
    assert going_on_odds(far, [1]).tolist() == [-90, 90]


@pytest.mark.parametrize("family", FAMILIES)
def test_sentences_end_with_a_token(family):
    """After ! and . before a space or the end, and nowhere else."""
    model = tiny(family)
    for answer, ends in ((TWO, [25, len(TWO)]), (ONE, [6]), (NONE, []), ("", [])):
        turn = model.encode_turn(RIVER, answer)
        assert [turn.answer_ends[i - 1] for i in could_end(turn, answer)] == ends


def test_no_answers_have_no_odds():
    """And a vector of another model is refused."""
    model = tiny("mistral")
    with pytest.raises(PrefvecError, match="no odds of going on"):
        going_on_shift(model, [], dose(model, 1.0))
    with pytest.raises(PrefvecError, match="does not belong"):
        going_on_shift(model, TURNS, dose(tiny("llama"), 1.0))
