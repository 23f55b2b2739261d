"""What decoding and extraction come to on an accelerator, at the full shapes of 7B models.

    python -m benchmarks.gpu [--minutes 8] [--device auto] [--shapes mistral-7b llama-3-8b gemma-7b]
        [--rows 1 32 256 1024] [--blocks N] [--into FOLDER]

Weights are random, of bfloat16, drawn where they are used, so that nothing is downloaded. Of each
shape are told

- a step of decoding beside the floor that memory and products of matrices set, and a steered step
  over an unsteered one, as `benchmarks.floor` does;
- extraction at the middle block, and at all, over a plain forward pass of the same texts in
  batches of 32;
- of how many answers all tokens are the same when they are written in batches of 8 as in one of
  64: rounding differs by the batch's shape, and a token that is drawn at a tie falls either way;
- the greatest memory in use.

What was found of a shape is kept before the next one begins, and `python -m benchmarks.tables` puts
it into docs/performance.md. A shape is begun only if `--minutes` leave what the longest before
took; the first is begun in any case, and none is broken off. `--blocks 1 --device cpu` tries it
where there is no accelerator.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch

import prefvec as pv
from benchmarks.floor import middle_vector, steps
from benchmarks.limits import median_seconds, seconds
from benchmarks.machine import described, in_words
from benchmarks.random_weights import SHAPES, random_model, without_end
from benchmarks.results import KEPT, keep
from prefvec.generation.requests import generate
from prefvec.models.language_model import LanguageModel
from prefvec.models.padding import left_padded
from prefvec.models.placement import AUTO, choose_device
from prefvec.vectors.activations import at_last_prompt_token

TURNS = 3
PASSED = 32
"""Texts in a batch of the plain forward pass."""
TOGETHER, APART = 64, 8
"""Rows in a batch, of the same answers written twice."""


def questions(count: int) -> list[pv.Prompt]:
    """Of 40 to 60 words that the tokenizer has."""
    return [
        pv.Prompt(
            id=f"q{i}", text=" ".join(f"w{2 + 7 * i + j}" for j in range(40 + i % 21)), topic="none"
        )
        for i in range(count)
    ]


@torch.inference_mode()
def extraction(model: LanguageModel, prompts: list[pv.Prompt]) -> dict[str, float]:
    """Time of reading one block, and all, over that of plain passes: medians of ratios."""
    ids = [model.encode(prompt) for prompt in prompts]

    def plain() -> None:
        for start in range(0, len(ids), PASSED):
            batch = left_padded(ids[start : start + PASSED], model.pad_id, model.device)
            model.network(**batch, use_cache=False)

    found: dict[str, float] = {}
    ways = {
        "middle block over a plain pass": [model.n_layers // 2],
        "all blocks over a plain pass": list(range(model.n_layers)),
    }
    for name, layers in ways.items():
        sites = [pv.Site(layer, "resid_post") for layer in layers]

        def ours(sites: list[pv.Site] = sites) -> None:
            at_last_prompt_token(model, prompts, sites)

        median_seconds(ours, model.device, times=1)
        median_seconds(plain, model.device, times=1)
        turns = [seconds(ours, model.device) / seconds(plain, model.device) for _ in range(TURNS)]
        found[name] = statistics.median(turns)
    return found


def agreement(model: LanguageModel, prompts: list[pv.Prompt]) -> float:
    """Share of answers whose tokens are all the same in batches of either size."""
    requests = [
        pv.Request(prompt=prompt, sample=0, steering=pv.UNSTEERED, arm="timed")
        for prompt in prompts[:TOGETHER]
    ]
    sampling = pv.Sampling(max_new_tokens=32)
    together, apart = (
        generate(model, requests, sampling, batch_size=rows) for rows in (TOGETHER, APART)
    )
    return statistics.mean(one.ids == other.ids for one, other in zip(together, apart, strict=True))


def of_shape(name: str, device: torch.device, options: argparse.Namespace) -> None:
    """Measure, print and keep all that is told of one shape."""
    differs = {} if options.blocks is None else {"num_hidden_layers": options.blocks}
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    model = random_model(name, SHAPES[name], device=device, dtype=torch.bfloat16, **differs)
    weights = sum(weight.numel() for weight in model.network.parameters())
    print(f"{name}: {weights / 1e9:.2f} thousand million weights, {model.n_layers} blocks")
    asked, endless = questions(TOGETHER), without_end(model)
    found = list(steps(endless, asked, middle_vector(model, asked), options.rows))
    facts = {"model": name, "blocks": model.n_layers, "weights": weights, "dtype": "bfloat16"}
    told = extraction(model, asked) | {"same answers": agreement(endless, asked)}
    if device.type == "cuda":
        told["most memory, GiB"] = torch.cuda.max_memory_allocated(device) / 2**30
    print(", ".join(f"{what} {value:.2f}" for what, value in told.items()))
    print(f"kept in {keep(f'gpu-{name}', found, under=options.into, **facts, **told)}", flush=True)


def main() -> None:
    """Measure, print and keep, shape by shape."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=8.0, help="in which a further shape fits")
    parser.add_argument("--device", default=AUTO, help="auto: the best there is")
    parser.add_argument("--shapes", nargs="+", choices=sorted(SHAPES), default=list(SHAPES))
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 32, 256, 1024])
    parser.add_argument("--blocks", type=int, help="fewer than the shape has, to try it")
    parser.add_argument("--into", type=Path, default=KEPT, help="a folder for what was found")
    options = parser.parse_args()
    device = choose_device(None if options.device == AUTO else options.device)
    print(in_words(described()))
    spent, longest = 0.0, 0.0
    for name in options.shapes:
        if spent + longest > options.minutes:
            told = f"{spent:.1f} minutes have passed, and one shape has taken {longest:.1f}"
            print(f"{name}: not begun, for {told}.")
            continue
        begun = time.monotonic()
        of_shape(name, device, options)
        taken = (time.monotonic() - begun) / 60
        spent, longest = spent + taken, max(longest, taken)


if __name__ == "__main__":
    main()
