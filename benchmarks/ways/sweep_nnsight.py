"""A sweep with nnsight: the block's output edited at every step of `generate`, once a dose."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import torch
from nnsight import LanguageModel

from benchmarks.ways.plain import loaded
from benchmarks.ways.sweep_plain import over_doses, swept


class _Traced:
    """Writes as the network does, while its block is moved at each step.

    Attributes:
        moved: what is added to the block's output; None leaves it alone.
    """

    def __init__(self, network: Any, tokenizer: Any, layer: int) -> None:
        self.moved: torch.Tensor | None = None
        self._model: Any = LanguageModel(network, tokenizer=tokenizer)
        self._layer = layer

    def generate(
        self, *, input_ids: torch.Tensor, attention_mask: torch.Tensor, **asked: Any
    ) -> torch.Tensor:
        """Tokens of prompts and answers."""
        model, layer, moved = self._model, self._layer, self.moved
        encoded = {"input_ids": input_ids, "attention_mask": attention_mask}
        ids: Any = None
        with model.generate(**asked) as tracer:
            with tracer.invoke(encoded):
                for _ in tracer.all():
                    model.model.layers[layer].output[:] += moved
            with tracer.invoke():
                ids = tracer.result.save()
        return ids


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """It adds its vector to every token, those of the prompt too."""
    torch.manual_seed(0)
    network, tokenizer = loaded(job)
    direction = torch.tensor(job["vector"]).to(network.dtype)
    traced = _Traced(network, tokenizer, job["layer"])

    @contextmanager
    def dosed(coefficient: float) -> Generator[None]:
        traced.moved = coefficient * direction
        yield

    return {
        "run": over_doses(traced, tokenizer, job, dosed),
        "reference": swept(loaded(job)[0], tokenizer, job),
        "with": f"nnsight {version('nnsight')}, transformers {version('transformers')}",
    }
