"""How often the decision rules are wrong: `python -m prefvec.calibration` tries them all.

Each trial is played some thousands of times by the real rules on simulated answers. Its runs
come in chunks with seeds of their own, so that the record depends neither on the number of
workers nor on interruptions. Finished cells are kept, and a second call goes on from there.
"""

import argparse
import gc
import multiprocessing
import os
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from prefvec.calibration.record import Cell, Counts, Kept, problems, record, told, write
from prefvec.calibration.simulation import Scenes
from prefvec.calibration.trial_table import TRIALS
from prefvec.errors import PrefvecError

RUNS = 4_000
CHUNK = 250
SEED = 20_240
RECORD = Path("reports/calibration.json")
KEPT = Path(".prefvec/calibration.json")


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
    return trial.play(Scenes(seed, runs=chunk.runs, n=n, cap=trial.cap))


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns 1 if a rate is out of its bound, naming the cell."""
    parser = argparse.ArgumentParser(prog="python -m prefvec.calibration", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each cell")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--output", type=Path, default=RECORD, help="the record to write")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where finished cells are kept")
    parser.add_argument("--fresh", action="store_true", help="play finished cells again")
    options = parser.parse_args(arguments)
    kept = Kept(path=options.kept, runs=options.runs, seed=SEED)
    try:
        if options.fresh:
            kept.forget()
        found = calibrate(options.runs, options.workers, kept)
        made = record(found, runs=options.runs, seed=SEED, rules=kept.rules)
        write(made, options.output)
    except KeyboardInterrupt:
        print("\nInterrupted. Finished cells are kept; run the same command again to go on.")
        return 130
    except PrefvecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    kept.forget()
    wrong = problems(made)
    print(f"{len(made['cells'])} cells of {options.runs} runs: {options.output}")
    print("\n".join(wrong) if wrong else "Every rate lies within its bound.")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
