"""What a claim came to: the numbers that decided it and what its prompts could show."""

from typing import Literal, NotRequired, TypedDict

from prefvec.report.record.numbers import Factor
from prefvec.vocabulary import About, Alternative, Role, Scale


class Effect(Factor):
    """The size of what happened, as a factor."""

    what: str
    """Of what it is a factor, in words."""
    of: Literal["arm", "contrast"]
    """Whether it is the odd part of the claim's own arm at the full dose, a factor of the claim's
    measure, or a contrast, which `what` describes in full."""


class Criterion(TypedDict):
    """What a claim had to show; fixed before anything was generated."""

    sentence: str
    """In words."""
    parameters: dict[str, float | None]
    """Its numbers by name, such as `alpha`, the smallest effect `D` (a log ratio) and `rho`, the
    share of native."""


class Component(TypedDict):
    """One line of a verdict."""

    name: str
    """What was asked."""
    sentence: str
    """What was needed and what was measured."""
    role: Role
    """What it is to the verdict."""
    about: About | None
    """What sets it apart from other lines of its role; None where nothing does."""
    inequality: str | None
    """The name of the inequality that was tested; None where none was."""
    estimate: NotRequired[float | None]
    """The number, on `scale`."""
    low: NotRequired[float | None]
    """Lower end of its 95 % interval."""
    high: NotRequired[float | None]
    """Upper end of its 95 % interval."""
    threshold: NotRequired[float | None]
    """What it was compared with, on `scale`."""
    alternative: NotRequired[Alternative | None]
    """On which side of the threshold it was needed."""
    scale: NotRequired[Scale | None]
    """Of what the numbers are."""
    pvalue: NotRequired[float | None]
    """The one that decides: the larger of the next two, before Holm."""
    pvalue_t: NotRequired[float | None]
    """Of paired t, one-sided."""
    pvalue_signflip: NotRequired[float | None]
    """Of the sign-flip permutation, one-sided."""
    holm: NotRequired[float | None]
    """After Holm over the claim's family."""
    passed: bool | None
    """Whether it came out as needed; None where nothing was needed or it is undecided."""


class Reach(TypedDict):
    """What one deciding contrast could have shown."""

    name: str
    """The inequality."""
    decides: Literal["support", "refutation"]
    """What it decides."""
    alpha: float
    """Its level, before Holm."""
    told: str
    """The smallest true effect that is shown with the power, in words."""
    planned_power: float | None
    """Its power under the planned effect, from 0 to 1; None where none is planned."""


class Power(TypedDict):
    """What the prompts of a claim can show."""

    prompts: int
    """How many there are."""
    unit: str
    """What is counted, in the plural."""
    power: float
    """The chance, from 0 to 1, that all of this is about."""
    minimum_detectable: float | None
    """The true value nearest the main threshold that is shown with this power; None: no value."""
    told: str
    """That value in words, and to which side it goes on."""
    sentence: str
    """All of it in one sentence."""
    more_prompts: int | None
    """About how many more would decide; None where it is decided or no feasible number would."""
    to_decide: NotRequired[str | None]
    """What would decide it, in a sentence; None where it is decided."""
    contrasts: list[Reach]
    """The deciding ones, the main one first."""


class Blessed(TypedDict):
    """What was accepted of a claim."""

    outcome: str
    """The accepted outcome."""
    reason: str | None
    """Why it is accepted; None of what is SUPPORTED, if it was blessed before reasons were asked
    for."""


class Compared(TypedDict):
    """How a claim stands to its blessed finding."""

    sentence: str
    """Why it counts as this change, with numbers."""
    odd_change: NotRequired[float | None]
    """Mean paired change on the same prompts, a log ratio."""
    low: NotRequired[float | None]
    """Lower end of its 95 % interval."""
    high: NotRequired[float | None]
    """Upper end of its 95 % interval."""
    suspects: NotRequired[list[str]]
    """Other differences, the likeliest first; none of them excuses a change."""
