"""As many rows at once as memory holds, and fewer once it runs out."""

import gc
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_batches(
    model: LanguageModel,
    items: Sequence[Item],
    size: int,
    work: Callable[[Sequence[Item]], Sequence[Result]],
) -> Iterator[list[tuple[Item, Result]]]:
    """Work through answers in order, a batch at a time.

    Args:
        model: does the work.
        items: one for each answer.
        size: items in a batch; halved, for good, whenever memory runs out.
        work: gives a result for each item of a batch.

    Raises:
        PrefvecError: if one item alone does not fit in memory.
    """
    waiting = list(items)
    while waiting:
        batch = waiting[:size]
        try:
            results = work(batch)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            if len(batch) == 1:
                raise PrefvecError(
                    f"One answer of {model.name} does not fit in the memory of {model.device}. "
                    "Lower max_new_tokens, choose a narrower dtype or another device "
                    "(--max-new-tokens, --dtype, --device)."
                ) from error
            size = len(batch) // 2
        else:
            yield list(zip(batch, results, strict=True))
            waiting = waiting[size:]
            continue
        _free(model)


def out_of_memory(error: RuntimeError) -> bool:
    """Whether a runtime error says that memory ran out."""
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or any(
        phrase in text for phrase in ("out of memory", "can't allocate memory")
    )


def _free(model: LanguageModel) -> None:
    gc.collect()
    if model.device.type == "cuda":
        torch.cuda.empty_cache()
