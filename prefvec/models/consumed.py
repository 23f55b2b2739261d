"""How much of an answer has been said after each of its tokens, in characters."""

import itertools
from collections.abc import Iterable, Sequence

from prefvec.models.turns import alike


def by_offsets(offsets: Iterable[Sequence[int]], base: int, length: int) -> list[int]:
    """Characters consumed after each token, from offsets into a text that the answer ends.

    One character can take several tokens, each with the offsets of the whole character; it
    counts as consumed by the last of them only.

    Args:
        offsets: of each token of the answer, its first character and the one after its last.
        base: where in the text the answer begins.
        length: of the answer.
    """
    spans = [(int(first), int(last)) for first, last in offsets]
    ends = (
        first if (first, last) == following and last > first else last
        for (first, last), following in itertools.zip_longest(spans, spans[1:])
    )
    return _rising((end - base for end in ends), length)


def by_beginnings(beginnings: Sequence[str], length: int) -> list[int]:
    """Characters consumed after each token, from the texts that the first tokens say.

    A character of which some bytes are missing is said by none of them: there the beginning is
    not one of the whole text.

    Args:
        beginnings: the text of the first token, of the first two, and so on to all of them.
        length: of the answer, which stands in the last text after spaces, if any.
    """
    texts = [text.lstrip() for text in beginnings]
    return _rising((alike(text, texts[-1]) for text in texts), length)


def _rising(ends: Iterable[int], length: int) -> list[int]:
    """Numbers that never fall and end at the length of the answer."""
    consumed = list(itertools.accumulate((min(max(end, 0), length) for end in ends), max))
    if consumed:
        consumed[-1] = length
    return consumed
