"""On a processor, side by side: each core works through batches of its own."""

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from queue import SimpleQueue
from typing import TypeVar

import torch

from prefvec.generation.batches import in_batches, out_of_memory
from prefvec.models.language_model import LanguageModel

Item = TypeVar("Item")
Result = TypeVar("Result")

SMALL = 2**29
"""Parameters up to which each core of a processor does better alone. Cores that share an operation
wait for the slowest at its end, and for as long as another program holds one of them: Gemma 3 270M
wrote 120 answers in 38 s in two lanes, and not within 120 s by shared cores, beside other jobs."""

FEW = 64
"""Items below which a batch is not divided among lanes."""


def lanes(model: LanguageModel) -> int:
    """How many copies of a model work at once: one per thread for small ones on a processor."""
    small = sum(weight.numel() for weight in model.network.parameters()) <= SMALL
    return torch.get_num_threads() if small and model.device.type == "cpu" else 1


def in_lanes(
    model: LanguageModel,
    items: Sequence[Item],
    size: int,
    work: Callable[[LanguageModel, Sequence[Item]], Sequence[Result]],
    *,
    few: int = FEW,
) -> Iterator[list[tuple[Item, Result]]]:
    """Work through items in batches, in several lanes where that is faster.

    Every lane has modules of its own, since steering hooks belong to one batch; the weights are
    shared. What a batch gives does not depend on its lane. Batches come as they are finished.

    Args:
        model: does the work.
        items: one for each answer.
        size: items in a batch at most.
        work: gives a result for each item of a batch, with the model it is given.
        few: items below which a batch is not divided among lanes.

    Raises:
        PrefvecError: if one item alone does not fit in memory.
    """
    most = lanes(model)
    if most == 1 or not items:
        yield from in_batches(model, items, size, lambda batch: work(model, batch))
        return
    # One lane, too, has one thread: threads that share small products wait for one another, and
    # for as long as another program holds one of their cores.
    count = min(most, math.ceil(len(items) / few))
    size = even(len(items), size, count)
    batches = [items[start : start + size] for start in range(0, len(items), size)]
    threads = torch.get_num_threads()
    models: SimpleQueue[LanguageModel] = SimpleQueue()
    for _ in range(count):
        models.put(_twin(model))

    def run(batch: Sequence[Item]) -> Sequence[Result] | None:
        lane = models.get()
        try:
            return work(lane, batch)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            return None
        finally:
            models.put(lane)

    failed: list[Item] = []
    pool = ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,))
    try:
        pending = {pool.submit(run, batch): batch for batch in batches}
        for done in as_completed(pending):
            batch, results = pending[done], done.result()
            if results is None:
                failed += batch
            else:
                yield list(zip(batch, results, strict=True))
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)
    if failed:
        yield from in_batches(model, failed, max(1, size // 2), lambda batch: work(model, batch))


def even(items: int, size: int, count: int) -> int:
    """Items in each batch, so that all lanes have as many batches and none waits for another.

    Args:
        items: how many there are.
        size: most in a batch.
        count: of lanes.

    Example:
        >>> even(3072, 1024, 2), even(2080, 1024, 2), even(100, 1024, 2)
        (768, 520, 50)
    """
    rounds = math.ceil(items / (size * count))
    return math.ceil(items / (rounds * count))


def _twin(model: LanguageModel) -> LanguageModel:
    """The same weights in modules of their own."""
    shared = {id(weight): weight for weight in model.network.parameters()}
    return replace(model, network=copy.deepcopy(model.network, shared))
