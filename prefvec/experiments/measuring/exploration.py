"""One contrast of an exploratory study, stated beforehand."""

from dataclasses import replace

from prefvec.experiments.carried_arms import prepare
from prefvec.experiments.claims import Exploration
from prefvec.experiments.explorations import STUDIES
from prefvec.experiments.explorations.look import Look
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import (
    arms_of,
    asked,
    checks_of,
    criterion_of,
    identity,
    positive_control,
    transfer_of,
)
from prefvec.experiments.native_arms import native
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Exceeds


def measure_exploration(claim: Exploration, pair: Pair, lab: Lab) -> Measured:
    """What the claim's study finds."""
    criterion = criterion_of(claim, lab)
    assert isinstance(criterion, Exceeds)
    arms, transfer = arms_of(claim, lab), transfer_of(claim, pair)
    prepare(arms, transfer, None)
    own = native(arms, pair.target)
    control = positive_control(lab, arms.trait.name, pair.target, criterion)
    look = Look(
        lab=lab,
        arms=arms,
        transfer=transfer,
        name=claim.name(pair),
        diagnostic=claim.diagnostic,
        criterion=criterion,
        positive_control=control,
        identity_holds=identity(lab, own),
        checks=tuple(checks_of(lab, pair.source, pair.target)),
    )
    found = STUDIES[claim.study](look)
    if not found.arms:
        return found
    return replace(found, baseline=asked(arms, pair.target, found.arms[0]))
