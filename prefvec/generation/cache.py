"""Keys and values of many answers at once, in memory taken once."""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from transformers import Cache
from transformers.cache_utils import DynamicLayer

from prefvec.errors import PrefvecError


class PreallocatedLayer(DynamicLayer):
    """One block's keys and values, written in place instead of copied at every step.

    Every column is kept, also those outside a sliding window: the attention mask, which follows
    from the sizes given here, leaves them out.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self._capacity = capacity
        self._rows = 0
        self._length = 0
        self._kept: tuple[Tensor, ...] = ()

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Append columns; returns views of all columns so far."""
        if not self._kept:
            self._rows = key_states.shape[0]
            self._kept = tuple(
                self._room(state, self._rows) for state in (key_states, value_states)
            )
            self.is_initialized = True
        start, self._length = self._length, self._length + key_states.shape[2]
        for kept, state in zip(self._kept, (key_states, value_states), strict=True):
            kept[: self._rows, :, start : self._length] = state
        keys, values = (kept[: self._rows, :, : self._length] for kept in self._kept)
        return keys, values

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Columns the next query attends among, and where they begin."""
        return self._length + query_length, 0

    def get_seq_length(self) -> int:
        """Columns so far."""
        return self._length

    def expanded(self, rows: Int[Tensor, " rows"], capacity: int) -> "PreallocatedLayer":
        """A layer with room for `capacity` columns whose rows repeat rows of this one."""
        layer = PreallocatedLayer(capacity)
        layer._rows, layer._length = len(rows), self._length
        layer._kept = tuple(layer._room(kept, len(rows)) for kept in self._kept)
        for new, kept in zip(layer._kept, self._kept, strict=True):
            taken = rows.to(kept.device)  # blocks of a spread model lie on several devices
            new[:, :, : self._length] = kept[:, :, : self._length].index_select(0, taken)
        layer.is_initialized = True
        return layer

    def move(self, source: Int[Tensor, " k"], target: Int[Tensor, " k"], rows: int) -> None:
        """Overwrite the target rows with the source rows, then keep the first `rows`."""
        for kept in self._kept:
            into, of = target.to(kept.device), source.to(kept.device)
            kept[into, :, : self._length] = kept[of, :, : self._length]
        self._rows = rows

    def _room(self, like: Float[Tensor, "_ heads _ width"], rows: int) -> Tensor:
        return like.new_empty((rows, like.shape[1], self._capacity, like.shape[3]))


class PreallocatedCache(Cache):
    """Keys and values of all blocks; rows can be repeated and dropped."""

    def __init__(self, layers: list[PreallocatedLayer]) -> None:
        super().__init__(layers=list(layers))
        self._preallocated = layers

    @classmethod
    def empty(cls, n_layers: int, capacity: int) -> "PreallocatedCache":
        """A cache of nothing, with room for `capacity` columns."""
        return cls([PreallocatedLayer(capacity) for _ in range(n_layers)])

    def expanded(self, rows: Int[Tensor, " rows"], capacity: int) -> "PreallocatedCache":
        """A cache whose rows repeat the given rows of this one, with room for more columns."""
        return PreallocatedCache([layer.expanded(rows, capacity) for layer in self._preallocated])

    def keep(self, alive: Tensor) -> Int[Tensor, " kept"]:
        """Drop the rows that are not alive; the last ones move into the gaps.

        Returns:
            For each row kept, the index it had, by which the caller reorders its own.
        """
        rows = int(alive.sum())
        order = torch.arange(len(alive), device=alive.device)
        gaps = order[:rows][~alive[:rows]]
        movers = order[rows:][alive[rows:]]
        for layer in self._preallocated:
            layer.move(movers, gaps, rows)
        order[gaps] = movers
        return order[:rows]


def require_plain_attention(config: Any, name: str) -> None:
    """Assert that keys and values are all the state the model carries from token to token.

    Raises:
        PrefvecError: for recurrent, chunked or compressed layers.
    """
    text = config.get_text_config(decoder=True)
    kinds = set(getattr(text, "layer_types", None) or ["full_attention"])
    odd = kinds - {"full_attention", "sliding_attention"}
    if odd or getattr(text, "attention_chunk_size", None):
        raise PrefvecError(
            f"{name} has layers that are not plain attention ({', '.join(sorted(odd)) or 'chunked'}"
            "). Answers are decoded with a cache of keys and values only, which would be wrong "
            "there. Use a model with full or sliding-window attention."
        )
