"""The rules of claims about a difference: that one arm exceeds another, that a trait is spared."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from prefvec.errors import PrefvecError
from prefvec.statistics.inequalities import Inequality
from prefvec.verdicts.assessment import Assessment, Contrast, against_native
from prefvec.verdicts.criteria import Exceeds, Spares
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.positive_control import (
    readable,
    require_comparable,
    require_same_prompts,
    sensitive,
)
from prefvec.verdicts.preconditions import Precondition, identity

PLANNED_DIFFERENCE = 0.5
"""The share of native by which runs are planned to see arms differ, where one exceeds another."""


def assess_exceeds(
    claim: str,
    arm: DoseResponse,
    *,
    than: DoseResponse,
    native: DoseResponse,
    control: Assessment,
    criterion: Exceeds,
    identity_holds: bool,
    preconditions: Sequence[Precondition] = (),
) -> Assessment:
    """Assess that one arm does more than another, prompt by prompt.

    The per-prompt contrast is the difference of their odd parts.

    Args:
        claim: the claim's id.
        arm: the dose-response that should be the larger.
        than: the other one.
        native: that of the target's own vector at the same cell.
        control: `assess_steers` of the target's own vector at the judged cell.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        preconditions: further ones, such as the checks of the models.

    Raises:
        PrefvecError: if the arms are of different prompts, or by different measures, or the
            criterion is on another scale than theirs.
    """
    if criterion.scale != "log":
        raise PrefvecError(
            f"The odd parts of arms differ on the log scale, and the margin of {claim!r} is on "
            f"that of {criterion.scale!r}. State it with Exceeds(scale='log')."
        )
    require_comparable(arm, than, native)
    assessment = assess_exceeds_values(
        claim,
        arm.odd.to_numpy() - than.odd.to_numpy(),
        what=f"the odd part of {arm.label} over that of {than.label}",
        unit="prompts",
        criterion=criterion,
        planned=PLANNED_DIFFERENCE * native.mean_odd,
        preconditions=(
            identity(identity_holds),
            *preconditions,
            *sensitive(control, native, criterion.alpha),
            *readable(arm, than, native),
        ),
    )
    return replace(assessment, arm=arm, native=native)


def assess_exceeds_values(
    claim: str,
    values: ArrayLike,
    *,
    what: str,
    unit: str,
    criterion: Exceeds,
    planned: float | None = None,
    preconditions: Sequence[Precondition] = (),
) -> Assessment:
    """Assess that the mean of a contrast is above a margin, over units that need not be prompts.

    Args:
        claim: the claim's id.
        values: one number per unit, on the criterion's scale.
        what: what the numbers are, as the subject of a sentence.
        unit: what one of them is of, in the plural.
        criterion: what must be shown.
        planned: the mean under the effect that the run is planned for, if one is.
        preconditions: without any of these the claim is INVALID.

    Raises:
        PrefvecError: for fewer than two values, or one that is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size < 2 or not np.isfinite(array).all():
        raise PrefvecError(
            f"{what[:1].upper()}{what[1:]} needs a finite number for each of at least two {unit}, "
            f"got {array.tolist()}. Measure more of them, or leave out those without a number."
        )
    margin, scale = criterion.margin, criterion.scale
    above = Inequality.above("contrast above its margin", array, margin, scale, planned=planned)
    return Assessment(
        claim=claim,
        criterion=criterion,
        preconditions=tuple(preconditions),
        support=(above,),
        refuting=(Inequality.below("contrast below its margin", array, margin, scale),),
        contrast=Contrast(what=what, unit=unit, estimate=above.estimate),
    )


def assess_spares(
    claim: str,
    arm: DoseResponse,
    *,
    own: DoseResponse,
    native: DoseResponse,
    controls: Sequence[tuple[str, Assessment]],
    criterion: Spares,
    identity_holds: bool,
    preconditions: Sequence[Precondition] = (),
) -> Assessment:
    """Assess that steering one trait leaves another alone.

    Equivalence by two one-sided tests (Schuirmann 1987) whose margins, ±φ of the other trait's
    native odd part, are measured prompt by prompt too.

    Args:
        claim: the claim's id.
        arm: answers under one trait's vector, by the other's measure.
        own: the same answers by the trait's own measure.
        native: the other trait's own vector in the same model, by its measure.
        controls: a trait's name and `assess_steers` of its own vector, first of the steered
            trait, then of the other: a dead vector would spare everything, and beside one that
            is dead everything would count.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        preconditions: further ones, such as the checks of the model.

    Raises:
        PrefvecError: if arms are of different prompts, or `arm` and `native` by different
            measures.
    """
    require_same_prompts(arm, own)
    require_comparable(arm, native)
    share, alpha = criterion.share_of_native, criterion.alpha
    return Assessment(
        claim=claim,
        criterion=criterion,
        arm=arm,
        native=native,
        preconditions=(
            identity(identity_holds),
            *preconditions,
            *(
                condition
                for (trait, control), moved in zip(controls, (own, native), strict=True)
                for condition in sensitive(control, moved, alpha, trait)
            ),
            *readable(arm, native),  # those of `own` are the answers of `arm`
        ),
        support=(
            against_native("greater", arm, native, -share, planned=0.0),
            against_native("less", arm, native, share, planned=0.0),
        ),
        refuting=(
            against_native("greater", arm, native, share),
            against_native("less", arm, native, -share),
        ),
    )
