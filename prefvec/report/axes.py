"""Axes of the figures: from values to pixels. Ratios lie on logarithms."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from prefvec.report.numerals import tick
from prefvec.vocabulary import Scale

_TICKS = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 0.9, 0.95),
    *(1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0),
)
_TICK_ORDER = (1.0, 2.0, 0.5, 5.0, 0.2, 10.0, 0.1, 1.5, 0.67, 1.25, 0.8, 3.0, 0.33)
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Axis:
    """A linear map of [low, high] onto [start, end], in pixels."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value, to a tenth of a pixel."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self, scale: Scale, apart: float) -> list[tuple[float, str]]:
        """Round values of a scale, at least `apart` pixels apart."""
        return self.ratio_ticks(apart) if scale == "log" else self._round_ticks(scale, apart)

    def ratio_ticks(self, apart: float) -> list[tuple[float, str]]:
        """Round ratios on an axis of logarithms, at least `apart` pixels from each other."""
        inside = [value for value in _TICKS if self.low <= math.log(value) <= self.high]
        chosen: list[float] = []
        for value in sorted(inside, key=lambda t: (*_TICK_ORDER, *_TICKS).index(t)):
            if all(abs(self.at(math.log(value)) - self.at(math.log(c))) >= apart for c in chosen):
                chosen.append(value)
        return [(self.at(math.log(value)), f"×{value:g}") for value in sorted(chosen)]

    def _round_ticks(self, scale: Scale, apart: float) -> list[tuple[float, str]]:
        least = apart * (self.high - self.low) / abs(self.end - self.start)
        power = 10.0 ** math.floor(math.log10(least))
        step = power * next(round_ for round_ in _ROUND if round_ * power >= least * (1 - 1e-9))
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [(self.at(n * step), tick(n * step, scale)) for n in range(first, last + 1)]


def ratio_axis(logs: Iterable[float], pixels: tuple[float, float]) -> Axis:
    """An axis of log ratios that holds all the values, no effect among them.

    Shares, points and correlations go as well: their 0, too, is no effect.
    """
    known = [0.0, *logs]
    low, high = min(known), max(known)
    margin = 0.06 * (high - low) or 0.1
    return Axis(low - margin, high + margin, *pixels)
