"""How time and peak memory grow with prompts, with doses and with the rows of a batch.

    python -m benchmarks.growth [--only prompts] [--model mini-mistral] [--threads 2]

Each size is measured in a process of its own, for a peak is that of a process. "prompts" and
"doses" are answers written in the batches that the suite chooses, "rows" as many answers in batches
of different sizes, "prompts read" the activations of one block at the last token of each prompt.
Ratios are to the smallest size, whose answers fill the largest batch that the suite takes: from
there on more of them should cost time alone.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

import torch

import prefvec as pv
from benchmarks.adapters import peak
from benchmarks.engines import requests
from benchmarks.floor import middle_vector
from benchmarks.results import keep
from prefvec.generation.requests import MOST_ROWS, generate
from prefvec.organisms.model_source import NamedSource
from prefvec.shipped import SHIPPED
from prefvec.vectors.activations import at_last_prompt_token

ASKED = 128
"""Prompts that are answered at each dose."""
SIZES = {
    "prompts": tuple(MOST_ROWS * times for times in (2, 8, 32)),
    "doses": tuple(MOST_ROWS // ASKED * times for times in (2, 8, 32)),
    "rows": (64, 256, 1024),
    "prompts read": tuple(MOST_ROWS * times for times in (8, 32, 128)),
}
"""What grows, and how often; by two lanes, batches of the most rows are full from the first."""
SAMPLING = pv.Sampling(max_new_tokens=48)


def done(what: str, size: int, model: pv.LanguageModel) -> int:
    """Do the work of one size; how many answers were written, or prompts read."""
    if what == "prompts read":
        site = pv.Site(model.n_layers // 2, "resid_post")
        asked = [each.prompt for each in different(size)]
        return len(at_last_prompt_token(model, asked, [site])[site])
    if what == "doses":
        vector = middle_vector(model, pv.load_prompts(SHIPPED / "short_questions.jsonl"))
        strengths = torch.linspace(-0.5, 0.5, size).tolist()
        steerings = [pv.Steering(vector=vector, coefficient=strength) for strength in strengths]
        written = [
            pv.Request(prompt=each.prompt, sample=0, steering=steering, arm="steered")
            for each in different(ASKED)
            for steering in steerings
        ]
        return len(generate(model, written, SAMPLING))
    if what == "rows":
        return len(generate(model, different(2 * MOST_ROWS), SAMPLING, batch_size=size))
    return len(generate(model, different(size), SAMPLING))


def different(count: int) -> list[pv.Request]:
    """One answer to each of so many prompts."""
    return requests(4 * count)[::4]


def told(what: str, size: int, model: str, threads: int) -> dict[str, float]:
    """Measure one size in this process: seconds and peak memory."""
    torch.set_num_threads(threads)
    loaded = NamedSource(name=model, device="cpu", dtype="float32")()
    generate(loaded, different(2), SAMPLING)  # the first pass of a process is slow
    begun = time.perf_counter()
    count = done(what, size, loaded)
    return {
        "done": count,
        "seconds": time.perf_counter() - begun,
        "peak, MB": peak(),
    }


def rows(wanted: Iterable[str], model: str, threads: int) -> Iterator[dict[str, Any]]:
    """Each size in a process of its own, printed as it is found."""
    print(f"{'grows':14}{'size':>8}{'done':>8}{'seconds':>9}{'a piece':>9}{'peak, MB':>10}{'':>7}")
    for what in wanted:
        first: dict[str, float] = {}
        for size in SIZES[what]:
            command = [sys.executable, "-m", "benchmarks.growth", "--model", model]
            command += ["--threads", str(threads), "--one", what, str(size)]
            ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found = json.loads(ended.stdout.splitlines()[-1])
            found["ms"] = 1e3 * found["seconds"] / found["done"]
            first = first or found
            row = {
                "grows": what,
                "size": size,
                "answers or prompts": found["done"],
                "seconds": found["seconds"],
                "ms each": found["ms"],
                "ms each, ratio": found["ms"] / first["ms"],
                "peak memory, MB": found["peak, MB"],
                "peak memory, ratio": found["peak, MB"] / first["peak, MB"],
            }
            print(
                f"{what:14}{size:>8}{found['done']:>8}{found['seconds']:>9.1f}"
                f"{row['ms each, ratio']:>9.2f}{found['peak, MB']:>10.0f}"
                f"{row['peak memory, ratio']:>7.2f}",
                flush=True,
            )
            yield row


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=SIZES, default=[*SIZES])
    parser.add_argument("--model", default="mini-mistral")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--one", nargs=2, metavar=("WHAT", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        what, size = options.one
        print(json.dumps(told(what, int(size), options.model, options.threads)))
        return
    facts = {"model": options.model, "threads": options.threads}
    print(f"kept in {keep('growth', rows(options.only, options.model, options.threads), **facts)}")


if __name__ == "__main__":
    main()
