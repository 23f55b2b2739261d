"""The loss of a batch under each method, as training takes it."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.tuning.contrasts import Contrast, Preference
from prefvec.tuning.losses import answer_loss, distance, instruction_contrast
from prefvec.tuning.patterns import Pattern
from prefvec.tuning.reading import Reader

Objective = Callable[[Sequence[int]], Float[Tensor, ""]]
"""Makes of the numbers of some examples the loss that is made small on them."""


def targets(
    original: Sequence[Float[Tensor, "n d_model"]],
    differences: Sequence[Float[Tensor, "n d_model"]],
    coefficient: float,
) -> list[Float[Tensor, "n d_model"]]:
    """T = h(original) + coefficient × (h₊ − h₋), by site.

    Args:
        original: what the base model holds without an instruction.
        differences: the pattern.
        coefficient: α of the papers; negative towards the negative pole.
    """
    return [
        h.float() + coefficient * difference.to(h.device).float()
        for h, difference in zip(original, differences, strict=True)
    ]


def match_target(
    reader: Reader, examples: Sequence[Contrast], pattern: Pattern, coefficient: float
) -> Objective:
    """The distance of what the tuned model holds to T, where the base model gives T."""

    def loss(numbers: Sequence[int]) -> Tensor:
        batch = [examples[number] for number in numbers]
        with torch.no_grad():
            wanted = targets(reader.base(batch, None), pattern(batch), coefficient)
        return distance(reader.tuned(batch), wanted)

    return loss


def heed_instructions(reader: Reader, examples: Sequence[Preference]) -> Objective:
    """Step one of RAHF-SCIT: say each answer under its instruction, and not under the other.

    Liu et al. 2024, section 3.1. As in the published code, the likelihood of the answer under the
    instruction that it heeds is added to the contrast.
    """

    def loss(numbers: Sequence[int]) -> Tensor:
        batch = [examples[number] for number in numbers]
        good, bad = [each.chosen for each in batch], [each.rejected for each in batch]
        heeding = [each.spoken("positive") for each in good]
        heeding += [each.spoken("negative") for each in bad]
        opposing = [each.spoken("negative") for each in good]
        opposing += [each.spoken("positive") for each in bad]
        said, unsaid = reader.says(heeding), reader.says(opposing)
        return answer_loss(said) + instruction_contrast(said, unsaid)

    return loss


def say_answers(reader: Reader, examples: Sequence[Contrast]) -> Objective:
    """Step one of RAHF-DUAL: say answers of one kind, without an instruction."""

    def loss(numbers: Sequence[int]) -> Tensor:
        return answer_loss(reader.says([examples[number].spoken(None) for number in numbers]))

    return loss
