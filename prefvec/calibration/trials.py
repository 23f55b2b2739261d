"""A trial of a decision rule: what is simulated, and how often it may be wrong there."""

from dataclasses import dataclass
from typing import Literal

from scipy import stats

from prefvec.calibration.simulated_claims import ALPHA, Play

ONE_IN = 100
"""Rules that keep every bound of a kind are found to break one of them once in so many
calibrations. The worst of several rates lies higher than any one of them by chance, so each is
held to its bound within the binomial error that is exceeded as rarely as this over their number
(Bonferroni)."""

PROMPTS = (24, 48, 96)
PLANNED_WITH = 96
POWER = 0.9

Side = Literal["at most", "at least", "shown"]
Truth = Literal["null", "boundary", "planned", "unmeasurable", "stress"]


@dataclass(frozen=True, kw_only=True)
class Bound:
    """How often something may, or must, come out of a trial.

    Attributes:
        of: what is counted: an outcome, a label, or another key of the trial's counts.
        side: whether the rate bounds it from above or below; "shown" bounds nothing.
        rate: the bound.
        out_of: what it is a share of, if not of all runs.
        at: with how many prompts it is required; it is shown with the others.
    """

    of: str
    side: Side
    rate: float | None = None
    out_of: str = "runs"
    at: tuple[int, ...] = PROMPTS

    def holds(self, count: int, runs: int, n: int, *, among: int = 1) -> bool:
        """Whether a count lies within binomial error of the bound, at one in `ONE_IN` · `among`.

        Args:
            count: of what is bounded.
            runs: what it is counted out of.
            n: with how many prompts.
            among: of how many bounded rates of its kind it may be the worst.

        Example:
            >>> error = Bound(of="SUPPORTED", side="at most", rate=0.05)
            >>> error.holds(240, 4_000, n=24), error.holds(240, 4_000, n=24, among=100)
            (False, True)
        """
        if self.rate is None or n not in self.at:
            return True
        chance = 1 / (ONE_IN * among)
        if self.side == "at most":
            return count <= float(stats.binom.ppf(1 - chance, runs, self.rate))
        return count >= float(stats.binom.ppf(chance, runs, self.rate))


def rarely(of: str, rate: float = ALPHA) -> Bound:
    """An error: at most α of the runs."""
    return Bound(of=of, side="at most", rate=rate)


def usually(of: str) -> Bound:
    """A finding: the power that is planned with 96 prompts, before Holm."""
    return Bound(of=of, side="at least", rate=POWER, at=(PLANNED_WITH,))


def always(of: str, rate: float = 1.0) -> Bound:
    """What must come of a measurement that cannot tell."""
    return Bound(of=of, side="at least", rate=rate)


def shown(of: str, out_of: str = "runs") -> Bound:
    """A rate that is reported and bounded by nothing."""
    return Bound(of=of, side="shown", out_of=out_of)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One truth under which a kind of claim is tried.

    Attributes:
        key: its name in the record, which begins with its kind.
        truth: what sort of truth it is.
        name: what is true in it, in words.
        play: from simulated experiments to counts of what came of them.
        bounds: what is required of the counts.
        prompts: with how many prompts it is tried.
    """

    key: str
    truth: Truth
    name: str
    play: Play
    bounds: tuple[Bound, ...]
    prompts: tuple[int, ...] = PROMPTS

    @property
    def bounded(self) -> int:
        """How many of its rates are held to a bound, over all its numbers of prompts."""
        return sum(
            bound.rate is not None and n in bound.at for bound in self.bounds for n in self.prompts
        )

    @property
    def kind(self) -> str:
        """What is tried: a kind of claim, a family of claims or a contrast."""
        return self.key.partition("-")[0]


def trial(
    key: str,
    truth: Truth,
    name: str,
    play: Play,
    *bounds: Bound,
    prompts: tuple[int, ...] = PROMPTS,
) -> Trial:
    """A `Trial` in one line of a table."""
    return Trial(key=key, truth=truth, name=name, play=play, bounds=bounds, prompts=prompts)
