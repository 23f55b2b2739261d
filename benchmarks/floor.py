"""How near decoding comes to what the machine can do, and what steering costs in a step.

    python -m benchmarks.floor [--rows 1 32 256 1024] [--threads 2] [--dtype bfloat16]
        [--model smollm2-135m-instruct]

A step of one token must read every weight once and each row's keys and values, and must do two
operations for each weight and row. Measured here are the bytes a second that a pass over a large
tensor reads, and the operations a second of a large product of matrices, in the same run and number
type; the floor of a step is the larger of its two times. Our step is the difference between answers
of 48 and of 16 tokens, over 32, with prompts of 40 to 60 tokens, none of which ends. It is timed
unsteered and with a vector at the middle block, in turns.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

import prefvec as pv
from benchmarks.machine import described, in_words
from benchmarks.results import keep
from prefvec.generation.requests import generate
from prefvec.models.language_model import LanguageModel
from prefvec.shipped import SHIPPED
from prefvec.vectors.activations import at_last_prompt_token
from prefvec.vectors.extraction import difference_in_means

SHORT, LONG = 16, 48
TURNS = 3


def median_seconds(run: Callable[[], Any], times: int = 5) -> float:
    """Of several calls, after one that is not counted."""
    run()
    found: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def bandwidth(dtype: torch.dtype) -> float:
    """Bytes a second of a matrix far larger than any cache, times one vector."""
    matrix = torch.ones(8192, 32768, dtype=dtype)
    vector = torch.ones(32768, dtype=dtype)
    return matrix.numel() * matrix.itemsize / median_seconds(lambda: matrix @ vector)


def throughput(dtype: torch.dtype) -> float:
    """Operations a second of a product of square matrices."""
    n = 2048
    matrix = torch.ones(n, n, dtype=dtype)
    return 2 * n**3 / median_seconds(lambda: matrix @ matrix)


def without_end(model: LanguageModel) -> LanguageModel:
    """The model, of which no answer ends: the only end is a token that it never says."""
    unsaid = model.network.config.vocab_size - 1
    dialect = replace(model.dialect, end_ids=(unsaid,), end_strings=())
    return replace(model, dialect=dialect)


def floor_of(model: LanguageModel, rows: int, context: int, bytes_s: float, ops_s: float) -> float:
    """Seconds that a step takes at least."""
    config = model.network.config
    weights = sum(weight.numel() for weight in model.network.parameters())
    kept = 2 * model.n_layers * config.num_key_value_heads * config.head_dim * context
    read = (weights + rows * kept) * model.dtype.itemsize
    return max(read / bytes_s, 2 * rows * weights / ops_s)


def step(model: LanguageModel, requests: list[pv.Request], rows: int) -> float:
    """Seconds of a step of all rows."""
    taken: dict[int, float] = {}
    for length in (SHORT, LONG):
        start = time.perf_counter()
        generate(model, requests, pv.Sampling(max_new_tokens=length), batch_size=rows)
        taken[length] = time.perf_counter() - start
    return (taken[LONG] - taken[SHORT]) / (LONG - SHORT)


def measured(
    model: LanguageModel, questions: list[pv.Prompt], vector: pv.PreferenceVector, rows: int
) -> dict[str, float]:
    """Seconds of an unsteered step, and a steered one's over those of its neighbour."""
    plain, steered = (
        [
            pv.Request(
                prompt=questions[i % len(questions)],
                sample=i // len(questions),
                steering=steering,
                arm="timed",
            )
            for i in range(rows)
        ]
        for steering in (pv.UNSTEERED, pv.Steering(vector=vector, coefficient=0.1))
    )
    step(model, plain, rows)
    turns = [(step(model, plain, rows), step(model, steered, rows)) for _ in range(TURNS)]
    return {
        "rows": rows,
        "step": statistics.median(own for own, _ in turns),
        "steered": statistics.median(other / own for own, other in turns),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 32, 256, 1024])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--model", default="smollm2-135m-instruct")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = without_end(pv.load(options.model, device="cpu", dtype=options.dtype))
    bytes_s, ops_s = bandwidth(model.dtype), throughput(model.dtype)
    print(in_words(described()))
    print(f"{model.name}, {options.dtype}, {options.threads} threads")
    print(f"memory {bytes_s / 1e9:.1f} GB/s, products {ops_s / 1e9:.0f} GFLOP/s")
    print(f"{'rows':>6}{'step, ms':>10}{'floor, ms':>11}{'share':>8}{'steered':>9}")
    questions = pv.load_prompts(SHIPPED / "short_questions.jsonl")
    site = pv.Site(model.n_layers // 2, "resid_post")
    halves = [
        at_last_prompt_token(model, [each.instructed(words) for each in questions[:16]], [site])
        for words in ("Answer at length.", "Answer in a few words.")
    ]
    vector = difference_in_means(
        halves[0][site], halves[1][site], trait="verbosity", prompt_set="timed"
    )
    found: list[dict[str, float]] = []
    for rows in options.rows:
        found.append(measured(model, questions, vector, rows))
        found[-1]["floor"] = floor_of(model, rows, 50 + (SHORT + LONG) // 2, bytes_s, ops_s)
        found[-1]["share"] = found[-1]["floor"] / found[-1]["step"]
        print(
            f"{rows:>6}{1e3 * found[-1]['step']:>10.1f}{1e3 * found[-1]['floor']:>11.1f}"
            f"{found[-1]['share']:>8.0%}{found[-1]['steered']:>9.3f}",
            flush=True,
        )
    facts = {"model": model.name, "dtype": options.dtype, "threads": options.threads}
    facts |= {"bytes_a_second": bytes_s, "operations_a_second": ops_s, "steps": found}
    print(f"kept in {keep('floor', facts)}")


if __name__ == "__main__":
    main()
