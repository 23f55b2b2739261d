"""Words and sentences, counted in any script."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from prefvec.text.metrics.sentence_ends import sentence_ends

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Kana and Han, which are written without spaces: each character counts as a word."""

_CHUNK = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")


def words_of(text: str) -> Iterator[str]:
    """The words of a text: what stands between spaces and holds a letter or a digit.

    "well-known" and "3.5" are one word, a dash alone is none, each Han or Kana character is
    one. Other scripts without spaces (Thai, Khmer, …) are not segmented.
    """
    for match in _CHUNK.finditer(text):
        if any(map(str.isalnum, match[0])):
            yield match[0]


def word_starts(text: str) -> Iterator[int]:
    """Where each word of `words_of` becomes one: the index of its first letter or digit.

    As many words stand in the first k characters as there are starts below k.

    Example:
        >>> [*word_starts('A "well-known" pebble - of 3.5 grams.')]
        [0, 3, 15, 24, 27, 31]
    """
    for match in _CHUNK.finditer(text):
        for index in range(*match.span()):
            if text[index].isalnum():
                yield index
                break


def bare(word: str) -> str:
    """A word of `words_of` without punctuation around it, case ignored; marks on letters stay."""
    if _is_of_a_word(word[0]) and _is_of_a_word(word[-1]):
        return word.casefold()
    kept = [i for i, character in enumerate(word) if _is_of_a_word(character)]
    return word[kept[0] : kept[-1] + 1].casefold() if kept else ""


@lru_cache(maxsize=2**12)
def _is_of_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


@lru_cache(maxsize=2**16)
def words(text: str) -> int:
    """Number of words, as `words_of` divides them.

    Example:
        >>> pv.words("A well-known pebble - of 3.5 grams.")
        6
    """
    return sum(1 for _ in words_of(text))


def sentences(text: str) -> int:
    """Number of sentences: parts that `sentence_ends` or a line break ends and that hold a word."""
    count = 0
    for line in text.splitlines():
        bounds = [0, *sentence_ends(line), len(line)]
        parts = (line[start:end] for start, end in pairwise(bounds))
        count += sum(any(map(str.isalnum, part)) for part in parts)
    return count


def finished(text: str) -> str:
    """A text without the sentence that it breaks off in; all of it where none is finished.

    Example:
        >>> finished("It is grey. It was found by")
        'It is grey.'
    """
    last = max([text.rfind("\n") + 1, *sentence_ends(text)[-1:]])
    return text[:last] if last else text


def words_per_sentence(text: str) -> float:
    """Words divided by sentences; 0 for a text without words."""
    return words(text) / max(1, sentences(text))
