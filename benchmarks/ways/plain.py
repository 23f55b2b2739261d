"""Plain transformers: hidden states of every block, in batches of 32 as the texts come."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

BATCH = 32


def loaded(job: dict[str, Any]) -> tuple[Any, Any]:
    """Model and tokenizer; texts are padded on the left, and begin as they are written."""
    dtype = getattr(torch, job["dtype"])
    network = AutoModelForCausalLM.from_pretrained(job["model"], dtype=dtype).eval()
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    tokenizer.padding_side, tokenizer.add_bos_token = "left", False
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    return network, tokenizer


def batches(texts: list[str], size: int = BATCH) -> list[list[str]]:
    """Texts in the order they came."""
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def forward(network: Any, tokenizer: Any, texts: list[str]) -> Callable[[], None]:
    """The reference of every way: one plain forward pass of all texts, nothing kept."""

    @torch.inference_mode()
    def run() -> None:
        for batch in batches(texts):
            network(**tokenizer(batch, return_tensors="pt", padding=True), use_cache=False)

    return run


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """As a few lines of anybody's script would do it."""
    network, tokenizer = loaded(job)
    positive, negative = job["positive"], job["negative"]

    @torch.inference_mode()
    def last(texts: list[str]) -> torch.Tensor:
        rows = [
            network(
                **tokenizer(batch, return_tensors="pt", padding=True),
                use_cache=False,
                output_hidden_states=True,
            ).hidden_states
            for batch in batches(texts)
        ]
        return torch.cat([states[job["layer"] + 1][:, -1] for states in rows]).float()

    return {
        "run": lambda: last(positive).mean(dim=0) - last(negative).mean(dim=0),
        "reference": forward(network, tokenizer, positive + negative),
        "with": f"transformers {version('transformers')}",
    }
