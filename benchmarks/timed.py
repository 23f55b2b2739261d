"""One library timed in its own process, in turns with a plain forward pass of the same texts.

    python -m benchmarks.timed benchmarks.ways.plain job.json told.json

Machines drift, and neighbours come and go: so every measurement has its own reference beside it,
and what is told are both, in pairs.
"""

import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch


def seconds(run: Callable[[], Any]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def ratios(told: dict[str, Any]) -> dict[str, Any]:
    """Median seconds, and the ratio to the reference: its median, the least and the largest."""
    if "error" in told:
        return {"error": told["error"]}
    found = [own / other for own, other in zip(told["own"], told["reference"], strict=True)]
    return {
        "seconds": statistics.median(told["own"]),
        "ratio": statistics.median(found),
        "least": min(found),
        "largest": max(found),
    }


def main(way: str, given: str, told: str) -> None:
    """Time a way and its reference as often as the job says, after one call of each.

    Without that call (`"warm": false`, of a job that takes minutes) the first pair counts too.
    """
    job = json.loads(Path(given).read_text(encoding="utf-8"))
    torch.set_num_threads(job["threads"])
    prepared = importlib.import_module(way).prepare(job)
    found: list[Any] = []
    if job.get("warm", True):
        found.append(prepared["run"]())
        prepared["reference"]()
    pairs: list[tuple[float, float]] = []
    for _ in range(job["repeats"]):
        own = seconds(lambda: found.append(prepared["run"]()))
        pairs.append((own, seconds(prepared["reference"])))
    result = {"own": [own for own, _ in pairs], "reference": [other for _, other in pairs]}
    result |= {"found": [float(value) for value in found[0]], "with": prepared["with"]}
    Path(told).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
