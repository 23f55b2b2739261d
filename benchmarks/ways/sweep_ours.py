"""A sweep with this library: all doses in the same batches, prefixes shared, lengths expected."""

from typing import Any

import torch

import prefvec as pv
from benchmarks.ways.plain import loaded
from benchmarks.ways.sweep_plain import swept
from prefvec.text.prompts import Prompt
from prefvec.vectors.residual import Space

FOLLOWED = "an answer is followed until it has ended with a probability of 99 %"


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """Every answer takes more tokens than are read of it, for its expected length."""
    model = pv.load(job["model"], device="cpu", dtype=job["dtype"])
    direction = torch.tensor(job["vector"])
    site = pv.Site(job["layer"], "resid_post")
    vector = pv.PreferenceVector(
        direction=direction / direction.norm(),
        norm=float(direction.norm()),
        residual_norm=float(direction.norm()),
        space=Space.of(model, site),
        trait="verbosity",
        estimator="given",
        positions="last prompt token",
        n_pairs=1,
        prompt_set="given",
        read_from=frozenset(),
        stability=None,
    )
    requests = [
        pv.Request(
            prompt=Prompt(**prompt),
            sample=sample,
            steering=pv.Steering(vector=vector, coefficient=coefficient),
            arm=str(coefficient),
        )
        for coefficient in job["coefficients"]
        for prompt in job["prompts"]
        for sample in range(job["samples"])
    ]

    def run() -> torch.Tensor:
        answers = pv.generate(model, requests, pv.Sampling(max_new_tokens=job["max_new_tokens"]))
        tokens = [answer.n_tokens + (answer.finish_reason == "stop") for answer in answers]
        return (
            torch.tensor(tokens, dtype=torch.float32).reshape(len(job["coefficients"]), -1).mean(1)
        )

    network, tokenizer = loaded(job)
    return {"run": run, "reference": swept(network, tokenizer, job), "with": FOLLOWED}
