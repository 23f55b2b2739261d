"""The price of a vector apart from that of length: steered answers beside prompted ones as long.

Long answers lose coherence whoever asked for them, and a vector that lengthens is not to blame for
that. What it is to blame for is what its answers lose against answers of like length that the same
model wrote because it was asked to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from prefvec.statistics.estimates import Estimate, mean_of
from prefvec.statistics.scales import told
from prefvec.text.completions import Completion
from prefvec.text.metrics.counts import words
from prefvec.verdicts.verdict import Component

LIKE = 1.25
"""An answer of like length has no more than so many times as many words, and no fewer than that
part of them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LikeLength:
    """Coherence of steered answers less that of prompted answers of like length.

    Attributes:
        differences: for each prompt the mean over those of its answers that have one of like
            length, of 1: below 0 where steering costs more than length does.
        matched: share of all steered answers that have one.
    """

    differences: Float[np.ndarray, " prompts"]
    matched: float

    @property
    def estimate(self) -> Estimate | None:
        """The mean over prompts; None where fewer than two have an answer of like length."""
        return mean_of(self.differences, "points") if len(self.differences) > 1 else None


def beside_prompted(
    steered: Sequence[Completion],
    prompted: Sequence[Completion],
    coherent: Callable[[Completion], bool],
) -> LikeLength:
    """Compare each steered answer with all prompted ones of like length.

    Lengths are words of the texts. A prompt without an answer that can be compared is left out.
    What prompted answers are expected to be is taken as known: the interval holds the spread over
    the steered answers' prompts.

    Args:
        steered: an arm's answers at one dose.
        prompted: the same model's, unsteered, under the instruction for that dose's pole.
        coherent: whether an answer is text and not a loop.

    Example:
        >>> def said(prompt, text):
        ...     return Completion(
        ...         prompt=prompt, sample=0, text=text, n_tokens=9, finish_reason="stop",
        ...         arm="", coefficient=1.0,
        ...     )
        >>> found = beside_prompted(
        ...     [said("a", "no no no no"), said("b", "it is a stone")],
        ...     [said("a", "this is a stone"), said("b", "so is this")],
        ...     lambda answer: "stone" in answer.text,
        ... )
        >>> found.differences.tolist(), found.matched
        ([-1.0, 0.0], 1.0)
    """
    expected = _Expected.of(prompted, coherent)
    by_prompt: dict[str, list[float]] = {}
    for answer in steered:
        reference = expected.at(words(answer.text))
        if reference is not None:
            by_prompt.setdefault(answer.prompt, []).append(coherent(answer) - reference)
    matched = sum(map(len, by_prompt.values()))
    return LikeLength(
        differences=np.array([np.mean(values) for values in by_prompt.values()]),
        matched=matched / len(steered) if steered else 0.0,
    )


def component(at: str, found: LikeLength) -> Component:
    """The comparison as a line that is shown and decides nothing.

    Args:
        at: the dose, as people read it.
        found: the comparison at that dose.
    """
    name = f"coherence beside prompted answers of like length at {at}"
    have = f"{told(found.matched, 'share')} of the answers have one within ×{LIKE:g} of their words"
    if (estimate := found.estimate) is None:
        return Component(name=name, sentence=f"Not measured: {have}.", role="shown")
    return Component.of_estimate(name, estimate, f"; {have}")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Expected:
    """Coherence of prompted answers by their length: lengths in order, and a running sum."""

    lengths: NDArray[np.int64]
    upto: NDArray[np.float64]

    @classmethod
    def of(
        cls, prompted: Sequence[Completion], coherent: Callable[[Completion], bool]
    ) -> "_Expected":
        lengths = np.array([words(answer.text) for answer in prompted], dtype=np.int64)
        order = np.argsort(lengths, kind="stable")
        kept = np.array([coherent(answer) for answer in prompted], dtype=np.float64)[order]
        return cls(lengths=lengths[order], upto=np.concatenate([[0.0], kept.cumsum()]))

    def at(self, length: int) -> float | None:
        """The mean over prompted answers of like length; None where there is none."""
        first = np.searchsorted(self.lengths, length / LIKE, side="left")
        last = np.searchsorted(self.lengths, length * LIKE, side="right")
        if last <= first:
            return None
        return float((self.upto[last] - self.upto[first]) / (last - first))
