"""Where a text is whole."""

import pytest

from prefvec.text.metrics import finished


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("It is grey. It was found by", "It is grey."),
        ("It is grey. It is old!", "It is grey. It is old!"),
        ("“It is grey.” It", "“It is grey.”"),
        ("It weighs 3.5 gr", "It weighs 3.5 gr"),
        ("- one\n- tw", "- one\n"),
        ("", ""),
    ],
)
def test_the_sentence_that_a_text_breaks_off_in_is_left_out(text, whole):
    """What is finished stays; of a text that finishes nothing, all of it."""
    assert finished(text) == whole
