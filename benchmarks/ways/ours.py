"""This library: one block, or all of them."""

from typing import Any

import prefvec as pv
from benchmarks.ways.plain import forward, loaded
from prefvec.text.prompts import Prompt
from prefvec.vectors.activations import at_last_prompt_token


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """Both poles in one reading; batches as a fixed memory allows, by length."""
    model = pv.load(job["model"], device="cpu", dtype=job["dtype"])
    prompts = [Prompt(**prompt) for prompt in job["prompts"]]
    half = len(prompts) // 2
    layers = range(model.n_layers) if job["every_block"] else [job["layer"]]
    sites = [pv.Site(layer, "resid_post") for layer in layers]
    wanted = pv.Site(job["layer"], "resid_post")

    def run() -> Any:
        rows = at_last_prompt_token(model, prompts, sites)[wanted].values
        return rows[:half].mean(dim=0) - rows[half:].mean(dim=0)

    network, tokenizer = loaded(job)
    return {
        "run": run,
        "reference": forward(network, tokenizer, job["positive"] + job["negative"]),
        "with": "this commit",
    }
