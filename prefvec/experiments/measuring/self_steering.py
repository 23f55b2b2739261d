"""That a vector steers the model it was taken from."""

from prefvec.experiments.arms import Arm, Arms
from prefvec.experiments.claims import SelfSteering
from prefvec.experiments.control_arms import random_directions
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import (
    arms_of,
    asked,
    checks_of,
    criterion_of,
    heeds,
    identity,
    of_random,
)
from prefvec.experiments.native_arms import native, native_under, null
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Steers
from prefvec.verdicts.rules import assess_steers


def measure_self_steering(claim: SelfSteering, pair: Pair, lab: Lab) -> Measured:
    """The vector's arm at the judged cell, beside random directions at the same disturbance."""
    criterion = criterion_of(claim, lab)
    assert isinstance(criterion, Steers)
    arms, model = arms_of(claim, lab), pair.target
    steered = _steered(claim, arms, model)
    random = random_directions(arms, model, claim.under)
    controls = of_random(random)
    assessment = assess_steers(
        claim.name(pair),
        steered.doses,
        controls=controls,
        criterion=criterion,
        identity_holds=identity(lab, steered),
        preconditions=[*checks_of(lab, model), heeds(arms, model, criterion)],
    )
    return Measured(
        assessment=assessment,
        arms=(steered,),
        controls=controls,
        random=random[0],
        baseline=asked(arms, model, steered),
    )


def _steered(claim: SelfSteering, arms: Arms, model: str) -> Arm:
    if claim.vector == "null":
        return null(arms, model)
    if claim.under is not None:
        return native_under(arms, model, claim.under)
    return native(arms, model, claim.estimator)
