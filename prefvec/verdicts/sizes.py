"""Whether what happened is large enough to matter: D, of the factor and of the co-primary.

The co-primary of claims about real models is the odd shift of the log-odds of going on at sentence
ends; of ending there, where a trait's positive pole is the shorter answer. Where many unsteered
answers are cut off at the cap, a factor within the cap is smaller than the answers' own, and D is
asked of the co-primary alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prefvec.errors import PrefvecError
from prefvec.statistics.estimates import Estimate, mean_of
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told
from prefvec.verdicts.criteria import Steers, Works
from prefvec.verdicts.doses import DoseResponse


@dataclass(frozen=True, kw_only=True)
class Size:
    """A mean that must reach a smallest size, a filter and not a test.

    Attributes:
        name: of what.
        measured: the mean, on the log scale.
        needed: D, likewise.
    """

    name: str
    measured: Estimate
    needed: float

    @property
    def reached(self) -> bool:
        """Whether the mean is as large."""
        return self.measured.estimate >= self.needed

    @property
    def shortfall(self) -> str:
        """What was needed and measured, as a phrase."""
        needed, measured = told(self.needed, "log"), told(self.measured.estimate, "log")
        return f"{self.name} of at least {needed} ({measured})"


def sizes(arm: DoseResponse, criterion: Steers | Works) -> tuple[Size, ...]:
    """Every size that a claim asks of its arm.

    Raises:
        PrefvecError: if the co-primary is asked for and was not measured.
    """
    found: list[Size] = []
    if factor_decides(arm, criterion):
        odd = mean_of(arm.odd.to_numpy())
        found.append(Size(name="an odd part", measured=odd, needed=criterion.at_least))
    if criterion.going_on_at_least is not None:
        shift = mean_of(going_on(arm))
        needed = criterion.going_on_at_least
        name = f"a shift of {arm.measure.outcome_of_odds}"
        found.append(Size(name=name, measured=shift, needed=needed))
    return tuple(found)


def too_small(arm: DoseResponse, criterion: Steers | Works) -> Inequality:
    """That the effect lies significantly below D, which refutes: of the factor where it can."""
    if factor_decides(arm, criterion):
        least = criterion.at_least
        return Inequality.below(f"odd part below {told(least, 'log')}", arm.odd, least)
    least = criterion.going_on_at_least
    assert least is not None
    name = f"odds of {arm.measure.outcome_of_odds} changed by less than {told(least, 'log')}"
    return Inequality.below(name, going_on(arm), least)


def going_on_rises(arm: DoseResponse, criterion: Steers | Works) -> tuple[Inequality, ...]:
    """That the co-primary is above 0, where it is asked for."""
    least = criterion.going_on_at_least
    if least is None:
        return ()
    name = f"odds of {arm.measure.outcome_of_odds} raised"
    return (Inequality.above(name, going_on(arm), planned=least),)


def going_on_against_native(
    arm: DoseResponse, native: DoseResponse, criterion: Works, planned: float
) -> tuple[Inequality, ...]:
    """That the co-primary is above the share ρ of the target's own, where it is asked for.

    Args:
        arm: the claim's arm.
        native: the target's own vector, over the same prompts.
        criterion: names the share.
        planned: the share that runs are planned for.
    """
    if criterion.going_on_at_least is None:
        return ()
    share = criterion.share_of_native
    both = np.column_stack([_series(arm), _series(native)])
    ours, theirs = both[~np.isnan(both).any(axis=1)].T
    whole = float(theirs.mean())
    return (
        Inequality(
            name=f"shift of {arm.measure.outcome_of_odds} above {told(share, 'share')} of native",
            values=ours - share * theirs,
            planned=(planned - share) * whole,
            share=share,
            whole=whole,
            whole_of="native",
        ),
    )


def factor_decides(arm: DoseResponse, criterion: Steers | Works) -> bool:
    """Whether D is asked of the factor: not where it is attenuated and the co-primary can say."""
    return criterion.going_on_at_least is None or not arm.attenuated


def going_on(arm: DoseResponse) -> NDArray[np.float64]:
    """The odd shift of the log-odds of going on, of each prompt that was read.

    Raises:
        PrefvecError: if it was not measured.
    """
    shifts = _series(arm)
    return shifts[~np.isnan(shifts)]


def _series(arm: DoseResponse) -> NDArray[np.float64]:
    if arm.going_on is None:
        raise PrefvecError(
            f"The claim asks {arm.label} for a shift of the log-odds of going on, and none was "
            "measured. Read the model's own unsteered answers under the vector, or leave "
            "`going_on_at_least` out of the criterion."
        )
    return arm.going_on.to_numpy(dtype=np.float64)
