"""A sweep with steering-vectors: `SteeringVector.apply` round `generate`, once a dose."""

from importlib.metadata import version
from typing import Any

import torch
from steering_vectors import SteeringVector

from benchmarks.ways.plain import loaded
from benchmarks.ways.sweep_plain import swept, written


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """It adds its vector to every token, those of the prompt too."""
    torch.manual_seed(0)
    network, tokenizer = loaded(job)
    direction = torch.tensor(job["vector"]).to(network.dtype)
    vector = SteeringVector(layer_activations={job["layer"]: direction})

    @torch.inference_mode()
    def run() -> torch.Tensor:
        means: list[float] = []
        for coefficient in job["coefficients"]:
            with vector.apply(network, multiplier=coefficient):
                counts = written(network, tokenizer, job)
            means.append(sum(counts) / len(counts))
        return torch.tensor(means)

    return {
        "run": run,
        "reference": swept(network, tokenizer, job),
        "with": f"steering-vectors {version('steering-vectors')}, "
        f"transformers {version('transformers')}",
    }
