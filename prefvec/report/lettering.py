"""Text in figures: SVG breaks no lines, so text longer than its room would be cut off."""

import textwrap

LETTER = 6.7
"""Pixels of a letter of running text, as wide as in the widest of the common fonts."""
LINE = 15.0
"""Pixels from one line to the next."""


def in_lines(text: str, room: float) -> list[str]:
    """The text in lines that fit `room`, in pixels; a word longer than that is broken."""
    return textwrap.wrap(text, max(1, int(room / LETTER))) or [""]


def shortened(text: str, longest: int, front: int | None = None) -> str:
    """The text in at most so many letters, the sign for what is left out among them.

    Args:
        text: to be shortened where it is longer.
        longest: letters that there is room for.
        front: how many of them are of its front, the others of its end; all when None.
    """
    if len(text) <= longest:
        return text
    kept = longest - 1
    before = kept if front is None else min(front, kept)
    return f"{text[:before]}…{text[len(text) - (kept - before) :]}"


def beyond_one(text: list[str]) -> float:
    """Pixels that lines need beyond the first."""
    return LINE * (len(text) - 1)
