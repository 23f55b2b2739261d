"""Judges whose accuracy and biases are known, and answers whose poles are."""

import hashlib
import math
import re
from dataclasses import dataclass, field

import numpy as np

from prefvec.judging.card import Labelled
from prefvec.judging.judge import Reply
from prefvec.text.rubrics import Rubric, Rubrics

RUBRICS = Rubrics(
    first=Rubric(name="first", text="How formal is the answer? 1 is casual, 5 is formal."),
    second=Rubric(name="second", text="In which register is it? 1 is slang, 5 is ceremony."),
)
_ANSWER = re.compile(r"<answer(?: ([AB]))?>\n(.*?)\n</answer(?: [AB])?>", re.DOTALL)


@dataclass
class ScriptedJudge:
    """Knows which answers are positive, errs as often as it is told, and leans as it is told.

    Attributes:
        truth: whether an answer is positive, by its text.
        accuracy: how often it takes an answer for what it is.
        first: probability that it prefers the first answer without looking.
        length: by how many marks it raises a doubled length.
        garbled: probability that its reply is no mark.
        logprobs: whether it tells log-probabilities.
        asked: every asking, in order.
    """

    truth: dict[str, bool]
    accuracy: float = 1.0
    first: float = 0.0
    length: float = 0.0
    garbled: float = 0.0
    logprobs: bool = True
    seed: int = 0
    name: str = "a scripted judge"
    asked: list = field(default_factory=list)

    def replies(self, askings):
        """One reply to each."""
        for asking in askings:
            self.asked.append(asking)
            yield asking, self._reply(asking)

    def _reply(self, asking):
        sheet = asking.sheet
        found = dict(_ANSWER.findall(sheet.user))
        if self._chance("garbled", *found.values(), asking.sample) < self.garbled:
            return Reply(text="As an assistant, I", logprobs=self._told("As", sheet.scale))
        said = self._compared(found) if "A" in found else self._marked(found[""], sheet.scale)
        return Reply(text=said, logprobs=self._told(said, sheet.scale), raw=said)

    def _marked(self, text, scale):
        rank = round(min(max(self.likes(text), 0.0), len(scale) - 1.0))
        return scale[rank]

    def _compared(self, found):
        if self._chance("place", found["A"], found["B"]) < self.first:
            return "A"
        return "A" if self.likes(found["A"]) >= self.likes(found["B"]) else "B"

    def likes(self, text):
        """What it thinks of an answer, in ranks of a scale of five."""
        taken = self.truth[text] ^ (self._chance("errs", text) >= self.accuracy)
        spread = self._chance("spread", text)  # between two marks of one side
        leaning = self.length * math.log2(max(1, len(text.split())) / 20)
        return (3 + spread if taken else spread) + leaning

    def _told(self, said, scale):
        if not self.logprobs:
            return None
        others = [mark for mark in scale if mark != said]
        rest = math.log(0.02 / len(others))
        return ((said, math.log(0.98)), *((mark, rest) for mark in others))

    def _chance(self, *what):
        digest = hashlib.sha256(repr((self.seed, *what)).encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64


def labelled(n, *, seed=0, longer=1.0):
    """Answers of both poles to n prompts.

    Args:
        n: prompts.
        seed: of their words.
        longer: by which factor answers of the positive pole are longer.
    """
    rng = np.random.default_rng(seed)
    found = []
    for k in range(n):
        for positive in (True, False):
            count = max(
                2, round(20 * math.exp(rng.normal(scale=0.3)) * (longer if positive else 1))
            )
            words = ["".join(rng.choice(list("abcdefgh"), 4)) for _ in range(count)]
            found.append(
                Labelled(
                    prompt=f"p{k}",
                    question=f"What is thing {k}?",
                    text=" ".join(words),
                    positive=positive,
                    words=float(count),
                )
            )
    return found


def truth_of(answers):
    """Whether each is positive, by its text."""
    return {each.text: each.positive for each in answers}
