"""The decision rules: what each kind of claim is tested on, and what would refute it."""

from collections.abc import Sequence

from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told
from prefvec.verdicts.assessment import Assessment, against_native
from prefvec.verdicts.controls import Controls, beyond, differs_from_unrelated, strongest_above
from prefvec.verdicts.criteria import PLANNED_SHARE, Fails, Steers, Works
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.failures import Failure
from prefvec.verdicts.positive_control import readable, require_comparable, sensitive
from prefvec.verdicts.preconditions import Precondition, identity


def assess_steers(
    claim: str,
    arm: DoseResponse,
    *,
    controls: Controls,
    criterion: Steers,
    identity_holds: bool,
    preconditions: Sequence[Precondition] = (),
) -> Assessment:
    """Assess that a vector steers the model it is in.

    Args:
        claim: the claim's id.
        arm: the vector's dose-response.
        controls: random directions at the same site and norm.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        preconditions: further ones, such as the checks of the model.

    Raises:
        PrefvecError: if arms are of different prompts, or by different measures.
    """
    require_comparable(arm, *controls.all)
    return Assessment(
        claim=claim,
        criterion=criterion,
        arm=arm,
        preconditions=(identity(identity_holds), *preconditions, *readable(arm)),
        support=_steering(arm, criterion),
        controls=(beyond(arm, controls.random, "random directions"),),
        refuting=(
            _too_small(arm, criterion.at_least),
            Inequality.below("slope over the doses negative", arm.slope),
        ),
    )


def assess_fails(
    claim: str,
    raw: DoseResponse,
    *,
    native: DoseResponse,
    positive_control: Assessment,
    criterion: Fails,
    identity_holds: bool,
    preconditions: Sequence[Precondition] = (),
) -> Assessment:
    """Assess that a vector copied raw does too little to call it transfer.

    Args:
        claim: the claim's id.
        raw: the dose-response of the copied vector.
        native: that of the target's own vector at the same relative norm.
        positive_control: `assess_steers` of the target's own vector at its own best dose.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        preconditions: further ones, such as the checks of the models.

    Raises:
        PrefvecError: if arms are of different prompts, or by different measures.
    """
    require_comparable(raw, native)
    share = criterion.share_of_native
    return Assessment(
        claim=claim,
        criterion=criterion,
        arm=raw,
        native=native,
        preconditions=(
            identity(identity_holds),
            *preconditions,
            *sensitive(positive_control, native, criterion.alpha),
            *readable(raw, native),
        ),
        support=(against_native("less", raw, native, share, planned=0.0),),
        refuting=(against_native("greater", raw, native, share),),
        failure=Failure(raw=raw, native=native, criterion=criterion),
    )


def assess_works(
    claim: str,
    adapted: DoseResponse,
    *,
    native: DoseResponse,
    raw: DoseResponse | None,
    positive_control: Assessment,
    controls: Controls,
    criterion: Works,
    identity_holds: bool,
    preconditions: Sequence[Precondition] = (),
) -> Assessment:
    """Assess that a vector carried into the target steers it.

    Args:
        claim: the claim's id.
        adapted: the dose-response of the carried vector.
        native: that of the target's own vector at the same relative norm.
        raw: that of the copied vector; None where unequal widths leave it undefined, or where
            the claim is about the copied vector itself.
        positive_control: `assess_steers` of the target's own vector at its own best dose.
        controls: random directions, unrelated concepts, and shuffled maps where an adapter
            carries the vector, at the same site and norm.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        preconditions: further ones: the checks of the models, `adapter_learned`.

    Raises:
        PrefvecError: if arms are of different prompts, or by different measures.
    """
    others = [native] if raw is None else [native, raw]
    require_comparable(adapted, *others, *controls.all)
    share, alpha = criterion.share_of_native, criterion.alpha
    beats_raw = [] if raw is None else [_above_raw(adapted, raw, native)]
    maps = [beyond(adapted, controls.shuffled, "shuffled maps")] if criterion.mapped else []
    rivals = [strongest_above(adapted, controls, share)] if controls.all else []
    return Assessment(
        claim=claim,
        criterion=criterion,
        arm=adapted,
        native=native,
        preconditions=(
            identity(identity_holds),
            *preconditions,
            *sensitive(positive_control, native, alpha),
            *readable(adapted, *others),
        ),
        support=(
            *_steering(adapted, criterion),
            against_native("greater", adapted, native, share, planned=PLANNED_SHARE),
            *beats_raw,
        ),
        controls=(
            beyond(adapted, controls.random, "random directions"),
            *maps,
            differs_from_unrelated(adapted, controls.unrelated, alpha),
        ),
        refuting=(
            _too_small(adapted, criterion.at_least),
            against_native("less", adapted, native, share),
            Inequality.below(
                "coherence lost beyond the margin",
                adapted.coherence_difference,
                -criterion.coherence_margin,
                "points",
            ),
            *rivals,
        ),
    )


def _steering(arm: DoseResponse, criterion: Steers | Works) -> tuple[Inequality, ...]:
    """What steering must show; runs are planned for the smallest effect of interest."""
    dose, least = arm.full_dose, criterion.at_least
    return (
        Inequality.above(f"{arm.measure.up} at the full dose", arm.effects[dose], planned=least),
        Inequality.below(f"{arm.measure.down} at its negative", arm.effects[-dose], planned=-least),
        Inequality.above("slope over the doses", arm.slope, planned=least / dose),
        Inequality.above(
            "coherence kept",
            arm.coherence_difference,
            -criterion.coherence_margin,
            "points",
            planned=0.0,
        ),
    )


def _above_raw(adapted: DoseResponse, raw: DoseResponse, native: DoseResponse) -> Inequality:
    return Inequality.above(
        "odd part above raw",
        adapted.odd.to_numpy() - raw.odd.to_numpy(),
        planned=PLANNED_SHARE * native.mean_odd,
    )


def _too_small(arm: DoseResponse, at_least: float) -> Inequality:
    return Inequality.below(f"odd part below {told(at_least, 'log')}", arm.odd, at_least)
