"""In which way a raw transfer fails."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from prefvec.statistics.inequalities import Inequality, equivalence
from prefvec.verdicts.controls import ControlCheck
from prefvec.verdicts.criteria import Fails
from prefvec.verdicts.doses import DoseResponse

LABELS = {
    "reversed": "it steers significantly the other way",
    "disruptive": "it disturbs the answers instead of steering them",
    "weak, beyond chance": "it does more than random directions, and too little for a transfer",
    "inert": "it is equivalent to doing nothing, within its margin",
    "unresolved": "too small an effect, of a kind that these prompts do not resolve",
}
"""The first that applies is the label."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Failure:
    """The kind of a supported failure, and the tests that tell it; nothing is tested unasked.

    The margin of reversal and of inertness is measured too: φ times the native odd part, prompt
    by prompt.

    Attributes:
        raw: the copied vector's dose-response.
        native: that of the target's own vector.
        beyond: its rank among random directions.
        criterion: the thresholds and the level.
    """

    raw: DoseResponse
    native: DoseResponse
    beyond: ControlCheck
    criterion: Fails

    @cached_property
    def reversed(self) -> Inequality:
        """Significantly the other way, by more than the margin."""
        return Inequality(
            name="reversed: odd part beyond the margin, the other way",
            values=self.raw.odd.to_numpy() + self._margin,
            alternative="less",
            share=-self.criterion.share_of_native,
            whole=self.native.mean_odd,
            whole_of="native",
        )

    @cached_property
    def disturbance(self) -> tuple[Inequality, Inequality]:
        """The even part beyond ±D: the two sides of one test, each at half its level."""
        even, at_least = self.raw.even.to_numpy(), self.criterion.at_least
        measure = self.raw.measure
        return (
            Inequality.above(f"disruptive: both ways {measure.up}", even, at_least),
            Inequality.below(f"disruptive: both ways {measure.down}", even, -at_least),
        )

    @cached_property
    def equivalence(self) -> tuple[Inequality, Inequality]:
        """TOST that the odd part lies within the margin around 0; both sides must hold."""
        share, whole = self.criterion.share_of_native, self.native.mean_odd
        lower, upper = equivalence("inert: odd part", self.raw.odd, self._margin)
        return (
            replace(lower, share=-share, whole=whole, whole_of="native"),
            replace(upper, share=share, whole=whole, whole_of="native"),
        )

    @property
    def tests(self) -> tuple[tuple[Inequality, float], ...]:
        """Every test behind the label with its level, in the order they are asked."""
        alpha = self.criterion.alpha
        return (
            (self.reversed, alpha),
            *((side, alpha / 2) for side in self.disturbance),
            *((side, alpha) for side in self.equivalence),
        )

    @cached_property
    def label(self) -> str:
        """The first of `LABELS` that applies."""
        alpha = self.criterion.alpha
        if self.reversed.holds(alpha):
            return "reversed"
        lost = self.raw.coherence_loss > self.criterion.coherence_margin
        if lost or any(side.holds(alpha / 2) for side in self.disturbance):
            return "disruptive"
        if self.beyond.passed is True:
            return "weak, beyond chance"
        if all(side.holds(alpha) for side in self.equivalence):
            return "inert"
        return "unresolved"

    @cached_property
    def _margin(self) -> NDArray[np.float64]:
        return self.criterion.share_of_native * self.native.odd.to_numpy()
