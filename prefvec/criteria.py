"""What a claim must show, fixed in its file before anything is generated."""

import math
from dataclasses import dataclass
from typing import ClassVar

from prefvec.errors import PrefvecError
from prefvec.estimates import told

LONGER_BY_A_QUARTER = math.log(1.25)
"""D, the smallest effect of interest on the log scale."""

PLANNED_SHARE = 0.8
"""The share of native that runs are planned for, where a transfer works."""

CENSORED_AT_MOST = 0.20
"""Above this share of capped answers in a confirmatory arm, lengths no longer tell the effect."""


@dataclass(frozen=True, kw_only=True)
class Steers:
    """A vector moves its model both ways, by dose, enough to matter, and leaves it coherent.

    Attributes:
        at_least: D; the mean odd part must reach it.
        coherence_margin: how much of the share of coherent answers may be lost.
        alpha: the level of every test.
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
            f"{told(self.at_least, 'log')}; fewer than {100 * self.coherence_margin:g} points of coherent "
            "answers are lost; and no random direction does as much."
        )


@dataclass(frozen=True, kw_only=True)
class Fails:
    """A vector copied raw does less than a small share of what the target's own does.

    Attributes:
        share_of_native: φ; the raw effect must lie significantly below this share.
        at_least: D; an even part beyond it makes a failure disruptive.
        coherence_margin: a coherence loss beyond it makes a failure disruptive.
        alpha: the level of every test.
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
    """A vector carried through an adapter steers the target, near enough to its own.

    Attributes:
        at_least: D; the mean odd part must reach it.
        share_of_native: ρ; the adapted effect must lie significantly above this share.
        partial_from: φ; from this share of native to ρ the transfer is partial.
        coherence_margin: how much of the share of coherent answers may be lost.
        alpha: the level of every test.
    """

    kind: ClassVar[str] = "works"
    at_least: float = LONGER_BY_A_QUARTER
    share_of_native: float = 0.5
    partial_from: float = 0.25
    coherence_margin: float = 0.10
    alpha: float = 0.05

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
        return (
            "The target's own vector steers it; the adapted vector steers it both ways and by "
            f"dose, its odd part reaches {told(self.at_least, 'log')}, lies significantly above "
            f"{told(self.share_of_native, 'share')} of the target's own and above the raw one "
            f"where that is defined, at {self.alpha:g}; fewer than "
            f"{100 * self.coherence_margin:g} points of coherent answers are lost; and neither "
            "random directions, nor shuffled maps, nor an unrelated concept do as much."
        )


Criterion = Steers | Fails | Works


def _require_within_reason(criterion: Criterion) -> None:
    values = criterion.parameters
    shares = [
        values[name] for name in ("alpha", "phi", "rho", "coherence_margin") if name in values
    ]
    if not all(0 < share < 1 for share in shares) or values["D"] <= 0:
        raise PrefvecError(
            f"A criterion with {values} can decide nothing. α, the shares of native and the "
            "coherence margin lie between 0 and 1; D is the logarithm of a factor above 1."
        )
