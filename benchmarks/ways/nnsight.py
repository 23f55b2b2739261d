"""nnsight: one trace a batch, stopped after the block that is read."""

from importlib.metadata import version
from typing import Any

import torch
from nnsight import LanguageModel

from benchmarks.ways.plain import batches, forward, loaded


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """As its documentation reads a hidden state; `tracer.stop()` ends the pass there."""
    network, tokenizer = loaded(job)
    model = LanguageModel(network, tokenizer=tokenizer)
    plain = forward(network, tokenizer, job["positive"] + job["negative"])
    blocks = range(len(network.model.layers)) if job["every_block"] else [job["layer"]]

    @torch.inference_mode()
    def last(texts: list[str]) -> torch.Tensor:
        rows = []
        for batch in batches(texts):
            encoded = tokenizer(batch, return_tensors="pt", padding=True)
            kept: Any = None
            with model.trace(encoded) as tracer:
                kept = [].save()
                for block in blocks:
                    kept.append(model.model.layers[block].output)
                tracer.stop()
            found = kept[job["layer"] if job["every_block"] else 0]
            rows.append((found if isinstance(found, torch.Tensor) else found[0])[:, -1])
        return torch.cat(rows).float()

    return {
        "run": lambda: last(job["positive"]).mean(dim=0) - last(job["negative"]).mean(dim=0),
        "reference": plain,
        "with": f"nnsight {version('nnsight')}, transformers {version('transformers')}",
    }
