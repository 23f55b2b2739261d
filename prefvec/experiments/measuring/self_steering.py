"""That a vector steers the model it was taken from."""

from dataclasses import replace

from prefvec.experiments.arms import Arms
from prefvec.experiments.claims import SelfSteering
from prefvec.experiments.control_arms import random_directions
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import (
    arms_of,
    asked,
    beside_length,
    checks_of,
    criterion_of,
    heeds,
    identity,
    of_random,
    positive_control,
)
from prefvec.experiments.native_arms import native, native_under, null, theirs
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Steers
from prefvec.verdicts.positive_control import positive_control as told
from prefvec.verdicts.preconditions import Precondition
from prefvec.verdicts.rules import assess_steers


def measure_self_steering(claim: SelfSteering, pair: Pair, lab: Lab) -> Measured:
    """The vector's arm at the judged cell, beside random directions at the same disturbance."""
    criterion = criterion_of(claim, lab)
    assert isinstance(criterion, Steers)
    arms, model = arms_of(claim, lab), pair.target
    foreign, steered = _theirs(claim, arms, model), _steered(claim, arms, model)
    own = () if foreign is None else (steered,)
    steered = foreign or steered
    random = random_directions(arms, model, claim.under)
    controls = of_random(random)
    assessment = assess_steers(
        claim.name(pair),
        steered.doses,
        controls=controls,
        criterion=criterion,
        identity_holds=identity(lab, steered),
        preconditions=[
            *checks_of(lab, model),
            heeds(arms, model, criterion),
            *(_positive_control(lab, arms, model, criterion) if own else ()),
        ],
    )
    return Measured(
        assessment=replace(assessment, also_shown=beside_length(arms, steered)),
        arms=(steered, *own),
        controls=controls,
        random=random[0],
        baseline=asked(arms, model, steered),
    )


def _theirs(claim: SelfSteering, arms: Arms, model: str) -> Arm | None:
    """The arm of another tool's file, where the claim is about the run's own vector."""
    return theirs(arms, model) if claim.of_the_run else None


def _positive_control(lab: Lab, arms: Arms, model: str, criterion: Steers) -> list[Precondition]:
    """That the model's own vector steers it here, or a stranger's failure tells nothing."""
    return [told(positive_control(lab, arms.trait.name, model, criterion))]


def _steered(claim: SelfSteering, arms: Arms, model: str) -> Arm:
    if claim.vector == "null":
        return null(arms, model)
    if claim.under is not None:
        return native_under(arms, model, claim.under)
    return native(arms, model, claim.estimator)
