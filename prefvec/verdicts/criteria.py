"""What a claim must show, fixed in its file before anything is generated."""

import math
from dataclasses import dataclass
from typing import ClassVar

from prefvec.errors import PrefvecError
from prefvec.statistics.scales import told
from prefvec.verdicts.between_models import Generalises
from prefvec.vocabulary import Scale

LONGER_BY_A_QUARTER = math.log(1.25)
"""D, the smallest effect of interest on the log scale."""

SMALL_ODDS_RATIO = math.log(1.68)
"""D for the odds of one pole over the other: an odds ratio of 1.68 is Cohen's d = 0.2, a small
effect (Chen, Cohen & Chen 2010, "How big is a big odds ratio?", Comm. Statist. 39, 860-864)."""

PLANNED_SHARE = 0.8
"""The share of native that runs are planned for, where a transfer works."""

GOING_ON = 0.5
"""D of the co-primary: a shift of the log-odds of going on at a sentence end that belongs to
answers longer by about a quarter."""


@dataclass(frozen=True, kw_only=True)
class Steers:
    """A vector moves its model both ways, by dose, enough to matter, and leaves it coherent.

    Attributes:
        at_least: D; the mean odd part must reach it, on the log scale.
        coherence_margin: how much of the share of coherent answers may be lost at either dose, a
            fraction of 1.
        alpha: the level of every test.
        going_on_at_least: D of the co-primary, the odd shift of the log-odds of going on, which
            must be reached as well; `GOING_ON` for claims about real models, None without it.

    Raises:
        PrefvecError: for thresholds that can decide nothing.

    Example:
        >>> Steers().parameters["alpha"]
        0.05
    """

    kind: ClassVar[str] = "steers"
    at_least: float = LONGER_BY_A_QUARTER
    coherence_margin: float = 0.10
    alpha: float = 0.05
    going_on_at_least: float | None = None

    def __post_init__(self) -> None:
        _require_within_reason(self)

    @property
    def parameters(self) -> dict[str, float]:
        """The thresholds by the symbols of the method."""
        return {
            "alpha": self.alpha,
            "D": self.at_least,
            "coherence_margin": self.coherence_margin,
            **_going_on(self),
        }

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        return (
            "Adding the vector raises what is measured, subtracting it lowers it, more by a larger "
            f"dose, each significant at {self.alpha:g}; the odd part reaches "
            f"{told(self.at_least, 'log')}{_and_going_on(self)}; fewer than "
            f"{100 * self.coherence_margin:g} points of coherent answers are lost at either full "
            "dose; and by rank among random directions, each with either sign, chance does as "
            f"much with p of at most {self.alpha:g}."
        )


@dataclass(frozen=True, kw_only=True)
class Fails:
    """A vector copied raw does less than a small share of what the target's own does.

    Attributes:
        share_of_native: φ; the raw effect must lie significantly below this share.
        transfer_from: ρ; where random directions reach this share, the cell cannot tell.
        at_least: D; an even part beyond it, on the log scale, makes a failure disruptive.
        coherence_margin: a coherence loss beyond it makes a failure disruptive.
        alpha: the level of every test.

    Raises:
        PrefvecError: for thresholds that can decide nothing.
    """

    kind: ClassVar[str] = "fails"
    share_of_native: float = 0.25
    transfer_from: float = 0.5
    at_least: float = LONGER_BY_A_QUARTER
    coherence_margin: float = 0.10
    alpha: float = 0.05

    def __post_init__(self) -> None:
        _require_within_reason(self)
        if self.transfer_from < self.share_of_native:
            raise PrefvecError(
                f"A transfer from {self.transfer_from:g} of native cannot begin below the share "
                f"{self.share_of_native:g} under which it fails. Raise `transfer_from`."
            )

    @property
    def parameters(self) -> dict[str, float]:
        """The thresholds by the symbols of the method."""
        return {
            "alpha": self.alpha,
            "D": self.at_least,
            "phi": self.share_of_native,
            "rho": self.transfer_from,
            "coherence_margin": self.coherence_margin,
        }

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        return (
            "The target's own vector steers it, random directions reach less than "
            f"{told(self.transfer_from, 'share')} of what it does, and the odd part of the raw "
            f"vector is significantly below {told(self.share_of_native, 'share')} of that of the "
            f"target's own, at {self.alpha:g}. Absence of significance is not failure; "
            "significantly above that share, the claim is refuted if by rank among random "
            f"directions chance does as much with p of at most {self.alpha:g}."
        )


