"""TransformerLens: `run_with_cache` of one hook, stopped after the block that is read."""

from importlib.metadata import version
from typing import Any

import torch
from transformer_lens.model_bridge import TransformerBridge

from benchmarks.ways.plain import batches, forward, loaded


def bridged(network: Any, tokenizer: Any, job: dict[str, Any]) -> Any:
    """Its bridge to a model of transformers."""
    return TransformerBridge.boot_transformers(
        job["model"],
        hf_model=network,
        tokenizer=tokenizer,
        dtype=getattr(torch, job["dtype"]),
        device="cpu",
    )


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """By its bridge to models of transformers."""
    network, tokenizer = loaded(job)
    plain = forward(network, tokenizer, job["positive"] + job["negative"])
    bridge = bridged(network, tokenizer, job)
    hook = f"blocks.{job['layer']}.hook_out"
    every = [f"blocks.{block}.hook_out" for block in range(len(network.model.layers))]
    names = every if job["every_block"] else [hook]

    @torch.inference_mode()
    def last(texts: list[str]) -> torch.Tensor:
        rows = []
        for batch in batches(texts):
            encoded = tokenizer(batch, return_tensors="pt", padding=True)
            _, cache = bridge.run_with_cache(
                encoded["input_ids"],
                attention_mask=encoded["attention_mask"],
                names_filter=lambda name: name in names,
                stop_at_layer=None if job["every_block"] else job["layer"] + 1,
            )
            rows.append(cache[hook][:, -1])
        return torch.cat(rows).float()

    return {
        "run": lambda: last(job["positive"]).mean(dim=0) - last(job["negative"]).mean(dim=0),
        "reference": plain,
        "with": f"transformer-lens {version('transformer-lens')}, "
        f"transformers {version('transformers')}",
    }
