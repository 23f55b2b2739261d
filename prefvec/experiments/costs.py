"""What answers, trainings and a judge in memory cost: seconds, memory and disk.

From rates measured here, or from a model's size.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch

from prefvec.generation.lanes import SMALL
from prefvec.generation.requests import MEMORY, MOST_ROWS
from prefvec.models.outlines import Outline
from prefvec.whole_files import write_whole

CPU = 2.5e10
"""Parameters times tokens a second, in float32 on two idle cores: measured, SmolLM2-135M-Instruct
wrote 3.5 answers of about 64 tokens a second (3e10), mini-gemma 250 of about 50 (2e10)."""
GPU = 1.2e13
"""The same of one accelerator in bfloat16, which is reckoned and was not measured: some 1,700
tokens a second at seven billion parameters."""
READ_CPU = 2e11
"""The same of tokens that are only read, or trained on: measured, SmolLM2-135M-Instruct read 16
rows of 95 tokens by two thirds of its blocks in 0.65 s. Reading is products of matrices, writing
the traffic of weights."""
READ_GPU = 1e14
"""The same of one accelerator: reckoned, from 2e14 operations a second and two for a parameter."""
PASSES = 6
"""Passes over a row of a training: three that only read h, h₊ and h₋, and one with gradients,
whose way back is twice its way forth. Step one of RAHF-SCIT takes twice as many, that of RAHF-DUAL
half."""
STEP = 0.5
"""Seconds that a step takes however small the model is: organisms, of 1.6 to 1.8 million
parameters, took half a minute to three for 70 steps on one busy core."""
ROW = 128
"""Tokens of such a row: a question under its instruction, and 64 of the answer at most."""
CHARACTERS = 4
"""Of a token of English, about."""
_PROMPT = 64
"""Of a question under an instruction, in its template, about."""
_LIBRARIES = 2**30
"""Bytes that the process takes beside weights and batches: torch, transformers, pandas, and answers
that are compared."""
_RATES = "rates.json"
_KEYS = {"answer": "{}", "step": "{}, tuned"}
_STORED = 900
"""Bytes that an answer takes in the store, beside four for each token."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How fast a model writes, reads and is trained.

    Attributes:
        tokens_a_second: what it writes.
        measured: whether that was measured on this machine; else it is reckoned from the size.
        read_a_second: tokens that it reads, reckoned from the size.
        seconds_a_step: of a training, as measured on this machine; None where none was timed.
    """

    tokens_a_second: float
    measured: bool
    read_a_second: float
    seconds_a_step: float | None = None

    def hours_of_writing(self, tokens: float) -> float:
        """Of so many tokens."""
        return tokens / self.tokens_a_second / 3600

    def hours_of_reading(self, tokens: float) -> float:
        """Of so many tokens."""
        return tokens / self.read_a_second / 3600

    def hours_of_training(self, steps: int, rows: int) -> float:
        """Of so many steps over so many rows in all."""
        if self.seconds_a_step is not None:
            return steps * self.seconds_a_step / 3600
        return steps * STEP / 3600 + self.hours_of_reading(PASSES * ROW * rows)


def keep_rate(store: Path, name: str, count: int, seconds: float, *, unit: str = "answer") -> None:
    """Add to what is known of how fast a model writes or is trained here; kept beside the store.

    Args:
        store: the file of answers.
        name: the model.
        count: how many answers it wrote, or steps it was trained.
        seconds: in how long.
        unit: "answer" or "step".
    """
    rates, key = _read(store), _KEYS[unit].format(name)
    before = rates.get(key, {f"{unit}s": 0, "seconds": 0.0})
    rates[key] = {
        f"{unit}s": before[f"{unit}s"] + count,
        "seconds": round(before["seconds"] + seconds, 1),
    }
    write_whole(json.dumps(rates, indent=1), store.parent / _RATES)


def rate_of(store: Path, name: str, outline: Outline, tokens: float, *, gpu: bool) -> Rate:
    """How fast a model writes and is trained: as here before, or else as its size tells.

    Args:
        store: the file of answers.
        name: the model.
        outline: of the model.
        tokens: of an answer, in the mean.
        gpu: whether it will run on an accelerator.
    """
    rates = _read(store)
    answers, step = (_seconds_of_one(rates, unit, name) for unit in ("answer", "step"))
    writes, reads = (GPU, READ_GPU) if gpu else (CPU, READ_CPU)
    return Rate(
        tokens_a_second=tokens / answers if answers else writes / outline.parameters,
        measured=answers is not None,
        read_a_second=reads / outline.parameters,
        seconds_a_step=step,
    )


def bytes_stored(answers: int, tokens: float) -> int:
    """Disk that the store takes for so many answers."""
    return int(answers * (_STORED + 4 * tokens))


def bytes_in_memory(
    outline: Outline, bytes_a_weight: int, *, answers: int, tokens: int, gpu: bool
) -> int:
    """Memory for weights, libraries and what batches keep of their tokens.

    Args:
        outline: of the model.
        bytes_a_weight: of the type that it computes in.
        answers: that it is asked for; a batch has no more.
        tokens: of an answer, at most.
        gpu: whether it will run on an accelerator, where a batch takes what there is.
    """
    weights = outline.parameters * bytes_a_weight
    if gpu:
        return weights + weights // 4 + _LIBRARIES
    a_row = outline.kept_a_token * (tokens + _PROMPT) + 2 * outline.vocab_size
    lanes = min(torch.get_num_threads() if outline.parameters <= SMALL else 1, max(1, answers))
    rows = min(MOST_ROWS, answers // lanes)
    return weights + lanes * min(MEMORY, rows * a_row * bytes_a_weight) + _LIBRARIES


def _seconds_of_one(rates: dict[str, dict[str, float]], unit: str, name: str) -> float | None:
    kept = rates.get(_KEYS[unit].format(name), {})
    count, seconds = kept.get(f"{unit}s", 0), kept.get("seconds", 0.0)
    return seconds / count if count and seconds else None


def _read(store: Path) -> dict[str, dict[str, float]]:
    try:
        return json.loads((store.parent / _RATES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
