"""Judges whose accuracy and biases are known, and answers whose poles are."""

import math
from dataclasses import dataclass, field

import numpy as np

from prefvec.judging import scripted
from prefvec.judging.card import Labelled
from prefvec.text.rubrics import Rubric, Rubrics

RUBRICS = Rubrics(
    first=Rubric(name="first", text="How formal is the answer? 1 is casual, 5 is formal."),
    second=Rubric(name="second", text="In which register is it? 1 is slang, 5 is ceremony."),
)


@dataclass(kw_only=True)
class ScriptedJudge(scripted.ScriptedJudge):
    """Keeps what it was asked.

    Attributes:
        asked: every asking, in order.
    """

    asked: list = field(default_factory=list)

    def replies(self, askings):
        """One reply to each."""
        for asking in askings:
            self.asked.append(asking)
            yield from super().replies([asking])


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
