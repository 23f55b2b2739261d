"""A sweep with plain transformers: a forward hook, and `generate` once a dose in batches of 32."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from typing import Any

import torch

from benchmarks.ways.plain import batches, loaded


def written(network: Any, tokenizer: Any, job: dict[str, Any]) -> list[int]:
    """Tokens of the answers that are sampled, up to and with the one that ends each."""
    counts: list[int] = []
    ends = torch.tensor(job["end_ids"])
    for batch in batches(job["texts"] * job["samples"]):
        encoded = tokenizer(batch, return_tensors="pt", padding=True)
        answers = network.generate(
            **encoded,
            do_sample=True,
            top_k=0,
            top_p=1.0,
            temperature=1.0,
            max_new_tokens=job["max_new_tokens"],
            eos_token_id=job["end_ids"],
            pad_token_id=tokenizer.pad_token_id,
        )[:, encoded["input_ids"].shape[1] :]
        ended = torch.isin(answers, ends).int().cummax(dim=1).values
        counts += ((1 - ended).sum(dim=1) + ended[:, -1]).tolist()
    return counts


def over_doses(
    network: Any,
    tokenizer: Any,
    job: dict[str, Any],
    dosed: Callable[[float], AbstractContextManager[Any]],
) -> Callable[[], torch.Tensor]:
    """The sweep, dose by dose; mean tokens at each.

    Args:
        network: writes the answers.
        tokenizer: its own.
        job: what is asked for.
        dosed: steers at a coefficient, as long as its block is open.
    """

    @torch.inference_mode()
    def run() -> torch.Tensor:
        means: list[float] = []
        for coefficient in job["coefficients"]:
            with dosed(coefficient):
                counts = written(network, tokenizer, job)
            means.append(sum(counts) / len(counts))
        return torch.tensor(means)

    return run


def swept(network: Any, tokenizer: Any, job: dict[str, Any]) -> Callable[[], torch.Tensor]:
    """The sweep by a forward hook."""
    direction = torch.tensor(job["vector"]).to(network.dtype)
    block = network.model.layers[job["layer"]]

    @contextmanager
    def hooked(coefficient: float) -> Generator[None]:
        def move(module: Any, args: Any, output: Any) -> Any:
            if isinstance(output, torch.Tensor):
                return output + coefficient * direction
            return (output[0] + coefficient * direction, *output[1:])

        hook = block.register_forward_hook(move)
        try:
            yield
        finally:
            hook.remove()

    return over_doses(network, tokenizer, job, hooked)


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """It is its own reference."""
    torch.manual_seed(0)
    network, tokenizer = loaded(job)
    run = swept(network, tokenizer, job)
    return {"run": run, "reference": run, "with": f"transformers {version('transformers')}"}
