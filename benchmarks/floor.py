"""How near decoding comes to what the machine can do, and what steering costs in a step.

    python -m benchmarks.floor [--rows 1 32 256 1024] [--threads 2] [--dtype bfloat16]
        [--model smollm2-135m-instruct]

A step of one token must read every weight once and each row's keys and values, and must do two
operations for each weight and row. Measured here are the bytes a second that a pass over a large
tensor reads, and the operations a second of a large product of matrices, in the same run and number
type; the floor of a step is the larger of its two times. Our step is the difference between answers
of 48 and of 16 tokens, over 32, with prompts of 40 to 60 tokens, none of which ends. It is timed
unsteered, twice with a vector at the middle block, and unsteered again, so that a machine that
slows down favours neither; least and largest ratio tell what its noise is.
"""

import argparse
import statistics
from collections.abc import Iterator
from functools import partial

import torch

import prefvec as pv
from benchmarks.limits import bandwidth, floor_of, seconds, throughput
from benchmarks.machine import described, in_words
from benchmarks.random_weights import without_end
from benchmarks.results import keep
from prefvec.generation.requests import generate
from prefvec.models.language_model import LanguageModel
from prefvec.shipped import SHIPPED
from prefvec.vectors.activations import at_last_prompt_token
from prefvec.vectors.extraction import difference_in_means

SHORT, LONG = 16, 48
TURNS = 3


def step(model: LanguageModel, requests: list[pv.Request], rows: int) -> float:
    """Seconds of a step of all rows."""
    taken: dict[int, float] = {}
    for length in (SHORT, LONG):
        sampling = pv.Sampling(max_new_tokens=length)
        taken[length] = seconds(
            partial(generate, model, requests, sampling, batch_size=rows), model.device
        )
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
    turns = [
        [step(model, each, rows) for each in (plain, steered, steered, plain)] for _ in range(TURNS)
    ]
    ratios = [sum(turn[1:3]) / (turn[0] + turn[3]) for turn in turns]
    return {
        "rows": rows,
        "step, ms": 1e3 * statistics.median(own for turn in turns for own in turn[::3]),
        "steered over unsteered": statistics.median(ratios),
        "least": min(ratios),
        "largest": max(ratios),
    }


def steps(
    model: LanguageModel,
    questions: list[pv.Prompt],
    vector: pv.PreferenceVector,
    rows: list[int],
) -> Iterator[dict[str, float]]:
    """Our step and its floor at each number of rows, printed as they are found."""
    bytes_s, ops_s = (limit(model.dtype, model.device) for limit in (bandwidth, throughput))
    print(f"memory {bytes_s / 1e9:.1f} GB/s, products {ops_s / 1e9:.0f} GFLOP/s")
    print(f"{'rows':>6}{'step, ms':>10}{'floor, ms':>11}{'share':>8}{'steered':>9}")
    for count in rows:
        try:
            told = measured(model, questions, vector, count)
        except torch.OutOfMemoryError:
            print(f"{count:>6}  more memory than there is", flush=True)
            continue
        least = floor_of(model, count, 50 + (SHORT + LONG) // 2, bytes_s, ops_s)
        told |= {"floor, ms": 1e3 * least, "share of the floor": 1e3 * least / told["step, ms"]}
        told |= {"memory, GB/s": bytes_s / 1e9, "products, GFLOP/s": ops_s / 1e9}
        print(
            f"{count:>6}{told['step, ms']:>10.1f}{told['floor, ms']:>11.1f}"
            f"{told['share of the floor']:>8.0%}{told['steered over unsteered']:>9.3f}",
            flush=True,
        )
        yield told


def middle_vector(model: LanguageModel, questions: list[pv.Prompt]) -> pv.PreferenceVector:
    """Verbosity from few questions: what a step costs does not depend on where it points."""
    site = pv.Site(model.n_layers // 2, "resid_post")
    halves = [
        at_last_prompt_token(model, [each.instructed(words) for each in questions[:16]], [site])
        for words in ("Answer at length.", "Answer in a few words.")
    ]
    return difference_in_means(
        halves[0][site], halves[1][site], trait="verbosity", prompt_set="timed"
    )


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
    print(in_words(described()))
    print(f"{model.name}, {options.dtype}, {options.threads} threads")
    questions = pv.load_prompts(SHIPPED / "short_questions.jsonl")
    found = steps(model, questions, middle_vector(model, questions), options.rows)
    facts = {"model": model.name, "dtype": options.dtype, "threads": options.threads}
    print(f"kept in {keep('floor', found, **facts)}")


if __name__ == "__main__":
    main()
