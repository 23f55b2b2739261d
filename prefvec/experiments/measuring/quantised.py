"""That a vector does in quantised weights what it does in the model that it was read from."""

from dataclasses import replace

from prefvec.experiments.carried_arms import prepare
from prefvec.experiments.claims import Quantised
from prefvec.experiments.control_arms import unrelated_concept
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import (
    arms_of,
    asked,
    checks_of,
    conditions,
    criterion_of,
    identity,
    of_random,
    positive_control,
    transfer_of,
)
from prefvec.experiments.native_arms import native
from prefvec.experiments.pairs import Pair
from prefvec.experiments.quantised_arms import in_format, random_in_format
from prefvec.verdicts.rules import assess_works
from prefvec.verdicts.worded_criteria import QuantisedWorks


def measure_quantised(claim: Quantised, pair: Pair, lab: Lab) -> Measured:
    """The vector in the quantised model beside the same one in the model as it is.

    What is asked of the model as it is comes first, so that neither is loaded again and again.
    """
    arms, criterion, model = arms_of(claim, lab), criterion_of(claim, lab), pair.source
    assert isinstance(criterion, QuantisedWorks)
    own = native(arms, model, claim.estimator)
    control = positive_control(lab, arms.trait.name, model, criterion)
    needed = conditions(lab, arms, pair, criterion)
    transfer = transfer_of(claim, pair)
    prepare(arms, transfer, None)  # the other concept's vector, too
    arm = in_format(arms, model, claim.weights, claim.estimator)
    random = random_in_format(arms, arm)
    unrelated = unrelated_concept(arms, arm, transfer)
    controls = replace(of_random(random), unrelated=(unrelated.doses,))
    works = assess_works(
        claim.name(pair),
        arm.doses,
        native=own.doses,
        raw=None,
        positive_control=control,
        controls=controls,
        criterion=criterion,
        identity_holds=identity(lab, arm),
        preconditions=[*needed, *checks_of(lab, arm.model)],
    )
    return Measured(
        assessment=replace(works, exposure=None),  # it came into no other model
        arms=(arm, own),
        controls=controls,
        random=random[0],
        baseline=asked(arms, model, own),
    )
