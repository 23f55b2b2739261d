"""What a machine can do: the bytes it reads a second, and the operations; and what a step needs."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

from prefvec.models.language_model import LanguageModel


def synchronised(device: torch.device) -> None:
    """Wait until an accelerator has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds(run: Callable[[], Any], device: torch.device) -> float:
    """Wall-clock time of one call, until its work is done."""
    synchronised(device)
    start = time.perf_counter()
    run()
    synchronised(device)
    return time.perf_counter() - start


def median_seconds(run: Callable[[], Any], device: torch.device, times: int = 5) -> float:
    """Of several calls, after one that is not counted."""
    run()
    return statistics.median(seconds(run, device) for _ in range(times))


def bandwidth(dtype: torch.dtype, device: torch.device) -> float:
    """Bytes a second of a matrix far larger than any cache, times one vector."""
    matrix = torch.ones(8192, 32768, dtype=dtype, device=device)
    vector = torch.ones(32768, dtype=dtype, device=device)
    return matrix.numel() * matrix.itemsize / median_seconds(lambda: matrix @ vector, device)


def throughput(dtype: torch.dtype, device: torch.device) -> float:
    """Operations a second of a product of square matrices, large for the device."""
    n = 2048 if device.type == "cpu" else 8192
    matrix = torch.ones(n, n, dtype=dtype, device=device)
    return 2 * n**3 / median_seconds(lambda: matrix @ matrix, device)


def floor_of(model: LanguageModel, rows: int, context: int, bytes_s: float, ops_s: float) -> float:
    """Seconds that a step of one token in each row takes at least.

    Every weight that is multiplied is read once, and each row's keys and values; a weight and a
    row make two operations. Embeddings that are only looked up count for nothing.
    """
    config = model.network.config
    weights = sum(weight.numel() for weight in model.network.parameters())
    if not config.tie_word_embeddings:
        weights -= model.network.get_input_embeddings().weight.numel()
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    kept = 2 * model.n_layers * config.num_key_value_heads * width * context
    read = (weights + rows * kept) * model.dtype.itemsize
    return max(read / bytes_s, 2 * rows * weights / ops_s)
