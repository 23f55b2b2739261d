"""The arms of a claim: what was added, where, how much, and what it did to each prompt."""

from typing import Literal, NotRequired, TypedDict

from prefvec.report.record.numbers import Factor, Interval, Share
from prefvec.vocabulary import Positions

ArmRole = Literal["native", "raw", "adapted", "control", "other"]
"""What an arm is to its claim. `native`: the target's own vector, whatever the questions ask for.
`raw`: the source's vector, copied. `adapted`: the source's vector, carried by the claim's adapter.
`control`: shown beside these and drawn as controls are. `other`: an arm that its claim names."""

ROLES: dict[str, ArmRole] = {
    "native": "native",
    "raw": "raw",
    "adapted": "adapted",
    "raw-analogous": "control",
    "raw-equal-norm": "control",
    "zero-padded": "control",
    "null": "control",
}
"""The roles of arms by name; an arm of another name is an `other` one."""


class Site(TypedDict):
    """A place in a model."""

    layer: int
    """The block, from 0."""
    point: str
    """Where in the block, e.g. "resid_post"."""


class Vector(TypedDict):
    """Where a vector came from."""

    direction: str
    """The unit vector, as `prefvec.report.directions` writes it."""
    estimator: str
    """How it was found, e.g. "difference_in_means"."""
    positions: str
    """Where activations were read."""
    n_pairs: int
    """From how many contrast pairs."""
    norm: NotRequired[float]
    """Its length at coefficient 1, in residual units."""


class Dose(Factor):
    """What an arm did at one coefficient: the mean factor over prompts, against unsteered."""

    coefficient: float
    """How often the vector was added; ±1 is the full dose."""
    mean_words: NotRequired[float | None]
    """Mean words per answer."""
    coherent: NotRequired[float | None]
    """Share of the answers that are text, from 0 to 1."""
    censored: NotRequired[float | None]
    """Share of the answers that the cap ended, from 0 to 1."""
    false: NotRequired[float | None]
    """Share of the sentences that are false, from 0 to 1; None where nobody knows what is so."""
    metrics: NotRequired[dict[str, float | None]]
    """Means of the secondary metrics, by name; those of `share_…` are shares of 1."""


class Arm(TypedDict):
    """One arm of the comparison, measured on the test prompts."""

    name: str
    """Its key in the claim."""
    role: NotRequired[ArmRole]
    """What it is to the claim; see `role_of` for an arm that does not say."""
    label: str
    """What people read."""
    site: NotRequired[Site | None]
    """Where the vector was added."""
    relative_norm: NotRequired[float | None]
    """Norm of the vector at coefficient 1, as a share of the mean norm of activations there."""
    kappa: NotRequired[float | None]
    """What it was dosed to: disturbance of next-token distributions at coefficient 1, in nats."""
    added_at: NotRequired[Positions]
    """At which tokens the vector was added: from the last of the prompt on, or at every one; not
    told of an arm whose answers were written without a vector. Records that tell of none are from
    before it could be another than "answer"."""
    vector: NotRequired[Vector | None]
    """Where the vector came from."""
    odd: NotRequired[Interval | None]
    """The odd part at the full dose, (d(+c) − d(−c))/2, a log ratio: steering."""
    even: NotRequired[Interval | None]
    """The even part at the full dose, (d(+c) + d(−c))/2, a log ratio: disturbance."""
    wrong_way: NotRequired[Share | None]
    """Share of the prompts whose odd part is negative."""
    doses: list[Dose]
    """The dose-response."""
    per_prompt: dict[str, dict[str, float | None]]
    """Log ratios against unsteered, by prompt id and by the coefficient as text."""


class ControlArm(TypedDict):
    """A direction that an arm must reach beyond."""

    name: str
    """Its key."""
    kind: str
    """`random`, `shuffled`, `through_map` or `unrelated`."""
    odd: float | None
    """Mean odd part at the site and disturbance of the claim's arm, a log ratio."""


class Adapter(TypedDict):
    """The map a vector came through. Other entries describe it, too, and are shown as they are."""

    method: str
    """How it was fitted, e.g. "ridge"."""
    fingerprint: NotRequired[str | None]
    """Of its weights."""
    rows: NotRequired[int | None]
    """Pairs of activations it was fitted on."""
    penalty: NotRequired[float | None]
    """Of the ridge, as chosen by cross-validation."""
    r2_fitted: NotRequired[float | None]
    """Explained variance on the rows it was fitted to; 1 is all of it, and says nothing."""
    r2_held_out: NotRequired[float | None]
    """Explained variance on held-out rows; 1 is all of it."""


class SearchCell(TypedDict):
    """One block and dose among which the judged cell was chosen, on the tuning prompts."""

    layer: int
    """The block, from 0."""
    kappa: NotRequired[float | None]
    """The dose: disturbance of next-token distributions, in nats."""
    chance: NotRequired[float | None]
    """Root mean square of the odd parts of random directions there; None where none were tried."""
    relative_norm: float
    """The norm of the model's own vector there, as a share of the mean norm of activations."""
    odd: float | None
    """Mean odd part of the model's own vector, a log ratio; None where nothing was answered."""
    coherence_loss: float | None
    """Lost share of coherent answers at the dose that loses more, from 0 to 1."""
    censored: float | None
    """Share of the answers that the cap ended, from 0 to 1."""
    eligible: bool
    """Whether enough answers stayed whole for it to be chosen."""
    chosen: bool
    """Whether it was chosen."""
    prompts: NotRequired[int]
    """How many tuning prompts it was tried on, where that was a first look that chooses nothing."""
    going_on: NotRequired[float]
    """Of a block that was only sieved: by how much the model's own vector moves the log-odds of
    going on at sentence ends of given answers."""
    going_on_chance: NotRequired[float]
    """Root mean square of that shift over random directions."""


def role_of(arm: Arm) -> ArmRole:
    """What an arm is to its claim; of one whose record does not say, as its name tells."""
    if (role := arm.get("role")) is not None:
        return role
    own = arm["name"].startswith("native, asked ")
    return "native" if own else ROLES.get(arm["name"], "other")
