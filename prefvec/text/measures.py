"""What an effect is measured in: each prompt's answers become one value on the log scale."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from prefvec.text.completions import Completion
from prefvec.text.metrics import formality_cues, words

Counts = tuple[float, float]
"""Of one answer: what speaks for the measured quality, and what speaks against it."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A quality of answers whose changes are factors.

    Attributes:
        name: names it in files, in `[a-z0-9-]`.
        what: what is counted, e.g. "words per answer" or "formal over casual cues".
        up: what an answer with more of it is, e.g. "longer".
        down: what an answer with less of it is, e.g. "shorter".
        count: for and against, of one answer; at least 0.
        form: "amount": y = ln(1 + mean of what speaks for it); "balance": the empirical log odds
            y = ln((sum for + ½) / (sum against + ½)), whose ½ keeps it finite and takes away the
            bias of first order (Haldane 1956; Anscombe 1956).
        sign: 1, or −1 where less of the counted quantity is more of the quality.
    """

    name: str
    what: str
    up: str
    down: str
    count: Callable[[Completion], Counts]
    form: Literal["amount", "balance"]
    sign: Literal[-1, 1] = 1

    @property
    def quantity(self) -> str:
        """What an effect is a factor of: an amount itself, of a balance its odds."""
        return self.what if self.form == "amount" else f"odds of {self.what}"

    def log_values(
        self, speaking_for: NDArray[np.float64], against: NDArray[np.float64], answers: int
    ) -> NDArray[np.float64]:
        """The value y of every prompt, from the sums over its answers.

        Args:
            speaking_for: by prompt, summed over its answers.
            against: likewise.
            answers: answers to a prompt.
        """
        if self.form == "amount":
            return self.sign * np.log1p(speaking_for / answers)
        return self.sign * np.log((speaking_for + 0.5) / (against + 0.5))

    def reversed(self) -> "Measure":
        """The same quantity for the opposite quality: of a trait whose positive pole is less."""
        return replace(
            self,
            name=f"{self.name}-reversed",
            what=f"{self.what}, inverted",
            up=self.down,
            down=self.up,
            sign=-1 if self.sign == 1 else 1,
        )


def _word_counts(answer: Completion) -> Counts:
    return float(words(answer.text)), 0.0


def _formality_counts(answer: Completion) -> Counts:
    return formality_cues(answer.text)


WORDS = Measure(
    name="words",
    what="words per answer",
    up="longer",
    down="shorter",
    count=_word_counts,
    form="amount",
)
FORMALITY = Measure(
    name="formality",
    what="formal over casual cues",
    up="more formal",
    down="more casual",
    count=_formality_counts,
    form="balance",
)
MEASURES = {measure.name: measure for measure in (WORDS, FORMALITY)}
"""Measures of any English text, by name."""
