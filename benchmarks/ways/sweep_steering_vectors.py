"""A sweep with steering-vectors: `SteeringVector.apply` round `generate`, once a dose."""

from importlib.metadata import version
from typing import Any

import torch
from steering_vectors import SteeringVector

from benchmarks.ways.plain import loaded
from benchmarks.ways.sweep_plain import over_doses, swept


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """It adds its vector to every token, those of the prompt too."""
    torch.manual_seed(0)
    network, tokenizer = loaded(job)
    direction = torch.tensor(job["vector"]).to(network.dtype)
    vector = SteeringVector(layer_activations={job["layer"]: direction})

    def dosed(coefficient: float) -> Any:
        return vector.apply(network, multiplier=coefficient)

    return {
        "run": over_doses(network, tokenizer, job, dosed),
        "reference": swept(network, tokenizer, job),
        "with": f"steering-vectors {version('steering-vectors')}, "
        f"transformers {version('transformers')}",
    }
