"""That a preference was tuned in: by itself, carried from another model, and within a family."""

from dataclasses import replace

from prefvec.experiments.arms import Arms
from prefvec.experiments.carried_arms import adapted, prepare
from prefvec.experiments.claims import CarriedTuning, TunedFamily, Tuning
from prefvec.experiments.control_arms import random_directions
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.raw_transfer import measure_raw_transfer
from prefvec.experiments.measuring.shared import (
    arms_of,
    asked,
    checks_of,
    conditions,
    criterion_of,
    heeds,
    of_random,
    positive_control,
    transfer_of,
)
from prefvec.experiments.native_arms import asking, native
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.pairs import Pair
from prefvec.experiments.tuned_arms import (
    as_trained,
    carried_tuned,
    no_share_is_untuned,
    tuned,
    tuned_child,
    unrelated_carried_tuned,
    unrelated_tuned,
)
from prefvec.experiments.tunings import tuned_both_ways, tuned_to_vector
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.contrast_rules import assess_exceeds
from prefvec.verdicts.controls import Controls
from prefvec.verdicts.criteria import Exceeds, Steers, Works
from prefvec.verdicts.rules import assess_steers, assess_works


def measure_tuning(claim: Tuning, pair: Pair, lab: Lab) -> Measured:
    """The tuned model's arm beside random directions, its own vector or asking."""
    arms, model = arms_of(claim, lab), pair.target
    arm, criterion = tuned(arms, model, claim.method), criterion_of(claim, lab)
    ways = tuned_both_ways(lab, model, arms.trait.name, claim.method)
    holds = no_share_is_untuned(arms, arm, ways)
    whole = as_trained(arms, model, claim.method)
    if isinstance(criterion, Exceeds):
        return _over_asking(claim, pair, arms, arm, whole, holds)
    random = random_directions(arms, model)
    if isinstance(criterion, Works):
        unrelated = unrelated_tuned(arms, model, claim.method)
        controls = replace(of_random(random), unrelated=(unrelated.doses,))
        works = _works(claim, pair, arms, arm, controls, criterion, holds)
        assessment = replace(works, exposure=None)  # nothing was carried from anywhere
        shown = (arm, native(arms, model), whole)
    else:
        assert isinstance(criterion, Steers)
        controls, shown = of_random(random), (arm, whole)
        assessment = assess_steers(
            claim.name(pair),
            arm.doses,
            controls=controls,
            criterion=criterion,
            identity_holds=holds,
            preconditions=[*checks_of(lab, model), heeds(arms, model, criterion)],
        )
    return Measured(
        assessment=assessment,
        arms=shown,
        controls=controls,
        random=random[0],
        baseline=asked(arms, model, arm),
    )


def measure_carried_tuning(claim: CarriedTuning, pair: Pair, lab: Lab) -> Measured:
    """The target tuned towards the carried vector, beside its own vector."""
    arms, transfer = arms_of(claim, lab), transfer_of(claim, pair)
    prepare(arms, transfer, claim.regime)
    how = transfer, claim.regime, claim.adapter
    arm, own = carried_tuned(arms, *how), native(arms, pair.target)
    random = random_directions(arms, pair.target)
    unrelated = unrelated_carried_tuned(arms, *how)
    controls = replace(of_random(random), unrelated=(unrelated.doses,))
    criterion, vector = criterion_of(claim, lab), adapted(arms, *how).vector
    assert isinstance(criterion, Works)
    holds = no_share_is_untuned(
        arms, arm, tuned_to_vector(lab, pair.target, arms.trait.name, vector)
    )
    return Measured(
        assessment=_works(claim, pair, arms, arm, controls, criterion, holds),
        arms=(arm, own, adapted(arms, *how)),
        controls=controls,
        random=random[0],
        baseline=asked(arms, pair.target, arm),
    )


def measure_tuned_family(claim: TunedFamily, pair: Pair, lab: Lab) -> Measured:
    """One's vector copied raw into the other, judged as between any two models."""
    parent = pair.target
    child = tuned_child(arms_of(claim, lab), parent, claim.method)
    source, target = (parent, child) if claim.into == "child" else (child, parent)
    measured = measure_raw_transfer(claim, Pair(source=source, target=target), lab)
    return replace(measured, assessment=replace(measured.assessment, claim=claim.name(pair)))


def _works(
    claim: Tuning | CarriedTuning,
    pair: Pair,
    arms: Arms,
    arm: Arm,
    controls: Controls,
    criterion: Works,
    holds: bool,
) -> Assessment:
    """At least a share of the model's own vector."""
    lab, target = arms.lab, pair.target
    return assess_works(
        claim.name(pair),
        arm.doses,
        native=native(arms, target).doses,
        raw=None,
        positive_control=positive_control(lab, arms.trait.name, target, criterion),
        controls=controls,
        criterion=criterion,
        identity_holds=holds,
        preconditions=conditions(lab, arms, pair, criterion),
    )


def _over_asking(
    claim: Tuning, pair: Pair, arms: Arms, arm: Arm, whole: Arm, holds: bool
) -> Measured:
    """The odd part of the tuned model less that of asking; its coherence is judged elsewhere."""
    lab, model, criterion = arms.lab, pair.target, criterion_of(claim, arms.lab)
    assert isinstance(criterion, Exceeds)
    own = native(arms, model)
    assessment = assess_exceeds(
        claim.name(pair),
        arm.doses,
        than=asking(arms, model),
        native=own.doses,
        control=positive_control(lab, arms.trait.name, model, criterion),
        criterion=criterion,
        identity_holds=holds,
        preconditions=conditions(lab, arms, pair, criterion),
    )
    return Measured(assessment=assessment, arms=(arm, own, whole), baseline=asked(arms, model, arm))
