"""`generate`, with what the store lacks written by workers."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from prefvec.errors import PrefvecError
from prefvec.generation.engines.tasks import Engine, ModelSource, Task
from prefvec.generation.noise import Sampling
from prefvec.generation.requests import Progress, Request, generate
from prefvec.generation.store import Answer, CompletionKey, CompletionStore
from prefvec.models.language_model import LanguageModel
from prefvec.text.completions import Completion
from prefvec.text.prompts import Prompt

FEWEST, MOST = 16, 512
"""Answers of a task: fewer cost more to hand over than to write, and more are more to lose."""

EACH = 4
"""Tasks for each worker, where there are answers enough: so that none waits long for the last."""


def generate_by(
    engine: Engine,
    source: ModelSource,
    model: LanguageModel,
    requests: Sequence[Request],
    sampling: Sampling,
    *,
    store: CompletionStore | None = None,
    rows: int | None = None,
    progress: Progress | None = None,
    perplexity: bool = False,
) -> list[Completion]:
    """Answer every request as `generate` does, what the store lacks by an engine's workers.

    Answers are the same, row for row: an answer's noise is a function of the seed, the prompt and
    the sample, and of no batch. (Expected words and perplexities differ in their last digits, as
    between any two ways to batch.) This process alone writes to the store, each task's answers as
    soon as they come, so that what an interrupted call had is found by the next.

    Args:
        engine: the workers.
        source: where they have the model from.
        model: the same model here: it tells the keys, which those of the workers must equal.
        requests: what to answer.
        sampling: cap, temperature and seed.
        store: where answers are looked up and kept.
        rows: answers of a task; a fourth of a worker's share when None, from 16 to 512.
        progress: told after each task.
        perplexity: have the unsteered model read each answer as well.

    Returns:
        Completions in the order of the requests.

    Raises:
        PrefvecError: as for `generate`; if the workers have other weights or libraries than this
            process; or if workers are lost too often.
    """
    if store is None:
        with CompletionStore(":memory:") as passing:
            return generate_by(
                engine,
                source,
                model,
                requests,
                sampling,
                store=passing,
                rows=rows,
                progress=progress,
                perplexity=perplexity,
            )
    lengths = {prompt: len(model.encode(prompt)) for prompt in {r.prompt for r in requests}}
    tasks = _Tasks(engine, source, sampling, lengths, rows, perplexity)
    through = _Through(store, tasks, requests, progress)
    return generate(
        model, requests, sampling, store=through, progress=progress, perplexity=perplexity
    )


class _Tasks:
    """Cuts requests into tasks and has them done."""

    def __init__(
        self,
        engine: Engine,
        source: ModelSource,
        sampling: Sampling,
        lengths: Mapping[Prompt, int],
        rows: int | None,
        perplexity: bool,
    ) -> None:
        self._engine, self._source, self._sampling = engine, source, sampling
        self._lengths, self._rows, self._perplexity = lengths, rows, perplexity

    def done(self, requests: Sequence[Request]) -> Iterable[Mapping[CompletionKey, Answer]]:
        """Answers as they come; prompts of similar length are written together."""
        waiting = sorted(requests, key=lambda r: (-self._lengths[r.prompt], r.prompt.id, r.sample))
        share = math.ceil(len(waiting) / (EACH * self._engine.workers))
        size = self._rows or min(max(share, FEWEST), MOST)
        return self._engine.written(
            [
                Task(
                    source=self._source,
                    requests=waiting[start : start + size],
                    sampling=self._sampling,
                    perplexity=self._perplexity,
                )
                for start in range(0, len(waiting), size)
            ]
        )


_Asked = tuple[str, int, str]
"""The prompt, the sample and the steering, by which a key finds its request."""


class _Through(CompletionStore):
    """A store in which everything is found: what it lacks is written when it is looked up."""

    def __init__(
        self,
        store: CompletionStore,
        tasks: _Tasks,
        requests: Sequence[Request],
        progress: Progress | None,
    ) -> None:
        # No file of its own is opened: all that is looked up and kept goes to the other one.
        self._store, self._tasks, self._progress = store, tasks, progress
        self._asked: dict[_Asked, list[Request]] = {}
        for request in requests:
            asked = request.prompt.id, request.sample, request.steering.fingerprint
            there = self._asked.setdefault(asked, [])
            if request.prompt not in [one.prompt for one in there]:
                there.append(request)

    def get_many(self, keys: Iterable[CompletionKey]) -> dict[CompletionKey, Answer]:
        """The answers to all of them."""
        wanted = [*keys]
        found = self._store.get_many(wanted)
        waiting = set(wanted) - found.keys()
        if not waiting:
            return found
        if found and self._progress is not None:
            self._progress(len(found), len(wanted))
        asked = {(key.prompt, key.sample, key.steering) for key in waiting}
        lacking = [request for one in asked for request in self._asked[one]]
        for answers in self._tasks.done(lacking):
            known = {key: answer for key, answer in answers.items() if key in waiting}
            if answers.keys().isdisjoint(wanted):
                raise _foreign(next(iter(answers)), waiting)
            self._store.put_many(known)
            found |= known
            waiting -= known.keys()
            if self._progress is not None and waiting:
                self._progress(len(found), len(wanted))
        if waiting:
            raise PrefvecError(
                f"Workers left {len(waiting)} answers unwritten and said nothing of it. The others "
                "are kept; run the same command again."
            )
        return found

    def put_many(self, answers: Mapping[CompletionKey, Answer]) -> None:
        """Keep answers."""
        self._store.put_many(answers)


def _foreign(key: CompletionKey, waiting: Iterable[CompletionKey]) -> PrefvecError:
    """What is told of an answer that no one here asked for."""
    asked = key.prompt, key.sample, key.steering
    here = next((k for k in waiting if (k.prompt, k.sample, k.steering) == asked), None)
    there = asdict(key)
    differs = {} if here is None else {n: v for n, v in asdict(here).items() if v != there[n]}
    told = ", ".join(f"{name} {there[name]!r} and not {v!r}" for name, v in differs.items())
    return PrefvecError(
        f"A worker wrote answers of its own kind ({told or 'to another question'}): they would be "
        "others than this machine's. Give the workers the same weights, the same version of "
        "prefvec, torch and transformers, the same number type and the same kind of device."
    )
