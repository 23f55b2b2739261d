"""That a carried vector of an instruction-tuned model does more in a base model than its own.

Everything it needs is measured for the adapted claim of the same regime already: the contrast is
between two arms at one judged cell and one κ, prompt by prompt, under common noise.
"""

from dataclasses import replace

from prefvec.experiments.arms import Arm
from prefvec.experiments.carried_arms import adapted, prepare
from prefvec.experiments.claims import CarriedExceedsNative
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
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.assessment import Assessment, not_applicable
from prefvec.verdicts.contrast_rules import assess_exceeds
from prefvec.verdicts.controls import RANDOM, SHUFFLED, THROUGH_MAP, beyond_chance
from prefvec.verdicts.criteria import Exceeds
from prefvec.verdicts.positive_control import require_ranked_fairly


def measure_carried_exceeds_native(claim: CarriedExceedsNative, pair: Pair, lab: Lab) -> Measured:
    """The carried vector over the target's own; of other pairs than chat to base undefined."""
    if (reason := why_undefined(pair, lab)) is not None:
        undefined = not_applicable(claim.name(pair), criterion_of(claim, lab), reason)
        return Measured(assessment=undefined)
    arms, transfer = arms_of(claim, lab), transfer_of(claim, pair)
    prepare(arms, transfer, claim.regime)
    carried = adapted(arms, transfer, claim.regime, claim.adapter)
    own, beside = native(arms, pair.target), controls_of(claim, arms, carried, transfer)
    return Measured(
        assessment=_assessed(claim, pair, lab, carried, own, beside),
        arms=(carried, own),
        controls=beside.controls,
        random=beside.random,
        baseline=asked(arms, pair.target, carried),
    )


def why_undefined(pair: Pair, lab: Lab) -> str | None:
    """Why such a claim says nothing about a pair, as a sentence; None of chat to base."""
    source, target = (lab.models.asked_in(name) for name in (pair.source, pair.target))
    if (source, target) == ("chat", "plain"):
        return None
    told = {"chat": "has a chat template", "plain": "is a base model, without a chat template"}
    return (
        "The claim is about a vector of an instruction-tuned model in a base model; here "
        f"{pair.source} {told[source]}, and {pair.target} {told[target]}."
    )


def _assessed(
    claim: CarriedExceedsNative, pair: Pair, lab: Lab, carried: Arm, own: Arm, beside: Beside
) -> Assessment:
    """The contrast of the two arms, and by rank that no family of controls does as much."""
    criterion, arms = criterion_of(claim, lab), arms_of(claim, lab)
    assert isinstance(criterion, Exceeds)
    families = (
        (beside.controls.random, RANDOM),
        (beside.controls.shuffled, SHUFFLED),
        (beside.controls.through_map, THROUGH_MAP),
    )
    require_ranked_fairly(carried.doses, *(each for family, _ in families for each in family))
    assessment = assess_exceeds(
        claim.name(pair),
        carried.doses,
        than=own.doses,
        native=own.doses,
        control=positive_control(lab, arms.trait.name, pair.target, criterion),
        criterion=criterion,
        identity_holds=identity(lab, carried),
        preconditions=conditions(lab, arms, pair, criterion),
    )
    ranked = (beyond_chance(carried.doses, fam, kind, criterion.alpha) for fam, kind in families)
    return replace(assessment, controls=tuple(ranked))
