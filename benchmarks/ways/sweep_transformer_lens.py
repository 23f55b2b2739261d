"""A sweep with TransformerLens: a hook on the block's output round `generate`, once a dose."""

from importlib.metadata import version
from typing import Any

import torch

from benchmarks.ways.plain import loaded
from benchmarks.ways.sweep_plain import over_doses, swept
from benchmarks.ways.transformer_lens import bridged


class _Bridged:
    """Writes as the bridge does, asked as a model of transformers is."""

    def __init__(self, bridge: Any, end: int) -> None:
        self._bridge, self._end = bridge, end

    def generate(
        self,
        *,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        max_new_tokens: int,
        **_: Any,
    ) -> torch.Tensor:
        """Tokens of prompts and answers."""
        return self._bridge.generate(
            input_ids,
            attention_mask=attention_mask,
            max_new_tokens=max_new_tokens,
            eos_token_id=self._end,
            return_type="tokens",
            verbose=False,
        )


def prepare(job: dict[str, Any]) -> dict[str, Any]:
    """It adds its vector to every token, those of the prompt too; one token can end an answer."""
    torch.manual_seed(0)
    network, tokenizer = loaded(job)
    direction = torch.tensor(job["vector"]).to(network.dtype)
    bridge = bridged(network, tokenizer, job)

    def dosed(coefficient: float) -> Any:
        def move(output: torch.Tensor, hook: Any) -> torch.Tensor:
            return output + coefficient * direction

        return bridge.hooks(fwd_hooks=[(f"blocks.{job['layer']}.hook_out", move)])

    return {
        "run": over_doses(_Bridged(bridge, job["end_ids"][0]), tokenizer, job, dosed),
        "reference": swept(loaded(job)[0], tokenizer, job),
        "with": f"transformer-lens {version('transformer-lens')}, "
        f"transformers {version('transformers')}",
    }
