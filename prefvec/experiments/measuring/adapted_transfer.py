"""That an adapter carries a vector across."""

from dataclasses import replace

from prefvec.adapters import Adapter
from prefvec.experiments.arms import Arms
from prefvec.experiments.carried_arms import (
    Transfer,
    adapted,
    prepare,
    raw,
    target_only,
)
from prefvec.experiments.claims import AdaptedTransfer
from prefvec.experiments.control_arms import shuffled_adapters
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import (
    arms_of,
    asked,
    beside_length,
    conditions,
    controls_of,
    criterion_of,
    identity,
    positive_control,
    transfer_of,
)
from prefvec.experiments.native_arms import native
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.pairs import Pair
from prefvec.vectors.transfer import UnequalWidths
from prefvec.verdicts.criteria import Works
from prefvec.verdicts.preconditions import Precondition, adapter_learned
from prefvec.verdicts.rules import assess_works


def measure_adapted_transfer(claim: AdaptedTransfer, pair: Pair, lab: Lab) -> Measured:
    """The carried vector beside the target's own, the copied one, and every control."""
    criterion = criterion_of(claim, lab)
    assert isinstance(criterion, Works)
    arms, transfer = arms_of(claim, lab), transfer_of(claim, pair)
    prepare(arms, transfer, claim.regime)
    carried = adapted(arms, transfer, claim.regime, claim.adapter)
    own, copied = native(arms, pair.target), _raw(arms, transfer)
    shown = target_only(arms, transfer, claim.regime)
    beside = controls_of(claim, arms, carried, transfer)
    assessment = assess_works(
        claim.name(pair),
        carried.doses,
        native=own.doses,
        raw=copied.doses if copied is not None else None,
        target_only=shown.doses if shown is not None else None,
        positive_control=positive_control(lab, arms.trait.name, pair.target, criterion),
        controls=beside.controls,
        criterion=criterion,
        identity_holds=identity(lab, carried),
        preconditions=[
            *conditions(lab, arms, pair, criterion),
            _learned(claim, arms, carried, transfer),
        ],
    )
    return Measured(
        assessment=replace(assessment, also_shown=beside_length(arms, carried)),
        arms=tuple(arm for arm in (carried, own, copied, shown) if arm is not None),
        controls=beside.controls,
        random=beside.random,
        baseline=asked(arms, pair.target, carried),
    )


def _raw(arms: Arms, transfer: Transfer) -> Arm | None:
    """The copied vector; None between unequal widths."""
    try:
        return raw(arms, transfer)
    except UnequalWidths:
        return None


def _learned(claim: AdaptedTransfer, arms: Arms, carried: Arm, transfer: Transfer) -> Precondition:
    """Whether the adapter predicts held-out rows better than the maps of shuffled pairs do."""
    mixed = shuffled_adapters(arms, transfer, claim.regime, claim.adapter)
    assert carried.adapter is not None
    return adapter_learned(_held_out(carried.adapter), [_held_out(each) for each in mixed])


def _held_out(adapter: Adapter) -> float:
    """R² on rows that the map was not fitted to; every map of a regime has one."""
    assert adapter.r2_held_out is not None
    return adapter.r2_held_out
