"""The runs of every cell, played in chunks by several processes.

A chunk has a seed of its own, so that what comes of it depends on nothing else. It is played by
processes that import this module, for what stands in a package's `__main__` they could not find.
"""

import gc
import multiprocessing
import os
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from prefvec.calibration.record import Cell, Counts, Kept, told
from prefvec.calibration.simulation import Scenes
from prefvec.calibration.trial_table import TRIALS

RUNS = 500
CHUNK = 250
SEED = 20_240


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Some runs of one cell: of a trial with so many prompts."""

    cell: Cell
    index: int
    runs: int


def chunks(cell: Cell, runs: int) -> list[Chunk]:
    """The runs of a cell, in pieces that fit into memory."""
    starts = range(0, runs, CHUNK)
    return [
        Chunk(cell=cell, index=index, runs=min(CHUNK, runs - start))
        for index, start in enumerate(starts)
    ]


def play(chunk: Chunk) -> Counter[str]:
    """Simulate the runs of a chunk and count what comes of them."""
    key, n = chunk.cell
    trial = TRIALS[key]
    seed = np.random.SeedSequence([SEED, zlib.crc32(key.encode()), n, chunk.index])
    return trial.play(Scenes(seed, runs=chunk.runs, n=n))


def _spare_the_collector() -> None:
    """Keep what is loaded out of garbage collection, and collect rarely: nothing here is cyclic."""
    gc.freeze()
    gc.set_threshold(1_000_000, 100, 100)


def cells(prompts: Sequence[int] | None = None) -> list[Cell]:
    """Every trial with every number of prompts, the longest first."""
    found = [
        (key, n)
        for key, trial in TRIALS.items()
        for n in trial.prompts
        if prompts is None or n in prompts
    ]
    return sorted(found, key=lambda cell: (cell[0].startswith(("works", "family")), cell[1]))[::-1]


def played(todo: Sequence[Cell], runs: int, workers: int) -> Iterator[tuple[Cell, Counter[str]]]:
    """The counts of each cell, as they come to be known."""
    # One thread each: the workers are the parallelism, and their libraries read this at import.
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(library, "1")
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_spare_the_collector)
    try:
        work = {pool.submit(play, chunk): chunk for cell in todo for chunk in chunks(cell, runs)}
        yield from _gathered(work, runs)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _gathered(
    work: dict[Future[Counter[str]], Chunk], runs: int
) -> Iterator[tuple[Cell, Counter[str]]]:
    counts: dict[Cell, Counter[str]] = defaultdict(Counter)
    done: Counter[Cell] = Counter()
    total = sum(chunk.runs for chunk in work.values())
    with tqdm(total=total, unit="runs", unit_scale=True, desc="calibrate") as bar:
        for future in as_completed(work):
            chunk = work[future]
            counts[chunk.cell].update(future.result())
            done[chunk.cell] += chunk.runs
            bar.update(chunk.runs)
            if done[chunk.cell] == runs:
                yield chunk.cell, counts[chunk.cell]


def calibrate(runs: int, workers: int, kept: Kept) -> dict[Cell, Counts]:
    """Play every cell that is not kept yet; returns the counts of all."""
    found = kept.read()
    todo = [cell for cell in cells() if cell not in found]
    if found:
        tqdm.write(f"{len(found)} finished cells are kept from before; --fresh plays them again.")
    for cell, counts in played(todo, runs, workers) if todo else ():
        found[cell] = dict(counts)
        kept.write(found)
        for line in told(cell, found[cell], runs):
            tqdm.write(line)
    return found
