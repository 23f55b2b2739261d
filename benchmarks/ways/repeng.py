"""repeng: `ControlVector.train` at one layer; a principal component, so no difference in means."""

from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from repeng import ControlModel, ControlVector, DatasetEntry

from benchmarks.ways.plain import forward, loaded


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """It reads every block's hidden states, whichever are asked for."""
    network, tokenizer = loaded(job)
    plain = forward(network, tokenizer, job["positive"] + job["negative"])
    model = ControlModel(network, [job["layer"]])
    model.reset()
    dataset = [
        DatasetEntry(positive=one, negative=other)
        for one, other in zip(job["positive"], job["negative"], strict=True)
    ]

    @torch.inference_mode()
    def run() -> Any:
        trained = ControlVector.train(model, tokenizer, dataset, method="pca_center")
        return trained.directions[job["layer"]]

    return {
        "run": run,
        "reference": plain,
        "with": f"repeng {version('repeng')}, numpy {np.__version__}, "
        f"transformers {version('transformers')}",
    }
