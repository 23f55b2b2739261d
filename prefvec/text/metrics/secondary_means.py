"""The secondary metrics of many answers: shown beside a verdict, deciding nothing."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from prefvec.text.completions import Completion
from prefvec.text.metrics.counts import sentences, words_per_sentence
from prefvec.text.metrics.degeneracy import compression_ratio, repeated_4gram_share
from prefvec.text.metrics.diversity import mtld
from prefvec.text.metrics.formality import formality

MEASURES: dict[str, Callable[[str], float]] = {
    "sentences": sentences,
    "words_per_sentence": words_per_sentence,
    "share_repeated_4grams": repeated_4gram_share,
    "compression_ratio": compression_ratio,
    "formality": formality,
}
"""What is averaged over answers; names that begin with `share_` are shares, from 0 to 1."""


def secondary_means(completions: Sequence[Completion]) -> dict[str, float | None]:
    """Each metric's mean over answers, by name.

    `mtld` adds words and factors up over the answers (see `mtld`). `perplexity` is the geometric
    mean, in nats per token the arithmetic one, over the answers that have one; None without any.

    Args:
        completions: the answers of one arm at one dose.

    Returns:
        Metric names to values, all None where there are no answers.
    """
    if not completions:
        return dict.fromkeys([*MEASURES, "mtld", "perplexity"])
    measured = [_measured(completion.text) for completion in completions]
    means: dict[str, float | None] = {
        name: math.fsum(column) / len(measured)
        for name, column in zip(MEASURES, zip(*measured, strict=True), strict=True)
    }
    means["mtld"] = mtld(*(completion.text for completion in completions))
    return means | {"perplexity": geometric_mean([c.perplexity for c in completions])}


@lru_cache(maxsize=2**16)
def _measured(text: str) -> tuple[float, ...]:
    return tuple(float(measure(text)) for measure in MEASURES.values())


def geometric_mean(values: Sequence[float | None]) -> float | None:
    """The geometric mean of the positive values there are; None where that is no number."""
    logs = [math.log(value) for value in values if value is not None]
    mean = math.fsum(logs) / len(logs) if logs else math.inf
    return math.exp(mean) if mean < math.log(1e300) else None
