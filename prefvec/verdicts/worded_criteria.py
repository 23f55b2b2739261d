"""What tuned models and quantised weights must show: the criteria of vectors in other words.

Thresholds and tests are those of `Steers` and `Works`; only the sentence is another.
"""

from dataclasses import dataclass

from prefvec.statistics.scales import told
from prefvec.verdicts.criteria import Steers, Works


@dataclass(frozen=True, kw_only=True)
class TunedSteers(Steers):
    """A model tuned towards either pole moves either way, by dose, and stays coherent.

    A dose is a share of the adapter's update at the disturbance of the judged cell. Attributes as
    of `Steers`.

    Example:
        >>> TunedSteers().kind
        'steers'
    """

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        return (
            "Tuned towards the positive pole the model raises what is measured, towards the "
            "negative one it lowers it, more by a larger share of the update, each significant at "
            f"{self.alpha:g}; the odd part reaches {told(self.at_least, 'log')}"
            f"{_and_going_on(self.going_on_at_least)}; fewer than "
            f"{100 * self.coherence_margin:g} points of coherent answers are lost at either full "
            "dose; and by rank among random directions at the same disturbance, each with either "
            f"sign, chance does as much with p of at most {self.alpha:g}."
        )


@dataclass(frozen=True, kw_only=True)
class TunedWorks(Works):
    """A tuned model does at least a share of what the model's own vector does at equal κ.

    Attributes as of `Works`; no map of shuffled pairs is ranked, for no map is looked through.

    Example:
        >>> TunedWorks().parameters["rho"], TunedWorks().mapped
        (0.5, False)
    """

    mapped: bool = False

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        return (
            "The model's own vector steers it; tuned towards either pole it moves either way and "
            f"by dose, its odd part reaches {told(self.at_least, 'log')} and lies significantly "
            f"above {told(self.share_of_native, 'share')} of that of its own vector at the same "
            f"disturbance, at {self.alpha:g}{_and_going_on(self.going_on_at_least)}; fewer than "
            f"{100 * self.coherence_margin:g} points of coherent answers are lost at either full "
            "dose; by rank among random directions chance does as much with p of at most "
            f"{self.alpha:g}; and another concept tuned in the same way does less."
        )


@dataclass(frozen=True, kw_only=True)
class QuantisedWorks(Works):
    """In quantised weights a vector does at least a share of what it does in the model as it is.

    Attributes as of `Works`. What stands for native is the very same vector in the model that it
    was read from, at the same block and norm; no map of shuffled pairs is ranked.

    Example:
        >>> QuantisedWorks().parameters["rho"], QuantisedWorks().mapped
        (0.8, False)
    """

    share_of_native: float = 0.8
    mapped: bool = False

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        return (
            "The vector steers the model as it is; in quantised weights, at the same block and "
            "norm, it steers both ways and by dose, its odd part reaches "
            f"{told(self.at_least, 'log')} and lies significantly above "
            f"{told(self.share_of_native, 'share')} of that in the model as it is, at "
            f"{self.alpha:g}{_and_going_on(self.going_on_at_least)}; fewer than "
            f"{100 * self.coherence_margin:g} points of coherent answers are lost at either full "
            "dose; by rank among random directions chance does as much with p of at most "
            f"{self.alpha:g}; and another concept does less."
        )


def _and_going_on(least: float | None) -> str:
    if least is None:
        return ""
    return f", and the odds of going on change by {told(least, 'log')} or more"
