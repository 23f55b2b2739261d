"""The decision rules: what each kind of claim is tested on, and what would refute it."""

from collections.abc import Sequence

from prefvec.statistics.inequalities import Inequality
from prefvec.verdicts.assessment import Assessment, against_native
from prefvec.verdicts.controls import (
    RANDOM,
    SHUFFLED,
    THROUGH_MAP,
    Controls,
    beyond_chance,
    differs_from_unrelated,
)
from prefvec.verdicts.criteria import PLANNED_SHARE, Fails, Steers, Works
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.exposure import Exposure
from prefvec.verdicts.failures import Failure
from prefvec.verdicts.positive_control import (
    readable,
    require_comparable,
    require_ranked_fairly,
    sensitive,
)
from prefvec.verdicts.preconditions import Precondition, chance_reaches_no_transfer, identity
from prefvec.verdicts.sizes import going_on_against_native, going_on_rises, too_small

ONE_MORE_PROMPT = -0.3
"""What one more prompt is taken to lose of its coherent answers where coherence is to be kept.
Losses are few and large, so that prompts that show few of them also show too little spread: with
two answers to a prompt a loss of just the margin was called kept in 6 to 8 % of simulations, and
is in about 5 % with it. (With one answer to a prompt it still is in 6 to 7 %.)"""

