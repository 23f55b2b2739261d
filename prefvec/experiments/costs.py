"""What answers, trainings and a judge in memory cost: seconds, memory and disk.

From rates measured here, or from a model's size.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from prefvec.models.outlines import Outline
from prefvec.whole_files import write_whole

CPU = 2.5e10
"""Parameters times tokens a second, in float32 on two idle cores: measured, SmolLM2-135M-Instruct
wrote 3.5 answers of about 64 tokens a second (3e10), mini-gemma 250 of about 50 (2e10)."""
GPU = 1.2e13
"""The same of one accelerator in bfloat16, which is reckoned and was not measured: some 1,700
tokens a second at seven billion parameters."""
PASSES = 6
"""Passes over a row of a training at the pace of writing: three that only read h, h₊ and h₋, and
one with gradients, whose way back is twice its way forth. Step one of RAHF-SCIT takes twice as
many, that of RAHF-DUAL half. With `CPU` and `ROW` it is 66 seconds for a step of 16 rows at 135
million parameters, the minute of docs/tuning.md; no real model was timed. Organisms, of 1.6 to 1.8
million parameters, took half a minute to three for 70 steps on one busy core, where 55 to 64
seconds are reckoned."""
ROW = 128
"""Tokens of such a row: a question under its instruction, and 64 of the answer at most."""
CHARACTERS = 4
"""Of a token of English, about."""
_RATES = "rates.json"
_STORED = 900
"""Bytes that an answer takes in the store, beside four for each token."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How fast a model writes.

    Attributes:
        tokens_a_second: what it says.
        measured: whether it was measured on this machine; else it is reckoned from the size.
    """

    tokens_a_second: float
    measured: bool

    def hours_of_writing(self, tokens: float) -> float:
        """Of so many tokens; as many are read at least as fast."""
        return tokens / self.tokens_a_second / 3600

    def hours_of_training(self, rows: int) -> float:
        """Of so many rows: steps times their batch."""
        return self.hours_of_writing(PASSES * ROW * rows)


def keep_rate(store: Path, name: str, answers: int, seconds: float) -> None:
    """Add to what is known of how fast a model writes here; kept beside the store.

    Args:
        store: the file of answers.
        name: the model.
        answers: how many it wrote.
        seconds: in how long.
    """
    rates = _read(store)
    before = rates.get(name, {"answers": 0, "seconds": 0.0})
    rates[name] = {
        "answers": before["answers"] + answers,
        "seconds": round(before["seconds"] + seconds, 1),
    }
    write_whole(json.dumps(rates, indent=1), store.parent / _RATES)


def rate_of(store: Path, name: str, outline: Outline, tokens: float, *, gpu: bool) -> Rate:
    """How fast a model writes: as it did here before, or else as its size tells.

    Args:
        store: the file of answers.
        name: the model.
        outline: of the model.
        tokens: of an answer, in the mean.
        gpu: whether it will run on an accelerator.
    """
    kept = _read(store).get(name)
    if kept and kept["answers"] and kept["seconds"]:
        written = kept["answers"] * tokens / kept["seconds"]
        return Rate(tokens_a_second=written, measured=True)
    power = GPU if gpu else CPU
    return Rate(tokens_a_second=power / outline.parameters, measured=False)


def bytes_stored(answers: int, tokens: float) -> int:
    """Disk that the store takes for so many answers."""
    return int(answers * (_STORED + 4 * tokens))


def bytes_in_memory(outline: Outline, bytes_a_weight: int) -> int:
    """Memory for weights and for what a batch keeps of its tokens."""
    return int(1.25 * outline.parameters * bytes_a_weight) + 2**29


def _read(store: Path) -> dict[str, dict[str, float]]:
    try:
        return json.loads((store.parent / _RATES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
