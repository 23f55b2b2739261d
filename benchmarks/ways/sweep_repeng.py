"""A sweep with repeng: `set_control` and `generate`, once a dose."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from repeng import ControlModel, ControlVector

from benchmarks.ways.plain import loaded
from benchmarks.ways.sweep_plain import over_doses, swept


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """It adds its vector to every token, those of the prompt too."""
    torch.manual_seed(0)
    network, tokenizer = loaded(job)
    reference = swept(loaded(job)[0], tokenizer, job)
    model = ControlModel(network, [job["layer"]])
    direction = np.asarray(job["vector"], dtype=np.float32)
    vector = ControlVector(model_type="llama", directions={job["layer"]: direction})

    @contextmanager
    def dosed(coefficient: float) -> Generator[None]:
        model.set_control(vector, coefficient)
        try:
            yield
        finally:
            model.reset()

    return {
        "run": over_doses(model, tokenizer, job, dosed),
        "reference": reference,
        "with": f"repeng {version('repeng')}, numpy {np.__version__}, "
        f"transformers {version('transformers')}",
    }
