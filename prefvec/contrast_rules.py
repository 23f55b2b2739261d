"""The rules of claims about a difference: that one arm exceeds another, that a trait is spared."""

from collections.abc import Sequence
from dataclasses import replace

from numpy.typing import ArrayLike

from prefvec.assessment import Assessment, Contrast
from prefvec.criteria import Exceeds, Spares
from prefvec.doses import DoseResponse
from prefvec.inequalities import Inequality, equivalence
from prefvec.preconditions import Precondition, identity
from prefvec.sensitivity import positive_control, readable, require_same_prompts, sensitive

PLANNED_DIFFERENCE = 0.5
"""The share of native by which arms are planned to differ, where one exceeds the other."""


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

    Args:
        claim: the claim's id.
        arm: the dose-response that should be the larger.
        than: the other one.
        native: that of the target's own vector at the same relative norm.
        control: `assess_steers` of the target's own vector at its own best dose.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        preconditions: further ones, such as the checks of the models.
    """
    require_same_prompts(arm, than, native)
    assessment = assess_exceeds_values(
        claim,
        arm.odd.to_numpy() - than.odd.to_numpy(),
        what=f"the odd part of {arm.label} over that of {than.label}",
        unit="prompts",
        criterion=criterion,
        planned=criterion.margin + PLANNED_DIFFERENCE * native.mean_odd,
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
    """Assess that a contrast is above a margin, over units that need not be prompts.

    Args:
        claim: the claim's id.
        values: one number per unit, on the criterion's scale.
        what: what the numbers are, as the subject of a sentence.
        unit: what one of them is of, in the plural.
        criterion: what must be shown.
        planned: the mean under the effect that the run is planned for, if one is.
        preconditions: without any of these the claim is INVALID.

    Raises:
        PrefvecError: for fewer than two values.
    """
    margin, scale = criterion.margin, criterion.scale
    above = Inequality.above("contrast above its margin", values, margin, scale, planned=planned)
    return Assessment(
        claim=claim,
        criterion=criterion,
        preconditions=tuple(preconditions),
        support=(above,),
        refuting=(Inequality.below("contrast below its margin", values, margin, scale),),
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

    Args:
        claim: the claim's id.
        arm: one trait's vector, by the other's measure.
        own: the same answers by the trait's own measure.
        native: the other trait's own vector in the same model, by its measure.
        controls: of both traits, a name and `assess_steers` of its own vector: a dead vector
            would spare everything.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        preconditions: further ones, such as the checks of the model.
    """
    require_same_prompts(arm, own, native)
    share, whole = criterion.share_of_native, native.mean_odd
    lower, upper = equivalence("odd part of the other trait", arm.odd, share * native.odd)
    beyond = f"odd part of the other trait beyond {share:.0%} of its native one"
    above = Inequality.above(beyond, upper.values)
    below = Inequality.below(f"{beyond}, the other way", lower.values)
    return Assessment(
        claim=claim,
        criterion=criterion,
        arm=arm,
        native=native,
        preconditions=(
            identity(identity_holds),
            *preconditions,
            *(
                replace(positive_control(control, f"{name} trait's"), name=f"{name} can be steered")
                for name, control in controls
            ),
            *readable(arm, own, native),
        ),
        support=(
            replace(lower, share=-share, whole=whole, planned=share * whole),
            replace(upper, share=share, whole=whole, planned=-share * whole),
        ),
        refuting=(
            replace(above, share=share, whole=whole),
            replace(below, share=-share, whole=whole),
        ),
    )
