"""When an answer is text and when it is a loop: limits taken from unsteered answers."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from prefvec.errors import PrefvecError
from prefvec.text.metrics import compression_ratio, repeated_4gram_share, words

SHORTEST_JUDGED = 8
"""Answers of fewer words can hardly repeat a 4-word sequence; they are coherent unless empty."""

CHARACTERS_PER_WORD = 16
"""A text with more characters per word than this is judged as if it had more words, so that
one endless "word" does not pass for a short answer."""


@dataclass(frozen=True, kw_only=True)
class LengthBand:
    """The limits for answers of at least `words` words, up to the next band.

    Attributes:
        words: the shortest answer of the band.
        answers: how many unsteered answers the limits were taken from.
        repeated_4gram_share: the highest share that counts as coherent.
        compression_ratio: the highest ratio that counts as coherent.
    """

    words: int
    answers: int
    repeated_4gram_share: float
    compression_ratio: float


@dataclass(frozen=True, kw_only=True)
class CoherenceLimits:
    """Limits by answer length, committed as data before anything is steered.

    Degenerate text is not verbosity: a steered answer is coherent when neither its repeated
    4-word sequences nor its compression ratio exceed what unsteered answers of the same length
    show. An answer longer than any of those is held to the limits of the longest band, so
    measure on some that were *asked* to be long as well.

    Attributes:
        bands: the limits, shortest answers first.
        quantile: the quantile of the unsteered answers' values that each limit is.

    Example:
        >>> plain = "The river runs from the hills to the sea, slowly and then fast."
        >>> limits = pv.CoherenceLimits.from_unsteered([plain] * 50)
        >>> limits.accept(plain), limits.accept("to the sea " * 30)
        (True, False)
    """

    bands: tuple[LengthBand, ...]
    quantile: float

    def accept(self, text: str) -> bool:
        """Whether an answer is coherent. One without any word is not."""
        length = _length(text)
        if length < SHORTEST_JUDGED:
            return words(text) > 0
        band = [band for band in self.bands if band.words <= length][-1]
        return (
            repeated_4gram_share(text) <= band.repeated_4gram_share
            and compression_ratio(text) <= band.compression_ratio
        )

    @classmethod
    def from_unsteered(
        cls, texts: Iterable[str], *, quantile: float = 0.99, answers_per_band: int = 50
    ) -> "CoherenceLimits":
        """Take the limits from unsteered answers.

        Bands double in length from `SHORTEST_JUDGED` words; one with too few answers is
        merged with its longer neighbour, the last with its shorter one.

        Args:
            texts: unsteered answers, uninstructed or under instructions about length.
            quantile: of each measure within a band; 0.99 leaves about 2 % of unsteered
                answers outside, which the paired coherence difference cancels.
            answers_per_band: the fewest answers to take a quantile from.

        Raises:
            PrefvecError: if there are too few answers for even one band.
        """
        given = [*texts]
        judged = sorted((text for text in given if _length(text) >= SHORTEST_JUDGED), key=_length)
        if len(judged) < answers_per_band:
            longer = "Let answers be longer (max_new_tokens; --max-new-tokens), or generate more."
            advice = "Generate more answers." if len(given) < answers_per_band else longer
            raise PrefvecError(
                f"Only {len(judged)} of {len(given)} unsteered answers have {SHORTEST_JUDGED} or "
                f"more words; limits of coherence need {answers_per_band}. {advice}"
            )
        bands = [
            _band(start, group, quantile)
            for start, group in _grouped(judged, fewest=answers_per_band)
        ]
        return cls(bands=tuple(bands), quantile=quantile)

    def save(self, path: Path) -> None:
        """Write the limits as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "CoherenceLimits":
        """Read limits that `save` wrote.

        Raises:
            PrefvecError: if the file is missing or holds something else.
        """
        try:
            row: Any = json.loads(path.read_text(encoding="utf-8"))
            bands = tuple(LengthBand(**band) for band in row["bands"])
            if not bands or bands[0].words > SHORTEST_JUDGED:
                raise ValueError("no band for the shortest answers")
            return cls(bands=bands, quantile=float(row["quantile"]))
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise PrefvecError(
                f"{path} does not hold limits of coherence ({error}). "
                "Write them with CoherenceLimits.from_unsteered(…).save(path)."
            ) from error


def _length(text: str) -> int:
    return max(words(text), len(text) // CHARACTERS_PER_WORD)


def _band(start: int, texts: Sequence[str], quantile: float) -> LengthBand:
    def limit(values: list[float]) -> float:
        # "higher" takes an observed value, so few answers never make a limit none of them met.
        return float(np.quantile(values, quantile, method="higher"))

    return LengthBand(
        words=start,
        answers=len(texts),
        repeated_4gram_share=limit([repeated_4gram_share(text) for text in texts]),
        compression_ratio=limit([compression_ratio(text) for text in texts]),
    )


def _grouped(texts: Sequence[str], *, fewest: int) -> list[tuple[int, list[str]]]:
    """Texts sorted by length, as (shortest length of the band, its texts)."""
    groups: list[tuple[int, list[str]]] = []
    start, end, group = SHORTEST_JUDGED, 2 * SHORTEST_JUDGED, list[str]()
    for text in texts:
        while _length(text) >= end:
            if len(group) >= fewest:
                groups.append((start, group))
                start, group = end, []
            end *= 2
        group.append(text)
    if groups and len(group) < fewest:
        start, shorter = groups.pop()
        group = shorter + group
    return [*groups, (start, group)]
