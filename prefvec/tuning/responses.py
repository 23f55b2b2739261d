"""Answers side by side, and which positions of the batch are theirs."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.models.padding import left_padded

Spoken = tuple[Sequence[int], Sequence[int]]
"""Token ids of a prompt and of an answer to it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Responses:
    """A padded batch and its mask of response positions.

    Attributes:
        inputs: as a causal model takes them; every token has the position it has alone.
        mask: True at tokens of an answer; False in prompts and in the padding, which therefore
            enters no mean.
    """

    inputs: dict[str, Int[Tensor, "batch width"]]
    mask: Bool[Tensor, "batch width"]

    @classmethod
    def of(cls, model: LanguageModel, spoken: Sequence[Spoken]) -> "Responses":
        """Put prompts with their answers side by side.

        Raises:
            PrefvecError: if an answer has no tokens, or a prompt none.
        """
        if not spoken or not all(len(prompt) and len(answer) for prompt, answer in spoken):
            raise PrefvecError(
                "There is nothing to tune on: no answers, or one without tokens. Leave empty "
                "answers out."
            )
        inputs = left_padded([[*p, *a] for p, a in spoken], model.pad_id, model.device)
        width = inputs["input_ids"].shape[1]
        columns = torch.arange(width, device=model.device)
        lengths = torch.tensor([len(answer) for _, answer in spoken], device=model.device)
        return cls(inputs=inputs, mask=columns >= width - lengths[:, None])

    def rows(self, values: Float[Tensor, "batch width d_model"]) -> Float[Tensor, "n d_model"]:
        """The values at response positions, answer by answer, first token to last.

        Batches of the same answers under other prompts give the same rows in the same order,
        however wide they are padded.
        """
        return values[self.mask]

    def predicting(
        self, logits: Float[Tensor, "batch _ vocabulary"]
    ) -> Float[Tensor, "n vocabulary"]:
        """The logits that predict each response token: those of the position before it.

        Args:
            logits: at `last_columns`, or at all.
        """
        return logits[:, :-1][self.mask[:, -logits.shape[1] + 1 :]]

    @property
    def last_columns(self) -> Int[Tensor, " columns"]:
        """Those of the longest answer and the one before it: no other logits are needed.

        By their numbers, for transformers takes a slice of as many for a batch of products, each
        with a copy of the matrix of its own.
        """
        width, columns = self.mask.shape[1], int(self.mask.sum(dim=1).max())
        return torch.arange(width - columns - 1, width, device=self.mask.device)

    @property
    def labels(self) -> Int[Tensor, " n"]:
        """The response tokens, in the order of `predicting`."""
        return self.inputs["input_ids"][self.mask]

    @property
    def answers(self) -> Int[Tensor, " n"]:
        """The number of the answer that each response token belongs to."""
        return self.mask.nonzero()[:, 0]
