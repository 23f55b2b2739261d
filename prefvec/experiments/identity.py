"""Coefficient 0 is no steering, to the letter, although the hook is at work."""

from collections.abc import Sequence
from dataclasses import replace

from prefvec.generation.requests import Request, Sampling, generate
from prefvec.models.language_model import LanguageModel
from prefvec.text.prompts import Prompt
from prefvec.vectors.steering import UNSTEERED, Steering

AT_ZERO = 4
"""Prompts at coefficient 0, beside as many others at the full dose."""
TOKENS = 64


def holds(
    model: LanguageModel, prompts: Sequence[Prompt], full: Steering, sampling: Sampling
) -> bool:
    """Whether coefficient 0 writes the very answers of no steering.

    Rows at coefficient 0 share their batch with rows at the full dose, so that the hook is
    installed at the vector's site and adds nothing to them. Unsteered ones stand in a batch of the
    same prompts: in bfloat16 a product of matrices rounds otherwise where it has other rows.
    Generated afresh: a store keeps unsteered answers and those at coefficient 0 under one key.

    Args:
        model: the model that is steered.
        prompts: the first few are asked.
        full: the vector, at some coefficient.
        sampling: of the run; no more than `TOKENS` are written.
    """
    first, others = prompts[:AT_ZERO], prompts[AT_ZERO : 2 * AT_ZERO]
    short = replace(sampling, max_new_tokens=min(TOKENS, sampling.max_new_tokens))

    def write(at_zero: Steering, at_full: Steering) -> list[tuple[str, int, str]]:
        requests = [
            Request(prompt=prompt, sample=0, steering=steering, arm="identity")
            for some, steering in ((first, at_zero), (others, at_full))
            for prompt in some
        ]
        answers = generate(model, requests, short)[: len(first)]
        return [(answer.text, answer.n_tokens, answer.finish_reason) for answer in answers]

    return write(UNSTEERED, UNSTEERED) == write(replace(full, coefficient=0.0), full)
