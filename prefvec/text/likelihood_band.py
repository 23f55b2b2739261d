"""When an answer is as likely as text is: limits taken from answers that were asked for.

Words at random repeat nothing and hardly compress, so that neither of the other limits of coherence
sees them. The model that wrote them finds them unlikely when nothing steers it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from prefvec.errors import PrefvecError
from prefvec.text.coherence import grouped_by_length, length_judged

TAIL = 0.01
"""Share of the prompted answers that may lie beyond either limit."""


@dataclass(frozen=True, kw_only=True)
class LikelyBand:
    """The limits for answers of at least `words` words, up to the next band.

    Attributes:
        words: the shortest answer of the band.
        answers: how many prompted answers the limits were taken from.
        low: the lowest perplexity that counts as coherent.
        high: the highest.
    """

    words: int
    answers: int
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class LikelihoodBand:
    """Limits of an answer's perplexity, by its length.

    They are those of answers that the same model gave when it was asked for long and for short
    ones, read like the answers that are judged: so it is told what steering costs, and not what
    an unusual length does.

    Attributes:
        bands: the limits, shortest answers first; the first one begins at no word.

    Example:
        >>> from prefvec.text.likelihood_band import LikelihoodBand
        >>> band = LikelihoodBand.from_prompted([("It is grey and hard.", 4.0)] * 50)
        >>> band.accept("It was round.", 4.0), band.accept("Was it the of.", 90.0)
        (True, False)
    """

    bands: tuple[LikelyBand, ...]

    def accept(self, text: str, perplexity: float) -> bool:
        """Whether a text is neither less nor more likely than prompted answers of its length.

        Args:
            text: an answer.
            perplexity: of it under the unsteered model, exp of nats per token.
        """
        band = self.of(text)
        return band.low <= perplexity <= band.high

    def of(self, text: str) -> LikelyBand:
        """The limits for texts of this length."""
        return [band for band in self.bands if band.words <= length_judged(text)][-1]

    @classmethod
    def from_prompted(
        cls, answers: Iterable[tuple[str, float]], *, tail: float = TAIL, answers_per_band: int = 50
    ) -> "LikelihoodBand":
        """Take the limits from answers that were asked for.

        Args:
            answers: texts, each with its perplexity under the unsteered model.
            tail: the share of them that may lie beyond either limit.
            answers_per_band: the fewest answers to take limits from.

        Raises:
            PrefvecError: if there are too few answers for even one band.
        """
        ranked = sorted(answers, key=lambda answer: length_judged(answer[0]))
        if len(ranked) < answers_per_band:
            raise PrefvecError(
                f"Only {len(ranked)} prompted answers have a likelihood; its limits need "
                f"{answers_per_band}. Generate more answers."
            )
        lengths = [length_judged(text) for text, _ in ranked]
        groups = grouped_by_length(lengths, fewest=answers_per_band, start=0)
        return cls(bands=tuple(_band(start, ranked[rows], tail) for start, rows in groups))


def _band(start: int, answers: Sequence[tuple[str, float]], tail: float) -> LikelyBand:
    values = [perplexity for _, perplexity in answers if not math.isnan(perplexity)]
    # Observed values, outwards, so that few answers never make a limit none of them met.
    low = float(np.quantile(values, tail, method="lower"))
    high = float(np.quantile(values, 1 - tail, method="higher"))
    return LikelyBand(words=start, answers=len(values), low=low, high=high)
