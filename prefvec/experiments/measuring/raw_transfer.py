"""That a vector, copied coordinate by coordinate, fails to steer another model, or works there."""

from prefvec.experiments.arms import Arms
from prefvec.experiments.carried_arms import (
    Transfer,
    padded,
    prepare,
    raw,
    raw_at_analogous_site,
    raw_at_equal_norm,
)
from prefvec.experiments.claims import RawTransfer
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import (
    Beside,
    arms_of,
    asked,
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
from prefvec.verdicts.assessment import Assessment, not_applicable
from prefvec.verdicts.criteria import Fails, Works
from prefvec.verdicts.rules import assess_fails, assess_works


def measure_raw_transfer(claim: RawTransfer, pair: Pair, lab: Lab) -> Measured:
    """The copied vector beside the target's own; between unequal widths it is NOT APPLICABLE."""
    arms, transfer = arms_of(claim, lab), transfer_of(claim, pair)
    prepare(arms, transfer, None)
    try:
        copied = raw(arms, transfer)
    except UnequalWidths as reason:
        return _undefined(claim, pair, arms, transfer, str(reason))
    own, beside = native(arms, pair.target), controls_of(claim, arms, copied, transfer)
    shown: tuple[Arm, ...] = (copied, own)
    if isinstance(claim.criterion, Fails):
        assessment = _fails(claim, pair, lab, copied, own, beside)
        robust = (raw_at_analogous_site, raw_at_equal_norm)
        shown += tuple(arm(arms, transfer) for arm in robust)
    else:
        assessment = _works(claim, pair, lab, copied, own, beside)
    return Measured(
        assessment=assessment,
        arms=shown,
        controls=beside.controls,
        random=beside.random,
        baseline=asked(arms, pair.target, copied),
    )


def _fails(
    claim: RawTransfer, pair: Pair, lab: Lab, copied: Arm, own: Arm, beside: Beside
) -> Assessment:
    criterion, arms = criterion_of(claim, lab), arms_of(claim, lab)
    assert isinstance(criterion, Fails)
    trait = arms.trait.name
    return assess_fails(
        claim.name(pair),
        copied.doses,
        native=own.doses,
        positive_control=positive_control(lab, trait, pair.target, criterion),
        random=beside.controls.random,
        criterion=criterion,
        identity_holds=identity(lab, copied),
        preconditions=conditions(lab, arms, pair, criterion),
    )


def _works(
    claim: RawTransfer, pair: Pair, lab: Lab, copied: Arm, own: Arm, beside: Beside
) -> Assessment:
    """Within a family, where the coordinates are the same."""
    criterion, arms = criterion_of(claim, lab), arms_of(claim, lab)
    assert isinstance(criterion, Works)
    trait = arms.trait.name
    return assess_works(
        claim.name(pair),
        copied.doses,
        native=own.doses,
        raw=None,
        positive_control=positive_control(lab, trait, pair.target, criterion),
        controls=beside.controls,
        criterion=criterion,
        identity_holds=identity(lab, copied),
        preconditions=conditions(lab, arms, pair, criterion),
    )


def _undefined(
    claim: RawTransfer, pair: Pair, arms: Arms, transfer: Transfer, reason: str
) -> Measured:
    """NOT APPLICABLE, said why; where it was to fail, zero-padding is shown."""
    criterion = criterion_of(claim, arms.lab)
    assessment = not_applicable(claim.name(pair), criterion, reason)
    if not isinstance(criterion, Fails):
        return Measured(assessment=assessment)
    filled, own = padded(arms, transfer), native(arms, pair.target)
    return Measured(
        assessment=assessment,
        arms=(filled, own),
        baseline=asked(arms, pair.target, filled),
    )
