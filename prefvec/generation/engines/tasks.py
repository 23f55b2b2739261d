"""What a worker is given, what it does, and what it gives back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from prefvec.generation.noise import Sampling
from prefvec.generation.requests import Request, generate
from prefvec.generation.store import Answer, CompletionKey, CompletionStore
from prefvec.models.language_model import LanguageModel

RETRIES = 3
"""How often a task is given out again whose worker was lost."""


@runtime_checkable
class ModelSource(Protocol):
    """Where a worker has a model from: it can be sent to other processes, and compared."""

    def __call__(self) -> LanguageModel:
        """The model, loaded."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """Answers that one worker writes at once.

    Attributes:
        source: of the model.
        requests: what to answer.
        sampling: cap, temperature and seed.
        perplexity: whether the unsteered model reads each answer as well.
    """

    source: ModelSource
    requests: Sequence[Request]
    sampling: Sampling
    perplexity: bool = False


@runtime_checkable
class Engine(Protocol):
    """Several workers, each with the model in memory."""

    @property
    def workers(self) -> int:
        """How many there are, or may be."""
        ...

    def written(self, tasks: Sequence[Task]) -> Iterator[Mapping[CompletionKey, Answer]]:
        """What came of each task, in whatever order they are finished.

        Raises:
            PrefvecError: if a task cannot be done, or was lost with its worker too often.
        """
        ...

    def close(self) -> None:
        """Let the workers go."""
        ...


class Worker:
    """Does tasks; the model of the last one stays in memory.

    Attributes:
        loads: how often a model was brought into memory.
    """

    def __init__(self) -> None:
        self.loads = 0
        self._held: tuple[ModelSource, LanguageModel] | None = None

    def write(self, task: Task) -> dict[CompletionKey, Answer]:
        """The answers of a task under their keys, as this process computes them.

        Raises:
            PrefvecError: as for `generate`.
        """
        with Gathered(":memory:") as store:
            generate(
                self._model(task.source),
                task.requests,
                task.sampling,
                store=store,
                perplexity=task.perplexity,
            )
            return store.answers

    def _model(self, source: ModelSource) -> LanguageModel:
        if self._held is None or self._held[0] != source:
            self._held = None  # two models at once may not fit
            self._held = source, source()
            self.loads += 1
        return self._held[1]


class Gathered(CompletionStore):
    """A store that finds nothing and hands over what was put.

    Attributes:
        answers: what was put.
    """

    answers: dict[CompletionKey, Answer]

    def get_many(self, keys: Iterable[CompletionKey]) -> dict[CompletionKey, Answer]:
        """Nothing: what is asked of a worker is not kept yet."""
        self.answers = {}
        return {}

    def put_many(self, answers: Mapping[CompletionKey, Answer]) -> None:
        """Hold answers until they are handed over."""
        self.answers |= answers
