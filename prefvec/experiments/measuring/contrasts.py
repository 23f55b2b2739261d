"""That one arm exceeds another: the contrast, with the arm ranked among the claim's controls."""

from dataclasses import replace

from prefvec.experiments.claims import ClaimOfVector, Control
from prefvec.experiments.lab import Lab
from prefvec.experiments.measuring.shared import (
    Beside,
    arms_of,
    conditions,
    criterion_of,
    identity,
    positive_control,
)
from prefvec.experiments.native_arms import native
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.contrast_rules import assess_exceeds
from prefvec.verdicts.controls import RANDOM, SHUFFLED, THROUGH_MAP, beyond_chance
from prefvec.verdicts.criteria import Exceeds
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.positive_control import require_ranked_fairly


def contrasted(
    claim: ClaimOfVector, pair: Pair, lab: Lab, arm: Arm, *, than: DoseResponse, beside: Beside
) -> Assessment:
    """The contrast of two arms, and by rank that no family of controls does as much as the first.

    Args:
        claim: whose criterion is an `Exceeds`.
        pair: the models it is about.
        lab: of the run.
        arm: what should do more, at the target's judged cell.
        than: what it should do more than, over the same prompts.
        beside: the control arms that the claim's class names.
    """
    criterion, arms = criterion_of(claim, lab), arms_of(claim, lab)
    assert isinstance(criterion, Exceeds)
    ranked: dict[Control, tuple[tuple[DoseResponse, ...], str]] = {
        "random directions": (beside.controls.random, RANDOM),
        "shuffled maps": (beside.controls.shuffled, SHUFFLED),
        "random source directions": (beside.controls.through_map, THROUGH_MAP),
    }
    families = [ranked[control] for control in claim.controls if control in ranked]
    require_ranked_fairly(arm.doses, *(each for family, _ in families for each in family))
    assessment = assess_exceeds(
        claim.name(pair),
        arm.doses,
        than=than,
        native=native(arms, pair.target).doses,
        control=positive_control(lab, arms.trait.name, pair.target, criterion),
        criterion=criterion,
        identity_holds=identity(lab, arm),
        preconditions=conditions(lab, arms, pair, criterion),
    )
    ranks = (beyond_chance(arm.doses, family, kind, criterion.alpha) for family, kind in families)
    return replace(assessment, controls=tuple(ranks))
