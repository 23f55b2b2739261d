"""Answers come out of the archive as they went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from reports.archive import packed, unpacked

answers = st.lists(
    st.fixed_dictionaries(
        {
            "arm": st.sampled_from(["native", "random-0"]),
            "coefficient": st.sampled_from([-1.0, 0.0, 1.0]),
            "prompt": st.text(st.characters(codec="utf-8"), max_size=4),
            "text": st.text(st.characters(codec="utf-8")),
            "false": st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), max_size=2),
        }
    )
)


@given(answers)
def test_what_was_packed_is_unpacked(rows):
    """Whatever a model has written; twice the same makes the same text."""
    assert unpacked(packed(rows)) == rows
    assert packed(rows) == packed(rows)


@pytest.mark.parametrize("text", ["!", "AAAA", ""])
def test_what_was_never_packed_is_refused(text):
    """By an error that says so, and not by what zlib or JSON make of it."""
    with pytest.raises(PrefvecError, match="cannot be unpacked"):
        unpacked(text)
