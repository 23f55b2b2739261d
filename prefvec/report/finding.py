"""A finding: what a bless keeps of a claim, in memory and in its file."""

from typing import NotRequired, TypedDict

from prefvec.report.record import Vector
from prefvec.vocabulary import Kind, OutcomeWord

SCHEMA = 2
"""Counts the changes after which an older file of findings can no longer be compared with."""


class ModelPrints(TypedDict, total=False):
    """A model, by its fingerprints."""

    weights: str | None
    """Of its weights."""
    tokenizer: str | None
    """Of its tokenizer."""


class Conditions(TypedDict):
    """Under what a run measured."""

    settings: dict[str, float | None]
    """The numbers of its sampling, by name: seed, samples, n_prompts, max_new_tokens,
    temperature."""
    prompts: dict[str, str]
    """Fingerprints of the prompts, by split."""
    models: dict[str, ModelPrints]
    """The models it loaded, by name."""
    device: str | None
    """Where they ran."""
    processor: NotRequired[str | None]
    """What computed there, and by how many threads; not in findings that are older."""
    dtype: str | None
    """Their number type."""
    versions: dict[str, str]
    """Versions of the libraries."""
    code: dict[str, str]
    """Fingerprints of the code."""
    commit: str | None
    """Its commit."""


class FindingArm(TypedDict):
    """An arm that decided: where and how much was steered, with what."""

    site: str | None
    """Such as "resid_post of block 3"."""
    relative_norm: float | None
    """The dose, as a share of the mean norm of activations there."""
    vector: Vector | None
    """Where its vector came from."""


class FindingAdapter(TypedDict):
    """The map that the claim's vector came through."""

    method: str | None
    """How it was fitted."""
    rows: NotRequired[float | None]
    """Pairs of activations it was fitted on."""
    penalty: NotRequired[float | None]
    """Of the ridge."""
    r2_held_out: NotRequired[float | None]
    """Explained variance on held-out rows."""
    fingerprint: NotRequired[str | None]
    """Of its weights."""


class _Kept(TypedDict):
    outcome: OutcomeWord
    """How the claim ended."""
    label: str | None
    """A finer word for some outcomes."""
    sentence: NotRequired[str]
    """The verdict, with numbers."""
    reason: str | None
    """Why the outcome is accepted; None of what is SUPPORTED and was blessed before reasons
    were asked for."""
    kind: Kind
    """What the claim says of a vector."""
    source: str | None
    """The model that the vector was taken from."""
    target: str | None
    """The model that was steered."""
    metric: str
    """What was measured."""
    parameters: dict[str, float | None]
    """Of the criterion."""
    native_effect: float | None
    """Mean odd part of the target's own vector, a log ratio."""
    odd: dict[str, float]
    """What decided the claim, by prompt: log ratios."""
    arms: dict[str, FindingArm]
    """The arms that decided, by name."""
    adapter: FindingAdapter | None
    """The map, of a claim about one."""


class Finding(_Kept):
    """What a bless keeps of a claim."""

    conditions: Conditions
    """Under what it was measured."""


class StoredFinding(_Kept):
    """A finding in its file, where those of one run share their conditions."""

    conditions: str
    """The entry of the file's conditions."""


class FindingsFile(TypedDict):
    """What stands in reports/findings/SET.json."""

    schema: int
    """`SCHEMA` of the version that wrote it."""
    model_set: str
    """The set of models."""
    conditions: dict[str, Conditions]
    """By a digest of their content."""
    findings: dict[str, StoredFinding]
    """By claim id."""
