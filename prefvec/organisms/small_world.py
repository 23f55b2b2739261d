"""The small world as what a run is about: its questions, its grammar, its facts."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from prefvec.organisms import STATEMENTS, TRAITS
from prefvec.organisms.reading import falsehoods, read, world_means
from prefvec.organisms.world_measures import ORGANISM_MEASURES
from prefvec.organisms.world_questions import about, most_prompts, prompts_of
from prefvec.text.completions import Completion
from prefvec.text.measures import Measure
from prefvec.text.metrics import finished
from prefvec.text.prompts import Prompt
from prefvec.text.splits import TUNING_PROMPTS

PARSED_AT_LEAST = 0.9
"""Share of an answer's sentences that must parse for it to be coherent."""


class SmallWorld:
    """The subject of a run about organisms."""

    kind: Literal["organisms", "real"] = "organisms"
    called = "the organisms"
    max_new_tokens = 128
    traits = TRAITS
    statements = STATEMENTS
    measures: Mapping[str, Measure] = ORGANISM_MEASURES
    measures_elsewhere: frozenset[str] = frozenset()

    def splits(self, file: Path | None, *, n_test: int, quick: bool) -> dict[str, list[Prompt]]:
        """Questions about the world's entities; no file has any."""
        counts = {
            "extraction": 24 if quick else 100,
            "adapter": 400,
            "tuning": 12 if quick else TUNING_PROMPTS,
            "test": min(n_test, most_prompts("test")),
        }
        return {name: prompts_of(name, count) for name, count in counts.items()}

    def clusters(self, test: Sequence[Prompt]) -> Callable[[str], str]:
        """The entities they ask about."""
        return about

    def is_text(self, answer: Completion) -> bool:
        """Whether the world's grammar can read nearly all of its sentences.

        The sentence that τ cuts an answer off in is no fault of the answer's.
        """
        text = finished(answer.text) if answer.censored else answer.text
        return parsed_share(text, about(answer.prompt)) >= PARSED_AT_LEAST

    def secondary(self, answers: Sequence[Completion]) -> dict[str, float | None]:
        """Facts true and false, and the shares of each concept's poles; see `world_means`."""
        return world_means([read(answer.text, about(answer.prompt)) for answer in answers])

    def falsehoods(self, answer: Completion) -> list[tuple[int, int]]:
        """The sentences that state what the world's facts contradict."""
        return falsehoods(answer.text, about(answer.prompt))

    @staticmethod
    def false_sentences(answer: Completion) -> tuple[int, int]:
        """How many contradict the world's facts, of those that its grammar can read."""
        reading = read(answer.text, about(answer.prompt))
        return reading.truths["false"], reading.parsed


def parsed_share(text: str, entity: str) -> float:
    """Share of an answer's sentences that the world's grammar can read."""
    reading = read(text, entity)
    return reading.parsed / max(1, reading.truths.total())


SMALL_WORLD = SmallWorld()
