"""Text in figures fits its room, and none of it is lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from prefvec.report.dose_response import dose_figure
from prefvec.report.lettering import LETTER, LINE, in_lines
from prefvec.report.row_figures import controls_figure
from tests.sample_claim import sample_claim

WORDS = st.lists(st.text("abcxyz", min_size=1, max_size=9), min_size=1, max_size=20)


@given(WORDS, st.floats(10 * LETTER, 700.0))
def test_lines_hold_every_word_in_order_and_fit(words, room):
    """Words shorter than the room stay whole."""
    lines = in_lines(" ".join(words), room)
    assert " ".join(lines).split() == words
    assert all(len(line) * LETTER <= room for line in lines)


@given(st.text(max_size=90), st.floats(1.0, 50.0))
def test_no_text_is_too_long_nor_too_short_for_lines(text, room):
    """A long word is broken rather than lost, and nothing is one empty line."""
    lines = in_lines(text, room)
    assert lines
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_long_names_of_arms_are_whole_in_both_figures_and_rows_keep_apart():
    """In the controls a row is as high as its name needs; the dose-response has a legend."""
    claim = sample_claim("x", title="x", kind="works", arms={"native": 0.5, "adapted": 0.3})
    name = "its own vector, where answers of sixty letters are asked for"
    claim["arms"][0] |= {"name": "own", "label": name}
    claim["arms"][1] |= {"name": "other", "label": name[::-1]}
    dose, controls = dose_figure(claim), controls_figure(claim)
    assert {name, name[::-1]} <= {one.label for one in dose.series}
    assert [" ".join(row.lines) for row in controls.rows] == [row.label for row in controls.rows]
    assert [row.label for row in controls.rows][:2] == [name, name[::-1]]
    half = [LINE * len(row.lines) / 2 for row in controls.rows]
    ends = [(row.y - h, row.y + h) for row, h in zip(controls.rows, half, strict=True)]
    assert all(above[1] <= below[0] for above, below in pairwise(ends))
    assert ends[0][0] >= 0
    assert ends[-1][1] <= controls.height
