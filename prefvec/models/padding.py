"""Sequences of different lengths in one batch."""

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Int
from torch import Tensor


def left_padded(
    sequences: Sequence[Sequence[int]], pad_id: int, device: torch.device
) -> dict[str, Int[Tensor, "batch width"]]:
    """Put sequences side by side so that they all end in the last column.

    Returns:
        `input_ids`, `attention_mask` and `position_ids`, as a causal model of transformers takes
        them. Every token keeps the position it has alone: left to themselves, several versions
        of the library count the padding in.
    """
    width = max(map(len, sequences))
    ids = torch.full((len(sequences), width), pad_id)
    mask = torch.zeros((len(sequences), width), dtype=torch.long)
    for row, sequence in enumerate(sequences):
        ids[row, width - len(sequence) :] = torch.as_tensor(sequence, dtype=torch.long)
        mask[row, width - len(sequence) :] = 1
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
    return {
        "input_ids": ids.to(device),
        "attention_mask": mask.to(device),
        "position_ids": positions.to(device),
    }


def by_length(
    lengths: Sequence[int], *, most: int | None, most_tokens: float
) -> Iterator[list[int]]:
    """Indices of sequences of similar length, longest first, in batches.

    Args:
        lengths: of all sequences.
        most: sequences in a batch; None for no limit.
        most_tokens: tokens in a batch, padding included; one sequence always fits.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and (len(batch) == most or (len(batch) + 1) * lengths[batch[0]] > most_tokens):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
