"""What workers cost and gain: the same answers by this process, by processes and by Ray.

    python -m benchmarks.engines [--answers 1536] [--workers 1 2] [--model NAME]

Every way starts with its workers at hand and the model in their memory; what that took is told on
its own. `a task` is what handing over one more task costs: 64 answers of one token in tasks of one,
less the same in one task, by task. Ray is left out, and said to be, where it is not installed.
"""

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from benchmarks.results import keep
from prefvec.generation.engines.on_ray import OnRay
from prefvec.generation.engines.processes import Processes
from prefvec.generation.engines.tasks import Engine
from prefvec.generation.engines.through import generate_by
from prefvec.generation.requests import UNSTEERED, Request, Sampling, generate
from prefvec.models.language_model import LanguageModel
from prefvec.organisms.model_source import NamedSource
from prefvec.text.prompts import Prompt

HANDED = 64
"""Answers by which the cost of a task is told."""


def requests(count: int) -> list[Request]:
    """That many answers, four to each question."""
    things = ("a river", "bread", "a clock", "the moon", "a garden", "iron", "a lamp", "snow")
    return [
        Request(
            prompt=Prompt(id=f"q{i // 4}", text=f"What is {things[i // 4 % 8]}?", topic="things"),
            sample=i % 4,
            steering=UNSTEERED,
            arm="unsteered",
        )
        for i in range(count)
    ]


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of some work."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measured(
    engine: Engine, source: NamedSource, model: LanguageModel, asked: Sequence[Request], runs: int
) -> dict[str, float]:
    """Seconds that an engine takes to start, to write all answers, and to hand over a task."""
    sampling, one = Sampling(max_new_tokens=128), Sampling(max_new_tokens=1)

    def by(these: Sequence[Request], how: Sampling, rows: int | None = None) -> float:
        return seconds(lambda: generate_by(engine, source, model, these, how, rows=rows))

    start = by(asked[: 2 * engine.workers], one, rows=1)
    whole = [by(asked, sampling) for _ in range(runs)]
    single = [by(asked[:HANDED], one, 1) - by(asked[:HANDED], one, HANDED) for _ in range(runs)]
    return {
        "start": start,
        "seconds": statistics.median(whole),
        "least": min(whole),
        "most": max(whole),
        "a task": statistics.median(single) / (HANDED - 1),
    }


def main() -> None:
    """Print a line for each way, and keep them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1536)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--model", default="mini-mistral")
    options = parser.parse_args()
    source = NamedSource(name=options.model, device="cpu", dtype="float32")
    model, asked = source(), requests(options.answers)
    sampling = Sampling(max_new_tokens=128)
    generate(model, asked[:64], sampling)
    here = [seconds(lambda: generate(model, asked, sampling)) for _ in range(options.runs)]
    alone = statistics.median(here)
    found: dict[str, dict[str, float]] = {
        "this process": {"seconds": alone, "least": min(here), "most": max(here)}
    }
    ways: list[tuple[str, Callable[[int], Processes | OnRay]]] = [("processes", Processes)]
    if importlib.util.find_spec("ray"):
        ways.append(("ray", OnRay))
    else:
        print("Ray is not installed (pip install 'prefvec[ray]'), and not measured.")
    for name, make in ways:
        for count in options.workers:
            with closing(make(count)) as engine:
                found[f"{name}, {count}"] = measured(engine, source, model, asked, options.runs)
    print(f"{'':16}{'seconds':>9}{'speed-up':>10}{'start, s':>10}{'a task, ms':>12}")
    rows: list[dict[str, Any]] = []
    for name, told in found.items():
        start, task = (f"{told[k] * by:.1f}" if k in told else "–" for k, _, by in _MORE)
        print(
            f"{name:16}{told['seconds']:9.2f}{alone / told['seconds']:10.2f}{start:>10}{task:>12}"
        )
        row = {"way": name, "seconds": told["seconds"], "speed-up": alone / told["seconds"]}
        row |= {"least": told["least"], "most": told["most"]}
        rows.append(row | {f"{k}, {unit}": told[k] * by for k, unit, by in _MORE if k in told})
    facts = {"answers": options.answers, "model": options.model, "runs": options.runs}
    print(f"kept in {keep('engines', rows, **facts)}")


_MORE = (("start", "s", 1.0), ("a task", "ms", 1000.0))

if __name__ == "__main__":
    main()
