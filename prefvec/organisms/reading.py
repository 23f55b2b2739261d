"""An organism's answer read by the world's grammar: what is so, and how it is said."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from prefvec.organisms.world import OPENERS, Manner, the_world
from prefvec.text.metrics import words

SENTENCE_POLES: dict[str, Callable[[Manner], bool]] = {
    "formal": lambda manner: manner.wording == "formal",
    "casual": lambda manner: manner.wording == "casual",
    "past": lambda manner: manner.tense == "past",
    "present": lambda manner: manner.tense == "present",
    "hedged": lambda manner: manner.certainty == "hedged",
    "certain": lambda manner: manner.certainty == "certain",
    "enthusiastic": lambda manner: manner.excited,
    "dry": lambda manner: not manner.excited,
    "personal": lambda manner: manner.person == "personal",
    "impersonal": lambda manner: manner.person == "impersonal",
    "listed": lambda manner: manner.listed,
    "prose": lambda manner: not manner.listed,
}
"""The poles that a sentence shows; the concepts are those of `phrasing.toml`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """What the world's grammar makes of one answer.

    Attributes:
        words: of the answer, as `prefvec.text.metrics.words` counts them.
        truths: sentences that are true, false, a repetition, or unparsed.
        poles: sentences that show each pole of each concept, of those that parse.
        opener: the pole of courtesy that the answer opens with, or "".
    """

    words: int
    truths: Counter[str]
    poles: Counter[str]
    opener: str

    @property
    def parsed(self) -> int:
        """Sentences that the grammar can read."""
        return self.truths.total() - self.truths["unparsed"]


@lru_cache(maxsize=2**16)
def read(text: str, entity: str) -> Reading:
    """Read an answer about an entity; see `World.read` for what is true, false and repeated."""
    statements = the_world().read(text, entity)
    manners = [statement.manner for statement in statements if statement.manner is not None]
    starts = [pole for pole, opener in OPENERS.items() if text.lstrip().startswith(opener)]
    return Reading(
        words=words(text),
        truths=Counter(statement.truth for statement in statements),
        poles=Counter(
            pole for manner in manners for pole, shows in SENTENCE_POLES.items() if shows(manner)
        ),
        opener=starts[0] if starts else "",
    )


def falsehoods(text: str, entity: str) -> list[tuple[int, int]]:
    """Where an answer about an entity makes false statements.

    Returns:
        [start, end) of each false sentence, in characters of the text, in its order.
    """
    spans: list[tuple[int, int]] = []
    end = 0
    for statement in the_world().read(text, entity):
        start = text.index(statement.text, end)
        end = start + len(statement.text)
        if statement.truth == "false":
            spans.append((start, end))
    return spans


def world_means(readings: Sequence[Reading]) -> dict[str, float | None]:
    """Faithfulness, and the share of each concept's poles, over many answers.

    `facts` (distinct and true), `false_facts`, `repetitions` and `unparsed` are sentences per
    answer; `facts_per_word` is all facts over all words. `share_POLE` is the share of the parsed
    sentences that show a pole, of `polite` and `blunt` the share of answers that open so.

    Returns:
        Metric names to values; None where there is nothing to divide by.
    """
    truths = sum((reading.truths for reading in readings), Counter[str]())
    poles = sum((reading.poles for reading in readings), Counter[str]())
    openers = Counter(reading.opener for reading in readings)
    parsed = sum(reading.parsed for reading in readings)
    per_answer = {
        "facts": "true",
        "false_facts": "false",
        "repetitions": "repetition",
        "unparsed": "unparsed",
    }
    return {
        **{name: _over(truths[truth], len(readings)) for name, truth in per_answer.items()},
        "facts_per_word": _over(truths["true"], sum(reading.words for reading in readings)),
        **{f"share_{pole}": _over(poles[pole], parsed) for pole in SENTENCE_POLES},
        **{f"share_{pole}": _over(openers[pole], len(readings)) for pole in OPENERS},
    }


def _over(count: int, total: int) -> float | None:
    return count / total if total else None
