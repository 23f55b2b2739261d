"""What a claim about models, and not about one pair of them, must show."""

import math
from dataclasses import dataclass
from typing import ClassVar

from prefvec.errors import PrefvecError
from prefvec.statistics.scales import told
from prefvec.vocabulary import Alternative

TARGETS_AT_LEAST = 6
"""Fewer targets than two architectures with three training seeds each are no sample of models."""


@dataclass(frozen=True, kw_only=True)
class Generalises:
    """Over targets, the mean share of native lies beyond a threshold.

    Attributes:
        share_of_native: φ, below which a transfer fails, or ρ, above which it works.
        alternative: on which side of it the mean must lie.
        targets: how many must have been measured, at least.
        at_least: D; each target's own vector must reach it, on the log scale.
        alpha: the level of every test.

    Raises:
        PrefvecError: for thresholds that can decide nothing.

    Example:
        >>> Generalises(share_of_native=0.25, alternative="less").parameters
        {'alpha': 0.05, 'D': 0.22314355131420976, 'phi': 0.25, 'targets': 6}
    """

    kind: ClassVar[str] = "generalises"
    share_of_native: float
    alternative: Alternative
    targets: int = TARGETS_AT_LEAST
    at_least: float = math.log(1.25)
    alpha: float = 0.05

    def __post_init__(self) -> None:
        within = 0 < self.share_of_native < 1 and 0 < self.alpha < 1
        if not within or self.at_least <= 0 or self.targets < 2:
            raise PrefvecError(
                f"A criterion with {self.parameters} can decide nothing: α and the share of "
                "native lie between 0 and 1, D is the logarithm of a factor above 1, and two "
                "targets are the fewest that have a spread."
            )

    @property
    def parameters(self) -> dict[str, float]:
        """The thresholds by the symbols of the method."""
        symbol = "phi" if self.alternative == "less" else "rho"
        return {
            "alpha": self.alpha,
            "D": self.at_least,
            symbol: self.share_of_native,
            "targets": self.targets,
        }

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        sides = ("below", "above") if self.alternative == "less" else ("above", "below")
        return (
            f"At least {self.targets} targets were measured, each steered by its own vector; over "
            "targets, each the mean over its sources, the mean share of native is significantly "
            f"{sides[0]} {told(self.share_of_native, 'share')}, by t at {self.alpha:g}; "
            f"significantly {sides[1]} it, the claim is refuted."
        )
