"""Open questions, for models that know the real world."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from prefvec.experiments.question_sets import SETS, USUAL
from prefvec.organisms.world_measures import ORGANISM_MEASURES
from prefvec.shipped import SHIPPED
from prefvec.text.completions import Completion
from prefvec.text.measures import MEASURES, Measure
from prefvec.text.prompts import Prompt
from prefvec.text.splits import TUNING_PROMPTS, load_splits


class Questioned:
    """The subject of a run about models that know the real world."""

    kind: Literal["organisms", "real"] = "real"
    called = "real models"
    max_new_tokens = 512
    traits = SHIPPED / "traits"
    statements = SHIPPED / "statements.jsonl"
    measures: Mapping[str, Measure] = MEASURES
    measures_elsewhere = frozenset(ORGANISM_MEASURES.keys() - MEASURES.keys())

    def splits(self, file: Path | None, *, n_test: int, quick: bool) -> dict[str, list[Prompt]]:
        """The questions of a file, dealt by topic; the open ones of the suite when None."""
        limits = {"test": n_test, "tuning": TUNING_PROMPTS}
        if quick:
            limits |= {"extraction": 24, "tuning": 12}
        splits = load_splits(file or SETS[USUAL])
        return {name: found[: limits.get(name)] for name, found in splits.items()}

    def clusters(self, test: Sequence[Prompt]) -> Callable[[str], str]:
        """Their topics."""
        return {prompt.id: prompt.topic for prompt in test}.__getitem__

    def is_text(self, answer: Completion) -> bool:
        """Limits of repetition and compression say all that is known."""
        return True

    def secondary(self, answers: Sequence[Completion]) -> dict[str, float | None]:
        """Nothing besides."""
        return {}

    false_sentences: Callable[[Completion], tuple[int, int]] | None = None
    """Nobody knows."""

    def falsehoods(self, answer: Completion) -> list[tuple[int, int]]:
        """Nobody knows."""
        return []


QUESTIONED = Questioned()
