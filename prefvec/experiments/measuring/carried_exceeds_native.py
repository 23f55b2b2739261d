"""That a carried vector of an instruction-tuned model does more in a base model than its own.

Everything it needs is measured for the adapted claim of the same regime already: the contrast is
between two arms at one judged cell and one κ, prompt by prompt, under common noise.
"""

from prefvec.experiments.carried_arms import adapted, prepare
from prefvec.experiments.claims import CarriedExceedsNative
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.contrasts import contrasted
from prefvec.experiments.measuring.shared import (
    arms_of,
    asked,
    controls_of,
    criterion_of,
    transfer_of,
)
from prefvec.experiments.native_arms import native
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.assessment import not_applicable


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
        assessment=contrasted(claim, pair, lab, carried, than=own.doses, beside=beside),
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
