"""The markers of claims, declared by the plugin, so that `strict_markers` accepts them."""

import difflib
import re

import pytest

_WORD = re.compile(r"[A-Za-z_]\w*")
KNOWN_ANSWERS = "known_answers"
"""The marker of claims whose verdict is certain, and the name of their folder."""
JUDGED = "judge"
"""The marker of claims that a judge measures: they cost replies, and run only by this marker."""

MARKERS = {
    "self_steering": "the vector steers the model it was taken from",
    "transfer": "the vector is carried into another model",
    "raw": "transfer of the very same coordinates (under transfer)",
    "adapted": "transfer through a linear adapter (under transfer)",
    "formality": "the three findings again for formal and casual",
    "family": "transfer between a base model and its instruction-tuned child",
    "small_to_large": "transfer from a smaller model into a larger one",
    "concepts": "one mapper, many concepts",
    "regimes": "what the adapter has read, and how little is enough",
    "estimators": "ways to find the vector",
    "widths": "streams of unequal widths",
    "prompting": "steering on top of asking, and as well as asking",
    "positions": "added at every token, as other tools add",
    "quantised": "weights quantised after the vector was read",
    "selectivity": "steering one trait leaves another alone",
    "layers": "which blocks match, and what the judged one costs",
    "resampled": "vectors and adapters from resampled splits",
    "seeds": "models of several training seeds: sentences about models, not about a pair",
    "rahf": "a preference tuned in by LoRRA or RAHF, and carried; run by -m rahf alone",
    JUDGED: "measured by a judge that must first prove itself; only where -m names it",
    KNOWN_ANSWERS: "the instrument's own check, on models whose verdict is known",
}
"""Each marker, and what the claims that carry it are about."""

ON_REQUEST = ("rahf", JUDGED)
"""Markers whose claims run only where -m names them: they train before they measure, or cost
replies."""


def on_request(config: pytest.Config, item: pytest.Item) -> bool:
    """Whether a test runs only where -m names its marker, and it does not."""
    named = set(_WORD.findall(config.option.markexpr or ""))
    marked = {mark.name for mark in item.iter_markers()}
    return any(name in marked and name not in named for name in ON_REQUEST)


def declare(config: pytest.Config) -> None:
    """Tell pytest of every marker."""
    for name, about in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {about}")


def refuse_strange_markers(config: pytest.Config) -> None:
    """Refuse `-m transfert`: a word that is no marker and close to one of the claims.

    What is close to none is left to pytest, which deselects everything.
    """
    words = set(_WORD.findall(config.option.markexpr or "")) - {"and", "or", "not"}
    if not words:
        return
    known = {re.split(r"[:(]", line)[0].strip() for line in config.getini("markers")} | set(MARKERS)
    for word in sorted(words - known):
        near = difflib.get_close_matches(word, MARKERS, n=1)
        if near:
            raise pytest.UsageError(
                f"-m {config.option.markexpr!r}: there is no marker {word}. Did you mean "
                f"{near[0]} ({MARKERS[near[0]]})?"
            )
