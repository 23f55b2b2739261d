"""Lexical diversity that does not fall merely because a text is longer."""

from collections.abc import Sequence
from functools import lru_cache

from prefvec.text.metrics.counts import bare, words_of

FACTOR_SIZE = 0.72
"""The type-token ratio at which a factor is complete (McCarthy & Jarvis 2010)."""


def mtld(*texts: str) -> float:
    """Measure of textual lexical diversity: words read until words begin to come back.

    The mean number of words in a row whose type-token ratio stays above 0.72, forwards and
    backwards; what is left at the end counts as the part of a factor it has covered. Case and
    punctuation around a word are ignored, inflected forms are types of their own.

    Several texts are measured each by itself and their words and factors added up. So their mean
    is not carried away by short answers, in which hardly a word comes twice. Reliable from about
    100 words on (Koizumi & In'nami 2012); below that a rough figure.

    McCarthy & Jarvis (2010), "MTLD, vocd-D, and HD-D: A validation study of sophisticated
    approaches to lexical diversity assessment", Behavior Research Methods 42, 381-392.

    Returns:
        Words per factor, at least 1; the number of words where none comes twice, which is a
        lower bound; 0 without words.
    """
    counted = [_factors(text) for text in texts]
    total = sum(count for count, _, _ in counted)
    forwards = sum(there for _, there, _ in counted)
    backwards = sum(back for _, _, back in counted)
    return (_ratio(total, forwards) + _ratio(total, backwards)) / 2


def _ratio(words: int, factors: float) -> float:
    return words / factors if factors else float(words)


@lru_cache(maxsize=2**16)
def _factors(text: str) -> tuple[int, float, float]:
    """Words of a text, and its factors forwards and backwards."""
    types = [bare(word) for word in words_of(text)]
    return len(types), factors(types), factors(types[::-1])


def factors(types: Sequence[str]) -> float:
    """How often the type-token ratio falls to 0.72 in a row of words, the last part included.

    Args:
        types: words as they are compared with each other.
    """
    complete, read, ratio = 0, 0, 1.0
    seen: set[str] = set()
    for word in types:
        seen.add(word)
        read += 1
        ratio = len(seen) / read
        if ratio <= FACTOR_SIZE:
            complete, read, ratio = complete + 1, 0, 1.0
            seen.clear()
    return complete + (1 - ratio) / (1 - FACTOR_SIZE)
