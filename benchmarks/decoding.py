"""How fast answers are generated, against transformers and against bare forward passes.

One run prints tokens per second and ratios for the same prompts and the same number of answers:

    python benchmarks/decoding.py [--threads 2] [--answers 768] [--model PATH]

Without a model it builds one of random weights in the shape of the organisms (width 128, 6
blocks, 4 heads of which 2 for keys and values, vocabulary 1,500), whose answers end by chance
after about 40 tokens. `bare forward passes` is the floor: one-token passes of a full batch over a
cache as long as an average answer, without sampling, steering or leaving. `model.generate` samples
with its own cache and keeps finished rows until the last one of the batch has ended.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from transformers import LlamaConfig

from benchmarks.random_weights import random_model
from benchmarks.results import keep
from prefvec.generation.cache import PreallocatedCache
from prefvec.generation.requests import UNSTEERED, Request, Sampling, generate
from prefvec.models.language_model import LanguageModel, load
from prefvec.models.padding import left_padded
from prefvec.text.prompts import Prompt

VOCABULARY = 1_500
ENDS = 37
SAMPLING = Sampling(max_new_tokens=160)


def organism_like() -> LanguageModel:
    """A model in the organisms' shape; one token in 40 ends an answer."""
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=128,
        intermediate_size=344,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
    )
    model = random_model("random", config, device="cpu", dtype=torch.float32)
    ends = tuple(range(1, 1 + ENDS))
    return replace(model, dialect=replace(model.dialect, end_ids=ends))


def ours(model: LanguageModel, prompts: list[Prompt], samples: int, rows: int) -> int:
    """Tokens that `prefvec.generation.requests.generate` writes."""
    requests = [
        Request(prompt=prompt, sample=sample, steering=UNSTEERED, arm="")
        for prompt in prompts
        for sample in range(samples)
    ]
    answers = generate(model, requests, SAMPLING, batch_size=rows)
    return sum(answer.n_tokens + (answer.finish_reason == "stop") for answer in answers)


def theirs(model: LanguageModel, prompts: list[Prompt], samples: int, rows: int) -> int:
    """Tokens that `model.generate` writes, up to and with the one that ends each answer."""
    sequences = [model.encode(prompt) for prompt in prompts for _ in range(samples)]
    ends = torch.tensor(model.end_ids, device=model.device)
    total = 0
    for start in range(0, len(sequences), rows):
        padded = left_padded(sequences[start : start + rows], model.pad_id, model.device)
        del padded["position_ids"]
        written = model.network.generate(
            **padded,
            do_sample=True,
            top_k=0,
            max_new_tokens=SAMPLING.max_new_tokens,
            eos_token_id=list(model.end_ids),
            pad_token_id=model.pad_id,
        )[:, padded["input_ids"].shape[1] :]
        ended = torch.isin(written, ends).int().cummax(dim=1).values
        total += int((1 - ended).sum() + ended[:, -1].sum())
    return total


@torch.inference_mode()
def bare(model: LanguageModel, prompts: list[Prompt], rows: int, length: int) -> int:
    """Tokens that bare forward passes read."""
    prefix = max(len(model.encode(prompt)) for prompt in prompts)
    cache = PreallocatedCache.empty(model.n_layers, prefix + length)
    ids = torch.full((rows, prefix), 5, device=model.device)
    model.network.base_model(input_ids=ids, past_key_values=cache, use_cache=True)
    for _ in range(length):
        model.network(input_ids=ids[:, :1], past_key_values=cache, use_cache=True)
    return rows * length


def rate(run: Callable[[], int]) -> float:
    """Tokens per second."""
    start = time.perf_counter()
    tokens = run()
    return tokens / (time.perf_counter() - start)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--answers", type=int, default=768)
    parser.add_argument("--rows", type=int, default=512, help="rows in a batch")
    parser.add_argument("--model", help="a directory or hub id instead of random weights")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = load(options.model) if options.model else organism_like()
    prompts = [Prompt(id=f"p{i}", text="w7 w8 w9 " * (3 + i % 6), topic="none") for i in range(96)]
    samples = max(1, options.answers // len(prompts))
    batch = min(options.rows, samples * len(prompts))
    ours(model, prompts[:4], 1, batch)  # the first pass of a process is slow
    runs = {
        "prefvec generate": lambda: ours(model, prompts, samples, batch),
        "model.generate": lambda: theirs(model, prompts, samples, batch),
        "bare forward passes": lambda: bare(model, prompts, batch, 40),
    }
    rates = {name: rate(run) for name, run in runs.items()}
    print(f"{samples * len(prompts)} answers, {batch} rows, {options.threads} threads")
    print(f"{'':<22}{'tokens/s':>10}{'ratio':>8}")
    rows: list[dict[str, Any]] = []
    for name, value in rates.items():
        rows.append({"way": name, "tokens/s": value, "ratio": value / rates["prefvec generate"]})
        print(f"{name:<22}{value:>10,.0f}{rows[-1]['ratio']:>8.2f}")
    facts = {"model": options.model or "an organism's shape", "threads": options.threads}
    print(f"kept in {keep('decoding', rows, answers=samples * len(prompts), **facts)}")


if __name__ == "__main__":
    main()
