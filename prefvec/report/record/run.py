"""The run, its models and its splits: what all of its claims rest on."""

from typing import Literal, NotRequired, TypedDict


class Cache(TypedDict):
    """Where the answers of a run came from."""

    hits: int
    """Answers read from the store."""
    misses: int
    """Answers generated in this run."""
    written: NotRequired[list[str] | None]
    """When those from the store were written, the first and the last, in ISO 8601; None where it
    does not know it of one, or none came from there."""
    measured_before: NotRequired[int]
    """Claims measured in an earlier run by the same code; their answers are not counted here."""


class NotRun(TypedDict):
    """A blessed finding that no claim of the run measured."""

    id: str
    """The claim's id."""
    outcome: str
    """The outcome that was blessed."""
    withdrawn: NotRequired[bool]
    """Whether the run measured every claim there is, so that this one is no more."""


class Run(TypedDict):
    """The facts of a run. Entries of other names are kept and shown as they are."""

    mode: Literal["full", "quick"]
    """`quick` is a smoke run: it is no evidence and is compared with nothing."""
    model_set: str
    """The name of the set of models; it names the file of findings."""
    models_are: Literal["organisms", "real"]
    """Miniature models trained for this suite, or models that people use."""
    complete: bool
    """Whether every selected claim left a verdict and the run came to its end."""
    started: str | None
    """When, in ISO 8601 with its offset from UTC."""
    finished: str | None
    """Likewise; None while it runs, and of a run that was cut short."""
    duration_s: float | None
    """Seconds from start to the last write."""
    selected: int
    """Claims that were to be run."""
    collected: int
    """Claims there are, before -m and -k deselected some."""
    command: str | None
    """The command line."""
    seed: NotRequired[int | None]
    """The seed of all sampling noise."""
    samples: NotRequired[int | None]
    """Answers per test prompt and dose, of claims that name no other number."""
    questions: NotRequired[str | None]
    """Which questions real models were asked, with a digest; None for organisms."""
    trait_doubts: NotRequired[list[str]]
    """What the wording of its trait says against it, in sentences; left out where nothing does."""
    n_prompts: NotRequired[int | None]
    """How many test prompts there are."""
    max_new_tokens: NotRequired[int | None]
    """The cap: tokens after which an answer is cut off."""
    temperature: NotRequired[float | None]
    """Of sampling."""
    commit: NotRequired[str | None]
    """The commit of the code."""
    device: NotRequired[str | None]
    """Where models ran, e.g. "cpu"."""
    processor: NotRequired[str | None]
    """What computed there, and by how many threads: the same inputs give the same bits only on the
    same processor."""
    dtype: NotRequired[str | None]
    """The number type of the models, e.g. "float32"."""
    versions: NotRequired[dict[str, str]]
    """Versions of the libraries, by name."""
    code: NotRequired[dict[str, str]]
    """Fingerprints of the code, by file or module."""
    cache: NotRequired[Cache | None]
    """Where the answers came from."""
    not_run: NotRequired[list[NotRun]]
    """Findings that no claim of the run measured."""


class ModelCheck(TypedDict):
    """A check of a model on itself."""

    name: str
    """What was checked."""
    passed: bool
    """Whether it holds."""
    sentence: str
    """What was found."""


class Model(TypedDict):
    """A model of the run."""

    name: str
    """As claims name it."""
    role: str
    """What the run used it for; models of a "known answer" are no subject of a claim."""
    architecture: NotRequired[str | None]
    """The class of its implementation."""
    fingerprint: NotRequired[str | None]
    """Of its weights."""
    tokenizer_fingerprint: NotRequired[str | None]
    """Of its tokenizer."""
    dialect: NotRequired[str | None]
    """How it is asked, where an instruction stands, and what ends its answers."""
    d_model: NotRequired[int | None]
    """Width of its residual stream."""
    n_layers: NotRequired[int | None]
    """How many blocks it has."""
    revision: NotRequired[str | None]
    """The commit of its checkpoint on the hub."""
    made_of: NotRequired[str | None]
    """What its weights were made of: a dequantised GGUF file, or a base and an adapter."""
    loads: NotRequired[int]
    """How often it was loaded in this run."""
    question: NotRequired[str]
    """The question that the next two entries show as it is asked."""
    asked: NotRequired[str | None]
    """A question as the model reads it, with its template."""
    asked_with_instruction: NotRequired[str | None]
    """The same question under an instruction."""
    checks: NotRequired[list[ModelCheck]]
    """What was checked before it was measured."""


class Split(TypedDict):
    """Prompts that serve one purpose. The splits share no prompt and no topic."""

    name: str
    """`test`, `tuning`, `extraction` or `adapter`."""
    topics: NotRequired[list[str]]
    """What its prompts are about."""
    n_prompts: int
    """How many prompts it has."""
    fingerprint: NotRequired[str]
    """Of the prompts' ids and texts."""
    texts: NotRequired[dict[str, str]]
    """What is asked, by the prompt's id."""
