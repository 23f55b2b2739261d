"""Numbers with their intervals, as the record holds them."""

from typing import TypedDict


class Interval(TypedDict):
    """An estimate with its two-sided 95 % interval, in the unit of where it stands."""

    estimate: float | None
    """The number; None where it is not finite."""
    low: float | None
    """Lower end of the interval."""
    high: float | None
    """Upper end of the interval."""


class Factor(TypedDict):
    """A ratio with its two-sided 95 % interval; 1 is no effect."""

    factor: float | None
    """The ratio; None where it is not finite."""
    low: float | None
    """Lower end of the interval, as a ratio."""
    high: float | None
    """Upper end of the interval, as a ratio."""


class Share(TypedDict):
    """A share of 1 with its two-sided 95 % interval."""

    share: float | None
    """The share, from 0 to 1."""
    low: float | None
    """Lower end of the interval, from 0 to 1."""
    high: float | None
    """Upper end of the interval, from 0 to 1."""
