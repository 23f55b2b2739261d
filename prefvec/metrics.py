"""What a text measures: one number per answer, in time linear in its length.

Every function takes any string, the empty one and broken Unicode included.
"""

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Kana and Han, which are written without spaces: each character counts as a word."""

_CHUNK = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
_FULL_WIDTH_END = re.compile(r"[。！？]+")
_CLOSING = "\"'”’)]»"


def words_of(text: str) -> Iterator[str]:
    """The words of a text: what stands between spaces and holds a letter or a digit.

    "well-known" and "3.5" are one word, a dash alone is none, each Han or Kana character is
    one. Other scripts without spaces (Thai, Khmer, …) are not segmented.
    """
    for match in _CHUNK.finditer(text):
        if any(map(str.isalnum, match[0])):
            yield match[0]


@lru_cache(maxsize=2**16)
def words(text: str) -> int:
    """Number of words, as `words_of` divides them."""
    return sum(1 for _ in words_of(text))


def sentences(text: str) -> int:
    """Number of sentences: parts that end in . ! ? … or a line break and hold a word.

    A full stop inside a number does not end one; an abbreviation before a space does.
    """
    count = 0
    for line in _FULL_WIDTH_END.sub("\n", text).splitlines():
        spoken = False
        for chunk in line.split():
            spoken = spoken or any(map(str.isalnum, chunk))
            if spoken and chunk.rstrip(_CLOSING).endswith((".", "!", "?", "…")):
                count, spoken = count + 1, False
        count += spoken
    return count


def words_per_sentence(text: str) -> float:
    """Words divided by sentences; 0 for a text without words."""
    return words(text) / max(1, sentences(text))


def repeated_4gram_share(text: str) -> float:
    """Share of a text's 4-word sequences that stood in it before, case ignored.

    0 for a text of fewer than four words; near 1 for a loop.
    """
    spoken = [word.casefold() for word in words_of(text)]
    total = len(spoken) - 3
    if total < 1:
        return 0.0
    distinct = len(set(zip(spoken, spoken[1:], spoken[2:], spoken[3:], strict=False)))
    return 1 - distinct / total


def compression_ratio(text: str) -> float:
    """Bytes of the text in UTF-8 over bytes after zlib; high for loops, 0 for an empty text.

    The measure by which Whisper's decoder rejects loops (Radford et al. 2022). It grows with
    length, so compare texts of one length only.
    """
    raw = text.encode("utf-8", errors="surrogatepass")
    return len(raw) / len(zlib.compress(raw, 6))
