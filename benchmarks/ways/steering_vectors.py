"""steering-vectors: `train_steering_vector` at one layer, the last token of each text."""

from importlib.metadata import version
from typing import Any

import torch
from steering_vectors import SteeringVectorTrainingSample, train_steering_vector

from benchmarks.ways.plain import forward, loaded


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """With the batch size that the job names, or the library's own."""
    network, tokenizer = loaded(job)
    samples = [
        SteeringVectorTrainingSample(positive_str=one, negative_str=other)
        for one, other in zip(job["positive"], job["negative"], strict=True)
    ]
    sized = {"batch_size": job["batch_size"]} if job.get("batch_size") else {}

    @torch.inference_mode()
    def run() -> Any:
        layers = None if job["every_block"] else [job["layer"]]
        trained = train_steering_vector(
            network, tokenizer, samples, layers=layers, read_token_index=-1, **sized
        )
        return trained.layer_activations[job["layer"]].float()

    return {
        "run": run,
        "reference": forward(network, tokenizer, job["positive"] + job["negative"]),
        "with": f"steering-vectors {version('steering-vectors')}, "
        f"transformers {version('transformers')}",
    }
