"""What an answer of a rehearsal says: how many words it would have, and a name of its own.

A judge reads the words, and by their names no two answers are one sheet. All texts are of one
length, and no letter of a name comes twice, so that none repeats itself more than another: whatever
the limits of coherence, no answer is a loop where others are not.
"""

import re
import zlib
from string import ascii_uppercase

_TOLD = re.compile(r"It is said in (\d{3}) words")
_LETTERS = 8
"""Of a name: there are more names than numbers that they are made of."""


def text_of(words: float, *what: object) -> str:
    """The text of an answer.

    Args:
        words: that it would have, below a thousand.
        what: tells it from every other answer.

    Example:
        >>> text_of(31.4, "mini-llama", "pebble", 0)
        'It is said in 031 words, FAXKUPCD. And so on.'
    """
    return f"It is said in {max(1, round(words)):03d} words, {_name(*what)}. And so on."


def words_told(text: str) -> list[int]:
    """How many words each of the answers in a text would have, in their order."""
    return [int(words) for words in _TOLD.findall(text)]


def number_of(*what: object) -> int:
    """32 bits that are a function of what they are for."""
    return zlib.crc32("\0".join(map(str, what)).encode())


def _name(*what: object) -> str:
    number, left, name = number_of(*what), list(ascii_uppercase), ""
    for _ in range(_LETTERS):
        number, place = divmod(number, len(left))
        name += left.pop(place)
    return name
