"""Batches of made-up answers, each a function of its number; imported, not tested."""

import random
from dataclasses import replace

from prefvec.generation.store import Answer, CompletionKey

AT_ONCE = 20
"""Answers of a batch."""


def busy(number: int) -> dict[CompletionKey, Answer]:
    """What a busy writer puts at once; the number says which."""
    random_ = random.Random(number)
    key = CompletionKey(
        model="m",
        tokenizer="t",
        ends="e",
        dtype="float32",
        prompt=f"question {number}",
        rendered="r",
        sample=0,
        steering="unsteered",
        max_new_tokens=4096,
        temperature=1.0,
        seed=0,
        code="0123456789abcdef",
        environment="none",
    )
    return {
        replace(key, sample=sample): Answer(
            text=random_.randbytes(2000).hex(),
            n_tokens=200,
            finish_reason="stop",
            ids=tuple(random_.choices(range(262_144), k=200)),
            expected_words=random_.random(),
        )
        for sample in range(AT_ONCE)
    }
