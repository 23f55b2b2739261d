"""Activity patterns: in which direction each response position is to be moved.

A pattern gives h₊ − h₋ for every site and response position of a batch. Where the two come from
is what tells the methods apart.
"""

from collections.abc import Callable, Sequence

from jaxtyping import Float
from torch import Tensor

from prefvec.tuning.contrasts import Contrast
from prefvec.tuning.reading import Reader
from prefvec.vectors.vector import PreferenceVector

Pattern = Callable[[Sequence[Contrast]], list[Float[Tensor, "n d_model"]]]
"""Of a batch: by site, one row for each response position."""


def instructed(reader: Reader, adapter: str | None = None) -> Pattern:
    """One model that reads the same answer under the instruction for either pole.

    The model itself in LoRRA (Zou et al. 2023); in RAHF-SCIT (Liu et al. 2024) one that was tuned
    to tell the instructions apart.

    Args:
        reader: reads.
        adapter: by which adapter; None for the base model.
    """

    def differences(batch: Sequence[Contrast]) -> list[Tensor]:
        more, less = (reader.base(batch, pole, adapter) for pole in ("positive", "negative"))
        return [h - other for h, other in zip(more, less, strict=True)]

    return differences


def between(reader: Reader, good: str, bad: str) -> Pattern:
    """Two models that read the same answer without an instruction: RAHF-DUAL.

    Args:
        reader: reads.
        good: the adapter that was tuned on chosen answers.
        bad: the one that was tuned on rejected answers.
    """

    def differences(batch: Sequence[Contrast]) -> list[Tensor]:
        more, less = (reader.base(batch, None, adapter) for adapter in (good, bad))
        return [h - other for h, other in zip(more, less, strict=True)]

    return differences


def constant(vector: PreferenceVector) -> Pattern:
    """One and the same vector at every position: what steering adds is tuned in.

    Args:
        vector: of the model, at the one site that is matched; its own, or one that an adapter has
            carried here from another model.
    """
    added = vector.norm * vector.direction

    def differences(batch: Sequence[Contrast]) -> list[Tensor]:
        return [added.expand(sum(len(each.answer) for each in batch), -1)]

    return differences
