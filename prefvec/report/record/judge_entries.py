"""The card of a judge that a claim rests on, as plain data."""

from typing import TypedDict


class JudgeCard(TypedDict):
    """What a judge did on answers whose pole is known."""

    judge: str
    """Its name."""
    rubric: str
    """Which of the trait's rubrics it was asked by."""
    model: str
    """The model whose answers it marked."""
    trait: str
    """What they were marked for."""
    passed: bool
    """Whether claims may rest on it."""
    sentence: str
    """What the card comes to."""
    answers: int
    """Labelled answers that it could be read on."""
    prompts: int
    """That they are answers to."""
    biases: list[str]
    """The biases that were found."""
    rows: list[list[str]]
    """What was measured, what was found, and what was needed."""


class KnownJudge(TypedDict):
    """What a card found of a judge whose accuracy and leanings are known."""

    known: str
    """What it was told to do."""
    as_known: bool
    """Whether the card passed it and found its leanings alone."""
    card: JudgeCard
    """Its card."""
