"""What a model wrote is read as it was written, in whichever tokens that was."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.text.prompts import Prompt
from prefvec.text.verbatim import Verbatim
from tests.models.test_dialect import answers
from tests.tiny import SPOKEN, tiny

QUESTION = Prompt(id="q", text="What is a river?", topic="earth")
BROKEN = "\N{REPLACEMENT CHARACTER}"


def as_written(model, ids):
    """The answer that generation makes of tokens."""
    return Verbatim(text=model.decode(ids), ids=tuple(ids), model=model.fingerprint)


def as_encoded(model, prompt, text):
    """A text in the tokens that its tokenizer chooses."""
    turn = model.encode_turn(prompt, text)
    return Verbatim(text=text, ids=tuple(turn.ids[turn.answer_start :]), model=model.fingerprint)


def in_pieces(model, text, cuts):
    """Tokens of a text cut anywhere: not those that its tokenizer would choose."""
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = [text[a:b] for a, b in pairwise(ends)]
    coded = (model.tokenizer(piece, add_special_tokens=False)["input_ids"] for piece in pieces)
    return [token for ids in coded for token in ids if token not in model.end_ids]


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
@settings(deadline=None, max_examples=40)
@given(text=answers, cuts=st.sets(st.integers(1, 60), max_size=20), space=st.booleans())
def test_characters_consumed_are_those_of_the_tokens_that_were_written(
    family, chat, text, cuts, space
):
    """Also where a merge was not used, a space stands first, or a character takes many tokens."""
    model = tiny(family, chat=chat)
    written = as_written(model, in_pieces(model, " " * space + text, cuts))
    turn, ids = model.encode_turn(QUESTION, written), list(written.ids)
    assert turn.ids == [*model.encode(QUESTION), *ids]
    assert turn.answer_start == len(turn.ids) - len(ids)
    assert len(turn.answer_ends) == len(ids)
    assert turn.answer_ends == sorted(turn.answer_ends)
    assert not ids or turn.answer_ends[-1] == len(written.text)
    for count, end in enumerate(turn.answer_ends, start=1):
        begun = model.decode(ids[:count])
        if BROKEN not in begun:
            assert begun == written.text[:end].strip()


@pytest.mark.parametrize("family", ["gpt2", "llama", "qwen3", "gemma", "mistral"])
def test_a_character_split_over_tokens_is_consumed_by_the_last_of_them(family):
    """Counted by hand: a letter, three bytes, a letter."""
    model = tiny(family)
    bytes_ = model.tokenizer("雨", add_special_tokens=False)["input_ids"][-3:]
    letter = model.tokenizer("a", add_special_tokens=False)["input_ids"][-1:]
    written = as_written(model, [*letter, *bytes_, *letter])
    assert written.text.startswith("a雨")
    ends = model.encode_turn(QUESTION, written).answer_ends
    assert ends == [1, 1, 1, 2, len(written.text)]


def test_tokens_that_the_tokenizer_would_merge_stay_apart():
    """Re-encoding gives fewer; the leading space that decoding strips counts for nothing."""
    model = tiny("gpt2")
    written = as_written(model, in_pieces(model, " water", range(7)))
    assert written.text == "water"
    turn, again = (model.encode_turn(QUESTION, each) for each in (written, "water"))
    assert len(again.ids) < len(turn.ids)
    assert turn.answer_ends == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
@pytest.mark.parametrize("closed", [False, True])
@settings(deadline=None, max_examples=30)
@given(text=answers)
def test_an_answer_encoded_as_it_was_written_is_read_as_its_text(family, chat, closed, text):
    """Then nothing at all differs."""
    model = tiny(family, chat=chat)
    written = as_encoded(model, QUESTION, text)
    if text and written.ids[-1] not in model.end_ids:
        plain = model.encode_turn(QUESTION, text, closed=closed)
        assert model.encode_turn(QUESTION, written, closed=closed) == plain


def test_another_model_reads_the_text():
    """Tokens mean nothing to it, even if it has as many."""
    model = tiny("gpt2")
    written = as_written(model, in_pieces(model, " water", range(7)))
    other = replace(written, model="another")
    assert model.encode_turn(QUESTION, other) == model.encode_turn(QUESTION, "water")
    assert model.encode_turn(QUESTION, written) != model.encode_turn(QUESTION, other)


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
def test_a_written_answer_is_closed_once(family, chat):
    """The token that ends an answer follows it, unless the last one has done so."""
    model = tiny(family, chat=chat)
    ids = in_pieces(model, "It is water.", {1, 4, 6})
    written = as_written(model, ids)
    turn = model.encode_turn(QUESTION, written, closed=True)
    assert turn.ids[turn.answer_start :] == [*ids, model.end_ids[0]]
    assert turn.answer_ends[-1] == len(written.text)
    ended = replace(written, ids=(*ids, model.end_ids[-1]))
    assert model.encode_turn(QUESTION, ended, closed=True).ids[-2:] == [ids[-1], model.end_ids[-1]]
