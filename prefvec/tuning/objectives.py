"""The loss of a batch under each method, in the parts that training takes one after another."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.models.padding import by_length
from prefvec.tuning.contrasts import Contrast, Preference
from prefvec.tuning.losses import answer_loss, distance, instruction_contrast
from prefvec.tuning.patterns import Pattern
from prefvec.tuning.reading import Reader
from prefvec.tuning.responses import Spoken

Item = TypeVar("Item")

Objective = Callable[[Sequence[int]], Iterator[Float[Tensor, ""]]]
"""Makes of the numbers of some examples the loss that is made small on them, in parts whose sum it
is. Only one part's passes are in memory at a time, if each is done with before the next is asked
for."""

PART = 2048
"""Tokens of a pass with gradients, padding included; answers side by side are of like length. A
step of RAHF-SCIT's first model, 64 such passes of 60 to 250 tokens by SmolLM2-135M-Instruct on two
cores, takes 19 s and 6 GiB, and by 4096 tokens no less; all at once it took 42 s and 17 GiB."""


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

    def loss(numbers: Sequence[int]) -> Iterator[Tensor]:
        batch = [examples[number] for number in numbers]
        rows = sum(len(each.answer) for each in batch)
        for part in _parts(batch, lambda each: each.longest):
            with torch.no_grad():
                wanted = targets(reader.base(part, None), pattern(part), coefficient)
            share = sum(len(each.answer) for each in part) / rows
            yield share * distance(reader.tuned(part), wanted)

    return loss


def heed_instructions(reader: Reader, examples: Sequence[Preference]) -> Objective:
    """Step one of RAHF-SCIT: say each answer under its instruction, and not under the other.

    Liu et al. 2024, section 3.1. As in the published code, the likelihood of the answer under the
    instruction that it heeds is added to the contrast.
    """

    def loss(numbers: Sequence[int]) -> Iterator[Tensor]:
        batch = [examples[number] for number in numbers]
        heeding = [each.chosen.spoken("positive") for each in batch]
        heeding += [each.rejected.spoken("negative") for each in batch]
        opposing = [each.chosen.spoken("negative") for each in batch]
        opposing += [each.rejected.spoken("positive") for each in batch]
        both = list(zip(heeding, opposing, strict=True))
        for part in _parts(both, lambda each: max(map(_length, each))):
            said, unsaid = (reader.says(spoken) for spoken in zip(*part, strict=True))
            share = len(part) / len(both)
            yield share * (answer_loss(said) + instruction_contrast(said, unsaid))

    return loss


def say_answers(reader: Reader, examples: Sequence[Contrast]) -> Objective:
    """Step one of RAHF-DUAL: say answers of one kind, without an instruction."""

    def loss(numbers: Sequence[int]) -> Iterator[Tensor]:
        batch = [examples[number].spoken(None) for number in numbers]
        for part in _parts(batch, _length):
            yield len(part) / len(batch) * answer_loss(reader.says(part))

    return loss


def _parts(batch: Sequence[Item], length: Callable[[Item], int]) -> Iterator[list[Item]]:
    """A batch in parts of like length, longest first, as many tokens in each as a pass takes."""
    for part in by_length(list(map(length, batch)), most=None, most_tokens=PART):
        yield [batch[i] for i in part]


def _length(spoken: Spoken) -> int:
    prompt, answer = spoken
    return len(prompt) + len(answer)
