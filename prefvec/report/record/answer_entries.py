"""Answers: some side by side within a claim, and all of a run in one place."""

from typing import Literal, NotRequired, TypedDict


class Answer(TypedDict):
    """One answer, as it is shown beside others."""

    arm: str
    """The key of its arm, "unsteered" or "random"."""
    coefficient: float
    """How often the vector was added; 0 is unsteered."""
    text: str
    """What the model wrote."""
    words: int
    """How many words that is."""
    finish_reason: Literal["stop", "length"]
    """Whether it ended by itself or at the cap."""
    coherent: bool | None
    """Whether it is text and no loop; None where nobody looked."""
    false: NotRequired[list[list[int]]]
    """The [start, end) of each false statement, in characters."""
    all_words: NotRequired[list[int]]
    """How many words each of the prompt's samples has under this arm, this one among them."""


class Case(TypedDict):
    """The answers to one prompt, side by side."""

    prompt: str
    """The prompt's id."""
    question: str
    """What the model was asked."""
    why: str
    """Why this prompt is shown."""
    answers: list[Answer]
    """Under the same sampling noise."""
    sample: NotRequired[int]
    """Which of the prompt's samples these are, from 0; the first where it does not say."""


class ArchivedAnswer(TypedDict):
    """One answer of a claim's archive."""

    arm: str
    """The key of its arm."""
    coefficient: float
    """How often the vector was added."""
    prompt: str
    """The prompt's id."""
    sample: int
    """Which of the prompt's samples it is, from 0."""
    text: str
    """What the model wrote."""
    finish_reason: str
    """`stop`, or `length` where the cap ended it."""
    coherent: bool | None
    """Whether it is text and no loop."""
    false: NotRequired[list[list[int]]]
    """The [start, end) of each false statement, in characters."""


class AnswerArm(TypedDict):
    """All answers of one arm, in columns: entry i of each belongs to the answer of row i."""

    model: str
    """The model that answered."""
    arm: str
    """The arm's key."""
    label: str
    """What people read."""
    coefficient: float
    """How often the vector was added."""
    claims: list[str]
    """Ids of the claims it belongs to."""
    prompt: list[int]
    """Places in the list of prompts, from 0."""
    sample: list[int]
    """Numbers of the samples, from 0."""
    text: list[int]
    """Places in the list of texts, from 0."""
    cut: list[int]
    """The rows that ended at the cap."""
    incoherent: list[int]
    """The rows that are no text."""
    false: dict[str, list[list[int]]]
    """The [start, end) of each false statement, by row."""


class Answers(TypedDict):
    """All answers of a run, as `prefvec.report.archive.merged` gives them."""

    prompts: list[str]
    """Ids of the prompts, each once."""
    texts: list[str]
    """The answers' texts, each once."""
    arms: list[AnswerArm]
    """The arms; one that several claims share stands once."""
