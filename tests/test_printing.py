"""A terminal without Greek letters is no reason to fail."""

import io
import sys

from prefvec.printing import say


def test_what_a_terminal_lacks_is_escaped(monkeypatch):
    """In the middle of a run, too: progress lines name κ."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stdout", stream)
    say("native at κ 0.15", end="")
    assert stream.buffer.getvalue() == b"native at \\u03ba 0.15"