SIDES = ((1, "+c"), (-1, "−c"))
"""The full doses: incoherence has no sign, so that each is asked by itself."""


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
        arm: the vector's dose-response at the judged cell.
        controls: random directions at the same cell.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        preconditions: further ones: the checks of the model, `heeds_trait`.

    Raises:
        PrefvecError: if arms are of different prompts, or by different measures, or the criterion
            asks for a co-primary that was not measured.
    """
    require_ranked_fairly(arm, *controls.random)
    return Assessment(
        claim=claim,
        criterion=criterion,
        arm=arm,
        preconditions=(identity(identity_holds), *preconditions, *readable(arm)),
        support=_steering(arm, criterion),
        controls=(beyond_chance(arm, controls.random, RANDOM, criterion.alpha),),
        refuting=(
            too_small(arm, criterion),
            Inequality.below("slope over the doses negative", arm.slope),
            *_coherence_lost(arm, criterion),
        ),
    )


def assess_fails(
    claim: str,
    raw: DoseResponse,
    *,
    native: DoseResponse,
    random: Sequence[DoseResponse],
    positive_control: Assessment,
    criterion: Fails,
    identity_holds: bool,
    preconditions: Sequence[Precondition] = (),
) -> Assessment:
    """Assess that a vector copied raw does too little to call it transfer.

    Where random directions reach a transfer the cell cannot tell. An effect above the share that
    they reach as well refutes nothing: it is at chance level.

    Args:
        claim: the claim's id.
        raw: the dose-response of the copied vector at the judged cell.
        native: that of the target's own vector at the same cell.
        random: those of signed permutations of its coordinates, at the same cell.
        positive_control: `assess_steers` of the target's own vector at that cell.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        preconditions: further ones: the checks of the models, `heeds_trait`.

    Raises:
        PrefvecError: if arms are of different prompts, or by different measures.
    """
    require_comparable(raw, native)
    require_ranked_fairly(raw, *random)
    share, alpha = criterion.share_of_native, criterion.alpha
    beyond = beyond_chance(raw, random, RANDOM, alpha)
    reached = None if beyond.passed is None else beyond.reached
    return Assessment(
        claim=claim,
        criterion=criterion,
        arm=raw,
        native=native,
        preconditions=(
            identity(identity_holds),
            *preconditions,
            *sensitive(positive_control, native, alpha),
            chance_reaches_no_transfer(reached, _ranked(native, random), criterion.transfer_from),
            *readable(raw, native),
        ),
        support=(against_native("less", raw, native, share, planned=0.0),),
        refuting=(against_native("greater", raw, native, share),),
        only_beyond=beyond,
        failure=Failure(raw=raw, native=native, beyond=beyond, criterion=criterion),
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
    target_only: DoseResponse | None = None,
    preconditions: Sequence[Precondition] = (),
) -> Assessment:
    """Assess that a vector carried into the target steers it.

    Args:
        claim: the claim's id.
        adapted: the dose-response of the carried vector at the judged cell.
        native: that of the target's own vector at the same cell.
        raw: that of the copied vector; None where unequal widths leave it undefined, or where
            the claim is about the copied vector itself.
        positive_control: `assess_steers` of the target's own vector at that cell.
        controls: random directions and unrelated concepts, and where an adapter carries the
            vector shuffled maps and random source directions through the map, at the same cell.
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook.
        target_only: the dose-response of the target's own difference of means over the rows of
            the adapter's regime that hold the trait; None where no row does.
        preconditions: further ones: the checks of the models, `adapter_learned`, `heeds_trait`.

    Raises:
        PrefvecError: if arms are of different prompts, or by different measures, or the criterion
            asks for a co-primary that was not measured.
    """
    others = [native] if raw is None else [native, raw]
    alone = [] if target_only is None else [target_only]
    require_comparable(adapted, *others, *alone, *controls.unrelated)
    require_ranked_fairly(adapted, *controls.random, *controls.shuffled, *controls.through_map)
    share, alpha = criterion.share_of_native, criterion.alpha
    families = [(controls.random, RANDOM)]
    if criterion.mapped:
        families += [(controls.shuffled, SHUFFLED), (controls.through_map, THROUGH_MAP)]
    return Assessment(
        claim=claim,
        criterion=criterion,
        arm=adapted,
        native=native,
        preconditions=(
            identity(identity_holds),
            *preconditions,
            *sensitive(positive_control, native, alpha),
            *readable(adapted, *others, *alone),
        ),
        support=(
            *_steering(adapted, criterion),
            against_native("greater", adapted, native, share, planned=PLANNED_SHARE),
            *going_on_against_native(adapted, native, criterion, PLANNED_SHARE),
            *([] if raw is None else [_above_raw(adapted, raw, native)]),
        ),
        controls=(
            *(beyond_chance(adapted, family, kind, alpha) for family, kind in families),
            differs_from_unrelated(adapted, controls.unrelated, alpha),
        ),
        refuting=(
            too_small(adapted, criterion),
            against_native("less", adapted, native, share),
            *_coherence_lost(adapted, criterion),
        ),
        exposure=Exposure(
            adapted=adapted, native=native, target_only=target_only, criterion=criterion
        ),
    )


def _steering(arm: DoseResponse, criterion: Steers | Works) -> tuple[Inequality, ...]:
    """What steering must show; runs are planned for the smallest effect of interest."""
    dose, least = arm.full_dose, criterion.at_least
    return (
        Inequality.above(f"{arm.measure.up} at the full dose", arm.effects[dose], planned=least),
        Inequality.below(f"{arm.measure.down} at its negative", arm.effects[-dose], planned=-least),
        Inequality.above("slope over the doses", arm.slope, planned=least / dose),
        *going_on_rises(arm, criterion),
        *(
            Inequality.above(
                f"coherence kept at {at}",
                arm.coherence_change(sign * dose),
                -criterion.coherence_margin,
                "points",
                planned=0.0,
                assumed=ONE_MORE_PROMPT,
            )
            for sign, at in SIDES
        ),
    )


def _coherence_lost(arm: DoseResponse, criterion: Steers | Works) -> tuple[Inequality, ...]:
    return tuple(
        Inequality.below(
            f"coherence lost beyond the margin at {at}",
            arm.coherence_change(sign * arm.full_dose),
            -criterion.coherence_margin,
            "points",
        )
        for sign, at in SIDES
    )


def _ranked(native: DoseResponse, random: Sequence[DoseResponse]) -> float:
    """The native odd part over the prompts that random directions were asked."""
    return native.mean_odd_over(random[0].effects.index) if random else native.mean_odd


def _above_raw(adapted: DoseResponse, raw: DoseResponse, native: DoseResponse) -> Inequality:
    return Inequality.above(
        "odd part above raw",
        adapted.odd.to_numpy() - raw.odd.to_numpy(),
        planned=PLANNED_SHARE * native.mean_odd,
    )
