"""Where sentences end: not after "Dr.", "e.g." or a list's number, and in any script."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.organisms.corpus import documents, turns
from prefvec.text.metrics import finished, sentence_ends, sentences


def plainly(text: str) -> list[int]:
    """Oracle for the organisms' texts: after . ! ? before a space or the end."""
    return [
        i + 1
        for i, character in enumerate(text)
        if character in ".!?" and (i + 1 == len(text) or text[i + 1].isspace())
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It is 3.5 m. Is it? Yes!", ["It is 3.5 m.", " Is it?", " Yes!"]),
        ("Dr. Smith met Prof. Jones. They spoke.", ["Dr. Smith met Prof. Jones.", " They spoke."]),
        ("Fruit, e.g. Apples, i.e. Food. Eat it.", ["Fruit, e.g. Apples, i.e. Food.", " Eat it."]),
        ("1. Mix it.\n2. Bake it.", ["1. Mix it.", "\n2. Bake it."]),
        ("**1.** Mix it. 2. Bake it.", ["**1.** Mix it.", " 2. Bake it."]),
        ("a. Mix it.\niv. Bake it.", ["a. Mix it.", "\niv. Bake it."]),
        ("It was built in 1889. It is high.", ["It was built in 1889.", " It is high."]),
        ("42.", ["42."]),
        ("J. R. Smith and I. So it was.", ["J. R. Smith and I.", " So it was."]),
        ("They like vitamin C. It is good.", ["They like vitamin C.", " It is good."]),
        ("The U.S. Senate met at 5 p.m. Then it slept.", None),
        ("Roots, leaves etc. are good. So are stems etc.", None),
        ("The answer is no. See No. 5.", ["The answer is no.", " See No. 5."]),
        ("Wait... what? Well… Yes.", ["Wait... what?", " Well…", " Yes."]),
        ('He said "Why?" and left. "Go." She went.', None),
        ("**Ice.** It is cold.", ["**Ice.**", " It is cold."]),
        ("It was built by Dr.", []),
        ("No mark at the end", []),
        ("", []),
        ("今天天气很好。我们去公园吧！", ["今天天气很好。", "我们去公园吧！"]),
        ("彼は「はい。」と言った。", None),
        ("आज मौसम अच्छा है। हम चलते हैं।", ["आज मौसम अच्छा है।", " हम चलते हैं।"]),
        ("هل هذا ماء؟ نعم.", ["هل هذا ماء؟", " نعم."]),
        ("Das sind z.B. Steine. Der Hr. Müller.", ["Das sind z.B. Steine.", " Der Hr. Müller."]),
    ],
)
def test_sentences_end_where_a_reader_says(text: str, parts: list[str] | None) -> None:
    """By hand; None stands for what is written in `MORE`."""
    wanted = MORE[text] if parts is None else parts
    bounds = [0, *sentence_ends(text)]
    assert [text[a:b] for a, b in itertools.pairwise(bounds)] == wanted


MORE = {
    "The U.S. Senate met at 5 p.m. Then it slept.": [
        "The U.S. Senate met at 5 p.m.",
        " Then it slept.",
    ],
    "Roots, leaves etc. are good. So are stems etc.": [
        "Roots, leaves etc. are good.",
        " So are stems etc.",
    ],
    'He said "Why?" and left. "Go." She went.': [
        'He said "Why?" and left.',
        ' "Go."',
        " She went.",
    ],
    "彼は「はい。」と言った。": ["彼は「はい。」", "と言った。"],
}


@pytest.mark.parametrize("stream", [documents, turns])
def test_in_the_organisms_texts_every_mark_before_a_space_ends_a_sentence(stream) -> None:
    """And so in what is cut off anywhere."""
    for number, example in enumerate(itertools.islice(stream(7), 2000)):
        text = example.answer
        for said in (text, text[: number % (len(text) + 1)]):
            assert sentence_ends(said) == plainly(said)


@settings(deadline=None)
@given(st.text(st.sampled_from("abI Dr1.!?…。\"'*)\n") | st.characters(), max_size=80))
def test_ends_rise_and_lie_in_the_text(text: str) -> None:
    """Each is after a mark, and what is finished ends with the last of them or a line break."""
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert all(set(text[:end]) & set(".!?…؟۔।॥։。！？｡") for end in ends)
    last = max([text.rfind("\n") + 1, *ends])
    assert finished(text) == (text[:last] or text)


@pytest.mark.parametrize(
    "text",
    ["." * 10**6, "e.g. " * 10**5, "a." * 10**5 + "\"'" * 10**5 + "x", "(" * 10**6 + ". " * 9],
)
def test_long_texts_take_linear_time(text: str) -> None:
    """A second at most; a quadratic rule would take hours."""
    assert len(sentence_ends(text)) <= 10
    assert sentences(text) >= 0
