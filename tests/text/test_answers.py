"""Answers stand beside their questions, dose by dose."""

import pytest

from prefvec.errors import PrefvecError
from prefvec.text.answers import Answers
from prefvec.text.completions import Completion
from prefvec.text.prompts import Prompt

SAID = {
    -1.0: ("Grey.", ""),
    0.0: ("It is grey.", "Wet."),
    1.0: ("It is a grey stone.", "Very wet."),
}
ASKED = (
    Prompt(id="pebble", text="What is a pebble?", topic="stones"),
    Prompt(id="rain", text="What is rain?", topic="weather", instruction="Answer briefly."),
)


def answers() -> Answers:
    """Two questions at three doses."""
    return Answers(
        prompts=ASKED * len(SAID),
        completions=tuple(
            Completion(
                prompt=prompt.id,
                sample=0,
                text=text,
                n_tokens=len(text),
                finish_reason="stop",
                arm="verbosity",
                coefficient=dose,
            )
            for dose, texts in SAID.items()
            for prompt, text in zip(ASKED, texts, strict=True)
        ),
    )


def test_answers_are_a_sequence_of_completions():
    """Indexed, sliced, counted and iterated like a list."""
    found = answers()
    assert len(found) == 6
    assert found[0].text == "Grey."
    assert [answer.text for answer in found[2:4]] == ["It is grey.", "Wet."]
    assert found[2:4].prompts == ASKED


def test_answers_at_a_dose_keep_their_questions():
    """Doses are told lowest first, and one that is not there is a sentence."""
    found = answers()
    assert found.coefficients == (-1.0, 0.0, 1.0)
    assert [a.text for a in found.at(+1)] == ["It is a grey stone.", "Very wet."]
    assert found.at(+1).prompts == ASKED
    with pytest.raises(PrefvecError, match=r"no answers at \+2: there are at -1, \+0, \+1"):
        found.at(2)


def test_the_summary_counts_words_at_each_dose():
    """By hand: 1 and 0 words, 3 and 1, 5 and 2."""
    assert answers().summary() == (
        "6 answers to 2 questions; words per answer: 0.5 at -1, 2.0 at +0, 3.5 at +1"
    )
    assert answers().at(1).mean(len) == (19 + 9) / 2


def test_turns_leave_empty_answers_out():
    """There is nothing to read in them."""
    turns = answers().turns
    assert len(turns) == 5
    assert turns[0] == (ASKED[0], "Grey.")
    assert all(text for _, text in turns)


def test_printed_answers_stand_below_their_question():
    """The lowest dose first; an instruction in brackets."""
    assert str(answers()).splitlines() == [
        "What is a pebble?",
        "  -1  Grey.",
        "  +0  It is grey.",
        "  +1  It is a grey stone.",
        "What is rain? (Answer briefly.)",
        "  -1  ",
        "  +0  Wet.",
        "  +1  Very wet.",
    ]


def test_every_answer_has_its_prompt():
    """A list of prompts of another length is refused."""
    found = answers()
    with pytest.raises(PrefvecError, match="6 answers to 2 prompts"):
        Answers(prompts=ASKED, completions=found.completions)
