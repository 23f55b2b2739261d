"""The record of a whole run: what stands in `verdicts.json`."""

from typing import Any, NotRequired, TypedDict

from prefvec.report.record.answer_entries import Answers
from prefvec.report.record.claim import Claim, KnownAnswer
from prefvec.report.record.run import Model, Run, Split

SCHEMA = 3
"""Counts the changes after which an older record can no longer be read."""


class Record(TypedDict):
    """The record of one run."""

    schema: int
    """`SCHEMA` of the version that wrote it."""
    run: Run
    """The facts of the run."""
    models: list[Model]
    """The models that were loaded."""
    splits: list[Split]
    """The prompts that were used."""
    claims: list[Claim]
    """The claims that finished, in the order of the run."""
    known_answers: list[KnownAnswer]
    """The known answers that finished."""
    answers: NotRequired[Answers | None]
    """All answers of all claims, in the record that a page carries; the claims then have no
    `archive`."""


CLAIM_DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("source", "target", "regime", "label", "effect", "adapter")),
    **dict.fromkeys(("blessed", "change")),
    **{key: [] for key in ("family", "components", "arms", "control_arms", "search")},
    **{key: [] for key in ("answers", "baseline", "notes")},
    "nodeid": "",
}
"""What a claim's record may leave out: it is filled in as empty."""

RUN_DEFAULTS: dict[str, Any] = {
    "complete": False,
    "started": None,
    "finished": None,
    "duration_s": None,
    "selected": 0,
    "collected": 0,
    "command": None,
}
"""What the facts of a run may leave out, likewise."""
