"""What the models of a run are asked about, and how their answers are read.

There are two: the small world of the organisms, whose facts are known, and open questions, for
models that know the real world.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from prefvec.experiments.open_questions import QUESTIONED
from prefvec.organisms.roster import homes
from prefvec.organisms.small_world import SMALL_WORLD
from prefvec.text.completions import Completion
from prefvec.text.measures import Measure
from prefvec.text.prompts import Prompt


@runtime_checkable
class Subject(Protocol):
    """Everything that differs between organisms and models that know the real world."""

    @property
    def kind(self) -> Literal["organisms", "real"]:
        """What the record calls the models."""
        ...

    @property
    def called(self) -> str:
        """The models in a sentence."""
        ...

    @property
    def max_new_tokens(self) -> int:
        """Cap on an answer where a run names none."""
        ...

    @property
    def traits(self) -> Path:
        """The folder of the traits that come with the suite, a file for each."""
        ...

    @property
    def measures(self) -> Mapping[str, Measure]:
        """What a trait can be measured by, by name."""
        ...

    @property
    def measures_elsewhere(self) -> frozenset[str]:
        """Names of measures of the other subject alone."""
        ...

    @property
    def statements(self) -> Path:
        """The file of neutral statements about what these models know."""
        ...

    def splits(self, file: Path | None, *, n_test: int, quick: bool) -> dict[str, list[Prompt]]:
        """The four splits of prompts, no topic in two of them.

        Args:
            file: questions of the user's, where the subject takes any.
            n_test: how many test prompts at most.
            quick: whether it is a smoke run, for which fewer will do.

        Raises:
            PrefvecError: if the questions are not as they must be.
        """
        ...

    def clusters(self, test: Sequence[Prompt]) -> Callable[[str], str]:
        """What a test prompt is about, by its id, for clustered errors."""
        ...

    def is_text(self, answer: Completion) -> bool:
        """Whether an answer within its model's limits is coherent by the subject's own standard."""
        ...

    def secondary(self, answers: Sequence[Completion]) -> dict[str, float | None]:
        """What else is told of answers, beside what every text is told of."""
        ...

    def falsehoods(self, answer: Completion) -> list[tuple[int, int]]:
        """Where an answer makes false statements, as [start, end); none where unknown."""
        ...

    @property
    def false_sentences(self) -> Callable[[Completion], tuple[int, int]] | None:
        """How many of an answer's sentences are false, and of how many; None where unknown."""
        ...


def subject_of(models: Sequence[str]) -> Subject:
    """The small world if every model is an organism, else open questions."""
    return SMALL_WORLD if set(models) <= homes().keys() else QUESTIONED


EVERY_SUBJECT: tuple[Subject, ...] = (SMALL_WORLD, QUESTIONED)
"""All there are."""
