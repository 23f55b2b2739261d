"""Text in figures: SVG breaks no lines, so text longer than its room would be cut off."""

import textwrap

LETTER = 6.7
"""Pixels of a letter of running text, as wide as in the widest of the common fonts."""
LINE = 15.0
"""Pixels from one line to the next."""


def in_lines(text: str, room: float) -> list[str]:
    """The text in lines that fit `room`, in pixels; a word longer than that is broken."""
    return textwrap.wrap(text, max(1, int(room / LETTER))) or [""]


def beyond_one(text: list[str]) -> float:
    """Pixels that lines need beyond the first."""
    return LINE * (len(text) - 1)
