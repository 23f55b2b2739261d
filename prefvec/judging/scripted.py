"""Judges whose accuracy and leanings are known: what a card must find of them.

A card is an instrument as much as a verdict is, and can be wrong. So three judges of a known
accuracy are held against the very answers that a run's judge is held against; of one of them it is
known that it prefers whatever stands first, of another that it marks up what is longer.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from prefvec.judging.bench import Bench
from prefvec.judging.card import JudgeCard, Labelled, card_of
from prefvec.judging.judge import Asking, Reply
from prefvec.judging.replies import ReplyStore
from prefvec.judging.sheets import as_data
from prefvec.text.rubrics import Rubrics

ACCURACY = 0.97
"""How often the three take an answer for what it is: often enough to pass."""
_ANSWER = re.compile(r"<answer(?: ([AB]))?>\n(.*?)\n</answer(?: [AB])?>", re.DOTALL)


@dataclass(kw_only=True)
class ScriptedJudge:
    """Knows which answers deserve high marks, errs as often as it is told, and leans as it is told.

    Attributes:
        truth: whether an answer deserves a high mark, by its text as a judge reads it.
        accuracy: how often it takes an answer for what it is.
        first: probability that it prefers the first of two answers without looking.
        length: by how many marks it raises a doubled length.
        usual: the number of words at which it raises nothing.
        garbled: probability that its reply is no mark.
        logprobs: whether it tells log-probabilities.
        seed: of its errors.
        name: its name.
    """

    truth: dict[str, bool]
    accuracy: float = 1.0
    first: float = 0.0
    length: float = 0.0
    usual: float = 20.0
    garbled: float = 0.0
    logprobs: bool = True
    seed: int = 0
    name: str = "a scripted judge"

    def replies(self, askings: Sequence[Asking]) -> Iterator[tuple[Asking, Reply]]:
        """One reply to each."""
        for asking in askings:
            yield asking, self._reply(asking)

    def likes(self, text: str) -> float:
        """What it thinks of an answer, in ranks of a scale of five."""
        taken = self.truth[text] ^ (self._chance("errs", text) >= self.accuracy)
        spread = self._chance("spread", text)  # between two marks of one side
        leaning = self.length * math.log2(max(1, len(text.split())) / self.usual)
        return (3 + spread if taken else spread) + leaning

    def _reply(self, asking: Asking) -> Reply:
        sheet = asking.sheet
        found: dict[str, str] = dict(_ANSWER.findall(sheet.user))
        if self._chance("garbled", *found.values(), asking.sample) < self.garbled:
            return Reply(text="As an assistant, I", logprobs=self._told("As", sheet.scale))
        said = self._compared(found) if "A" in found else self._marked(found[""], sheet.scale)
        return Reply(text=said, logprobs=self._told(said, sheet.scale), raw=said)

    def _marked(self, text: str, scale: str) -> str:
        top = len(scale) - 1
        return scale[round(min(max(self.likes(text) * top / 4, 0.0), top))]

    def _compared(self, found: dict[str, str]) -> str:
        if self._chance("place", found["A"], found["B"]) < self.first:
            return "A"
        return "A" if self.likes(found["A"]) >= self.likes(found["B"]) else "B"

    def _told(self, said: str, scale: str) -> tuple[tuple[str, float], ...] | None:
        if not self.logprobs:
            return None
        others = [mark for mark in scale if mark != said]
        rest = math.log(0.02 / len(others))
        return ((said, math.log(0.98)), *((mark, rest) for mark in others))

    def _chance(self, *what: object) -> float:
        digest = hashlib.sha256(repr((self.seed, *what)).encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64


@dataclass(frozen=True, kw_only=True)
class KnownJudge:
    """One of the three, and its card.

    Attributes:
        known: what it was told to do, in words.
        biases: what its card must find, and nothing besides.
        card: what was found.
    """

    known: str
    biases: tuple[str, ...]
    card: JudgeCard

    @property
    def found(self) -> bool:
        """Whether the card passes it and finds its leanings alone."""
        return self.card.passed and self.card.biases == self.biases


_SCRIPTS: tuple[tuple[str, dict[str, float]], ...] = (
    ("right in 97 % of answers", {}),
    ("right in 97 %, and for the first answer in 60 % of pairs", {"first": 0.6}),
    ("right in 97 %, and half a mark up for a doubled length", {"length": 0.5}),
)
_BIAS = {"first": "position", "length": "length"}


def known_judges(labelled: Sequence[Labelled], rubrics: Rubrics) -> tuple[KnownJudge, ...]:
    """What a card finds of three judges whose accuracy and leanings are known.

    Args:
        labelled: the answers that the run's judge is held against.
        rubrics: the trait's; the first is asked.

    Raises:
        PrefvecError: if the labelled set cannot tell.

    Example:
        >>> from prefvec.judging.card import Labelled
        >>> from prefvec.text.rubrics import Rubric, Rubrics
        >>> rubrics = Rubrics(
        ...     first=Rubric(name="first", text="How long?"),
        ...     second=Rubric(name="second", text="How wordy?"),
        ... )
        >>> answers = [
        ...     Labelled(
        ...         prompt=str(k), question="?", text=f"{k} " + "word " * (9 + k % 20) + mood,
        ...         positive=mood == "so", words=11.0 + k % 20,
        ...     )
        ...     for k in range(80)
        ...     for mood in ("so", "or")
        ... ]
        >>> [judge.card.passed for judge in known_judges(answers, rubrics)]
        [True, True, True]
    """
    truth = truth_of(labelled, rubrics.higher)
    usual = median(max(1.0, each.words) for each in labelled)
    found: list[KnownJudge] = []
    for known, leaning in _SCRIPTS:
        judge = ScriptedJudge(
            truth=truth,
            accuracy=ACCURACY,
            usual=usual,
            first=leaning.get("first", 0.0),
            length=leaning.get("length", 0.0),
            name=f"scripted: {known}",
        )
        with ReplyStore(":memory:") as store:
            card = card_of(Bench(judge, store), labelled, rubrics.first, rubrics.higher)
        biases = tuple(_BIAS[each] for each in leaning)
        found.append(KnownJudge(known=known, biases=biases, card=card))
    return tuple(found)


def truth_of(labelled: Iterable[Labelled], higher: int = 1) -> dict[str, bool]:
    """Whether each answer deserves a high mark, by its text as a judge reads it.

    Args:
        labelled: answers whose pole is known.
        higher: 1 where the positive pole gets the high marks, else −1.
    """
    return {as_data(each.text): each.positive == (higher > 0) for each in labelled}
