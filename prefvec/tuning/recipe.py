"""How a training goes: how many steps, on how much, how fast, and from which seed."""

from dataclasses import dataclass
from typing import Literal

from prefvec.errors import PrefvecError

Precision = Literal["bfloat16", "float32"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Adam at a constant rate without decay, as in LoRRA (Zou et al. 2023) and RAHF.

    Attributes:
        steps: updates of the weights.
        batch_size: answers in each.
        learning_rate: of Adam.
        seed: of LoRA's first factor, the order of the answers, and dropout.
        precision: numbers that the network computes in; weights of LoRA and the loss are float32.
        checkpoint_every: steps between two files from which a training cut off goes on.

    Raises:
        PrefvecError: if a number is not above 0.
    """

    steps: int = 70
    batch_size: int = 16
    learning_rate: float = 3e-4
    seed: int = 0
    precision: Precision = "bfloat16"
    checkpoint_every: int = 10

    def __post_init__(self) -> None:
        numbers = (self.steps, self.batch_size, self.learning_rate, self.checkpoint_every)
        if not all(number > 0 for number in numbers):
            raise PrefvecError(
                f"A training of {self.steps} steps of {self.batch_size} answers at rate "
                f"{self.learning_rate}, kept every {self.checkpoint_every} steps, cannot be done. "
                "Give numbers above 0."
            )
