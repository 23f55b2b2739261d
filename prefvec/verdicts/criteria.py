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

CENSORED_AT_MOST = 0.20
"""Above this share of capped answers in a judged arm, lengths no longer tell the effect."""


@dataclass(frozen=True, kw_only=True)
class Steers:
    """A vector moves its model both ways, by dose, enough to matter, and leaves it coherent.

    Attributes:
        at_least: D; the mean odd part must reach it, on the log scale.
        coherence_margin: how much of the share of coherent answers may be lost, a fraction of 1.
        alpha: the level of every test.

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

    def __post_init__(self) -> None:
        _require_within_reason(self)

    @property
    def parameters(self) -> dict[str, float]:
        """The thresholds by the symbols of the method."""
        return {
            "alpha": self.alpha,
            "D": self.at_least,
            "coherence_margin": self.coherence_margin,
        }

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        return (
            "Adding the vector raises what is measured, subtracting it lowers it, more by a larger "
            f"dose, each significant at {self.alpha:g}; the odd part reaches "
            f"{told(self.at_least, 'log')}; fewer than {100 * self.coherence_margin:g} points of "
            "coherent answers are lost; and no random direction does as much."
        )


@dataclass(frozen=True, kw_only=True)
class Fails:
    """A vector copied raw does less than a small share of what the target's own does.

    Attributes:
        share_of_native: φ; the raw effect must lie significantly below this share.
        at_least: D; an even part beyond it, on the log scale, makes a failure disruptive.
        coherence_margin: a coherence loss beyond it makes a failure disruptive.
        alpha: the level of every test.

    Raises:
        PrefvecError: for thresholds that can decide nothing.
    """

    kind: ClassVar[str] = "fails"
    share_of_native: float = 0.25
    at_least: float = LONGER_BY_A_QUARTER
    coherence_margin: float = 0.10
    alpha: float = 0.05

    def __post_init__(self) -> None:
        _require_within_reason(self)

    @property
    def parameters(self) -> dict[str, float]:
        """The thresholds by the symbols of the method."""
        return {
            "alpha": self.alpha,
            "D": self.at_least,
            "phi": self.share_of_native,
            "coherence_margin": self.coherence_margin,
        }

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        return (
            "The target's own vector steers it, and the odd part of the raw vector is "
            f"significantly below {told(self.share_of_native, 'share')} of that of the target's "
            f"own, at {self.alpha:g}. Absence of significance is not failure."
        )


@dataclass(frozen=True, kw_only=True)
class Works:
    """A vector carried into the target steers it, near enough to its own.

    Attributes:
        at_least: D; the mean odd part must reach it, on the log scale.
        share_of_native: ρ; the adapted effect must lie significantly above this share.
        partial_from: φ; from this share of native to ρ the transfer is partial.
        mapped: whether an adapter carries it, which maps of shuffled pairs must not equal; else
            it is copied raw, as within a family.
        coherence_margin: how much of the share of coherent answers may be lost, a fraction of 1.
        alpha: the level of every test.

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
        }

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        carried, above, maps = "copied", "", ""
        if self.mapped:
            carried, maps = "adapted", "nor shuffled maps, "
            above = " and above the raw one where that is defined"
        return (
            f"The target's own vector steers it; the {carried} vector steers it both ways and by "
            f"dose, its odd part reaches {told(self.at_least, 'log')}, lies significantly above "
            f"{told(self.share_of_native, 'share')} of the target's own{above}, at "
            f"{self.alpha:g}; fewer than {100 * self.coherence_margin:g} points of coherent "
            f"answers are lost; and neither random directions, {maps}nor an unrelated concept do "
            "as much."
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


def _require_within_reason(criterion: Steers | Fails | Works) -> None:
    values = criterion.parameters
    shares = [
        values[name] for name in ("alpha", "phi", "rho", "coherence_margin") if name in values
    ]
    if not all(0 < share < 1 for share in shares) or values["D"] <= 0:
        raise PrefvecError(
            f"A criterion with {values} can decide nothing. α, the shares of native and the "
            "coherence margin lie between 0 and 1; D is the logarithm of a factor above 1."
        )
