"""Where the sentences of a text end, in any script.

The boundaries are those of Unicode's sentence segmentation (UAX #29) with suppressions: a full stop
that belongs to an abbreviation, an initial or a list's number ends no sentence. Nothing is learnt
and no language is guessed; where a full stop does both ("etc."), what follows it decides.
"""

import re
from collections.abc import Iterator

_CLOSING = "\"'”’»›)\\]}*_"
_SPACED, _UNSPACED = ".!?…؟۔।॥։", "。！？｡"
_END = re.compile(
    rf"(?<![{_SPACED}])[{_SPACED}]++[{_CLOSING}]*+(?=\s|$)"
    rf"|[{_UNSPACED}]++[」』）】{_CLOSING}]*+"
)
"""Marks before a space or the end; in scripts without spaces, before anything."""
_OPENING = "\"'“‘„«‹([{*_-–—•#> \t"
_NEXT = re.compile(rf"[^\s{re.escape(_OPENING)}]")
_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_LONGEST = 80
"""Characters before a mark that can decide what it is."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _listed(
    "Dr Dres Mr Mrs Ms Mx Messrs Prof St Ste Mt Rev Gen Col Sgt Capt Lt Cmdr Maj Hon Gov Sen Rep "
    "Pres Mme Mlle Hr Sra Srta"
)
"""Before a name; written in small letters they may be other words."""
_WITHIN = _listed("e.g i.e eg ie cf c.f vs viz approx ca resp incl esp z.b d.h u.a bzw p.ej")
"""Before what they introduce."""
_NUMBERED = _listed("no nos nr fig figs vol pp p ch eq art jan feb apr aug sep sept oct nov dec")
"""Abbreviations before a number only."""
_EITHER = _listed(
    "etc inc ltd co corp jr sr dept est ave al usw max min hr hrs ft lb lbs oz tbsp tsp a.m p.m "
    "ph.d"
)
"""Within a sentence where small letters follow."""


def sentence_ends(text: str) -> list[int]:
    """Numbers of characters after which a sentence ends, the marks and quotes after it included.

    Example:
        >>> text = 'Dr. Ice melts at 0.5 °C, e.g. in May. "Why?" 因为暖和。'
        >>> [text[:end][-6:] for end in sentence_ends(text)]
        ['n May.', ' "Why?"', '因为暖和。']
    """
    return [*_ends(text)]


def _ends(text: str) -> Iterator[int]:
    start = 0
    for match in _END.finditer(text):
        since = max(start, match.start() - _LONGEST)
        line = text[since : match.start()].rpartition("\n")[2].strip(_OPENING)
        found = _NEXT.search(text, match.end())
        follows = found[0] if found else ""
        if _NUMBER.fullmatch(line):
            ends = not start and not follows
        else:
            ends = _ends_here(line, match[0], follows)
        if ends:
            yield match.end()
            start = match.end()


def _ends_here(line: str, mark: str, follows: str) -> bool:
    """Whether a mark ends the sentence that the line has so far."""
    goes_on = follows.islower()
    if mark.startswith(("...", "…")) or mark[-1] in _CLOSING:
        return not goes_on
    if mark != ".":
        return True
    *before, word = line.split() or [""]
    word = word.strip(_OPENING)
    if word in _TITLES or word.casefold() in _WITHIN:
        return False
    if word.casefold() in _NUMBERED:
        return not follows.isdigit()
    if word.casefold() in _EITHER:
        return not goes_on
    if _DOTTED.fullmatch(word):
        return not follows
    return not _is_initial(word, before) or not follows


def _is_initial(word: str, before: list[str]) -> bool:
    """Whether a letter stands for a name, as after another name or at the beginning."""
    if len(word) != 1 or not word.isupper() or word == "I":
        return False
    return not before or before[-1].strip(_OPENING)[:1].isupper()
