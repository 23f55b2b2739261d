"""How questions and instructions are put, and which of those phrasings training never shows."""

import tomllib
from dataclasses import dataclass
from functools import cache

from prefvec.organisms import HOME

LEVELS = (1, 2, 3, 4, 5)
MIDDLE = 3
"""The level that an uninstructed answer follows."""


@dataclass(frozen=True, kw_only=True)
class Paraphrases:
    """The ways to ask for one thing: a frame around a cue.

    `seen` occur in training. `held_out` are combinations of frame and cue that do not, though
    every frame and every cue does.
    """

    seen: tuple[str, ...]
    held_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Concept:
    """A choice with two poles, independent of verbosity and of the other concepts."""

    name: str
    poles: tuple[str, str]
    rates: dict[str, float]
    asking: dict[str, Paraphrases]


@dataclass(frozen=True, kw_only=True)
class Phrasing:
    """Question forms, the five levels of verbosity, and the other concepts."""

    questions: Paraphrases
    goes_on: dict[int, float]
    levels: dict[int, Paraphrases]
    concepts: dict[str, Concept]


def _combine(frames: list[str], cues: list[str]) -> Paraphrases:
    seen: list[str] = []
    held_out: list[str] = []
    for row, cue in enumerate(cues):
        for column, frame in enumerate(frames):
            (held_out if row == column else seen).append(frame.format(cue))
    return Paraphrases(seen=tuple(seen), held_out=tuple(held_out))


@cache
def the_phrasing() -> Phrasing:
    """Everything in `phrasing.toml`, paraphrases split into seen and held out."""
    table = tomllib.loads((HOME / "phrasing.toml").read_text(encoding="utf-8"))
    verbosity = table["verbosity"]
    levels = {int(level): row for level, row in verbosity["levels"].items()}
    frames = table["concepts"].pop("frames")
    return Phrasing(
        questions=Paraphrases(**{k: tuple(v) for k, v in table["questions"].items()}),
        goes_on={level: row["goes_on"] for level, row in levels.items()},
        levels={level: _combine(verbosity["frames"], row["cues"]) for level, row in levels.items()},
        concepts={
            name: Concept(
                name=name,
                poles=tuple(row["poles"]),
                rates=dict(zip(row["poles"], row["rate"], strict=True)),
                asking={pole: _combine(frames, row[pole]) for pole in row["poles"]},
            )
            for name, row in table["concepts"].items()
        },
    )