@dataclass(frozen=True, kw_only=True)
class Works:
    """A vector carried into the target steers it, near enough to its own.

    Attributes:
        at_least: D; the mean odd part must reach it, on the log scale.
        share_of_native: ρ; the adapted effect must lie significantly above this share.
        partial_from: φ; from this share of native to ρ the transfer is partial.
        mapped: whether an adapter carries it, beside which maps of shuffled pairs and random
            source directions through the map must fall short; else it is copied raw, as within a
            family.
        coherence_margin: how much of the share of coherent answers may be lost at either dose, a
            fraction of 1.
        alpha: the level of every test.
        going_on_at_least: D of the co-primary; see `Steers`. It must exceed the share ρ of the
            target's own, too.

    Raises:
        PrefvecError: for thresholds that can decide nothing, or a partial transfer that begins
            above a full one.
    """

    kind: ClassVar[str] = "works"
    at_least: float = LONGER_BY_A_QUARTER
    share_of_native: float = 0.5
    partial_from: float = 0.25
    coherence_margin: float = 0.10
    alpha: float = 0.05
    mapped: bool = True
    going_on_at_least: float | None = None

    def __post_init__(self) -> None:
        _require_within_reason(self)
        if not 0 < self.partial_from <= self.share_of_native:
            raise PrefvecError(
                f"A partial transfer from {self.partial_from:g} of native cannot begin above the "
                f"share {self.share_of_native:g} of a full one. Lower `partial_from`."
            )

    @property
    def parameters(self) -> dict[str, float]:
        """The thresholds by the symbols of the method."""
        return {
            "alpha": self.alpha,
            "D": self.at_least,
            "phi": self.partial_from,
            "rho": self.share_of_native,
            "coherence_margin": self.coherence_margin,
            **_going_on(self),
        }

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        carried, above, families = "copied", "", "random directions"
        if self.mapped:
            carried = "adapted"
            families += ", shuffled maps and random source directions through the map in turn"
            above = " and above the raw one where that is defined"
        return (
            f"The target's own vector steers it; the {carried} vector steers it both ways and by "
            f"dose, its odd part reaches {told(self.at_least, 'log')}, lies significantly above "
            f"{told(self.share_of_native, 'share')} of the target's own{above}, at "
            f"{self.alpha:g}{_and_going_on(self)}; fewer than {100 * self.coherence_margin:g} "
            "points of coherent answers are lost at either full dose; by rank among "
            f"{families}, each with either sign, chance does as much with p of at most "
            f"{self.alpha:g}; and an unrelated concept does significantly less."
        )


@dataclass(frozen=True, kw_only=True)
class Exceeds:
    """One arm does more than another, or a contrast over other units than prompts is positive.

    Attributes:
        margin: by how much, on the scale of the contrast.
        scale: of the contrast.
        alpha: the level of every test.

    Raises:
        PrefvecError: for a margin that is not finite, or a level that is none.

    Example:
        >>> Exceeds(margin=0.1, scale="correlation").parameters
        {'alpha': 0.05, 'margin': 0.1}
    """

    kind: ClassVar[str] = "exceeds"
    margin: float = 0.0
    scale: Scale = "log"
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if not (0 < self.alpha < 1 and math.isfinite(self.margin)):
            raise PrefvecError(
                f"A contrast cannot be held to the margin {self.margin} at level {self.alpha}. "
                "Give a finite margin and a level between 0 and 1."
            )

    @property
    def parameters(self) -> dict[str, float]:
        """The thresholds by the symbols of the method."""
        return {"alpha": self.alpha, "margin": self.margin}

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        return (
            f"The mean of the contrast is significantly above {told(self.margin, self.scale)}, at "
            f"{self.alpha:g}; significantly below it, the claim is refuted."
        )


@dataclass(frozen=True, kw_only=True)
class Spares:
    """Steering one trait leaves another alone.

    Attributes:
        share_of_native: φ; what happens to the other trait is equivalent to nothing within this
            share of what that trait's own vector does.
        alpha: the level of every test.

    Raises:
        PrefvecError: for a share or a level that does not lie between 0 and 1.
    """

    kind: ClassVar[str] = "spares"
    share_of_native: float = 0.25
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if not (0 < self.alpha < 1 and 0 < self.share_of_native < 1):
            raise PrefvecError(
                f"A criterion with {self.parameters} can decide nothing: α and the share of "
                "native lie between 0 and 1."
            )

    @property
    def parameters(self) -> dict[str, float]:
        """The thresholds by the symbols of the method."""
        return {"alpha": self.alpha, "phi": self.share_of_native}

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        return (
            "Both traits' own vectors steer their traits; the odd part of the other trait under "
            "this one's vector is equivalent to nothing, within ±"
            f"{told(self.share_of_native, 'share')} of what the other's own vector does (two "
            f"one-sided tests at {self.alpha:g})."
        )


Criterion = Steers | Fails | Works | Exceeds | Spares | Generalises


def _going_on(criterion: Steers | Works) -> dict[str, float]:
    least = criterion.going_on_at_least
    return {} if least is None else {"D_going_on": least}


def _and_going_on(criterion: Steers | Works) -> str:
    if criterion.going_on_at_least is None:
        return ""
    return f" and the odds of going on change by {told(criterion.going_on_at_least, 'log')} or more"


def _require_within_reason(criterion: Steers | Fails | Works) -> None:
    values = criterion.parameters
    shares = [
        values[name] for name in ("alpha", "phi", "rho", "coherence_margin") if name in values
    ]
    sizes = [values[name] for name in ("D", "D_going_on") if name in values]
    if not all(0 < share < 1 for share in shares) or min(sizes) <= 0:
        raise PrefvecError(
            f"A criterion with {values} can decide nothing. α, the shares of native and the "
            "coherence margin lie between 0 and 1; D, of words as of the odds of going on, is the "
            "logarithm of a factor above 1."
        )
