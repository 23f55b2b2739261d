"""How formal an English text sounds, by what can be seen without a tagger."""

import re
from functools import lru_cache

from prefvec.text.metrics.counts import bare, words_of

NEUTRAL = 50.0
"""The score of a text with as many formal cues as casual ones, or with neither."""
LONG = 7
"""Letters of a long word: more than six, as in Björnsson's LIX (1968)."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ARTICLES = _listed("a an the")
_PREPOSITIONS = _listed(
    "about above across after against along amid among around at before behind below beneath "
    "beside between beyond by concerning despite during for from in into of on onto per "
    "regarding through throughout to toward towards under upon via with within without"
)
_PRONOUNS = _listed(
    "i me my mine myself we us our ours ourselves you your yours yourself yourselves he him "
    "his himself she her hers herself it its itself they them their theirs themselves"
)
_COLLOQUIAL = _listed(
    "ah anyway aw aww bye cool cuz damn dude dunno eh gimme gonna gosh gotta guess guy guys ha "
    "haha hello hey hi hmm huh kinda lemme lol nah nope oh ok okay oops ouch outta really sorry "
    "sorta stuff thanks totally ugh um uh wanna whoa wow yay yeah yep yes yup"
)
_CONTRACTION = re.compile(
    r"n't$|'(?:re|ve|ll|m|d)$|^(?:it|he|she|that|there|here|what|who|where|how|let)'s$"
)
_CLOSING = "\"'”’)]»"


def formality(text: str) -> float:
    """Formal against casual cues per word, from 0 (all casual) to 100 (all formal).

    50 · (1 + (formal − casual) / words), over the English words of the text. Formal: an article,
    a preposition, a word of seven letters or more. Casual, and then not formal: a personal
    pronoun, a contraction, an interjection or colloquial word, a word with an exclamation mark.

    It has the form of Heylighen & Dewaele's F-score (2002, "Variation in the contextuality of
    language", Foundations of Science 7, 293-340), with the word classes that a closed list can
    hold; long words stand in for its nouns and adjectives, and contractions and exclamation marks
    are added, which tell informal sentences in Pavlick & Tetreault (2016, "An empirical analysis
    of formality in online communication", TACL 4, 61-74).

    It is not the F-score, which needs a part-of-speech tagger, and it was not fitted to human
    judgements. It orders texts of one kind on average; of a single sentence, or as a value by
    itself, it says little. It reads English:
    words with other letters are left out, and without any English word the score is 50.

    Example:
        >>> pv.formality("It's gonna rain, yeah.") < pv.formality("It is therefore likely to rain.")
        True
    """
    cues = _cues(text)
    return NEUTRAL * (1 + sum(cues) / max(1, len(cues)))


def formality_cues(text: str) -> tuple[float, float]:
    """How many formal and how many casual cues `formality` finds in a text."""
    cues = _cues(text)
    return float(cues.count(1)), float(cues.count(-1))


@lru_cache(maxsize=2**16)
def _cues(text: str) -> tuple[int, ...]:
    """The cue of every English word of a text."""
    found: list[int] = []
    for chunk in words_of(text):
        word = bare(chunk).replace("’", "'")
        if word.isascii() and any(map(str.isalpha, word)):
            found.append(_cue(word, excited=chunk.rstrip(_CLOSING).endswith("!")))
    return tuple(found)


def _cue(word: str, *, excited: bool) -> int:
    """1 for a formal cue, -1 for a casual one, 0 for neither."""
    if excited or word in _PRONOUNS or word in _COLLOQUIAL or _CONTRACTION.search(word):
        return -1
    return int(word in _ARTICLES or word in _PREPOSITIONS or sum(map(str.isalpha, word)) >= LONG)
