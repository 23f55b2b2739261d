"""That one adapter carries more than another, fitted to the same rows and written at one cell."""

from prefvec.experiments.arms import Arms
from prefvec.experiments.carried_arms import Transfer, adapted, prepare
from prefvec.experiments.claims import ADAPTERS, AdapterExceeds, AdapterMethod
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.contrasts import contrasted
from prefvec.experiments.measuring.shared import arms_of, asked, controls_of, transfer_of
from prefvec.experiments.native_arms import native
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.pairs import Pair


def measure_adapter_exceeds(claim: AdapterExceeds, pair: Pair, lab: Lab) -> Measured:
    """What one adapter carries over what the other does, prompt by prompt, at equal κ."""
    arms, transfer = arms_of(claim, lab), transfer_of(claim, pair)
    prepare(arms, transfer, claim.regime)
    carried = _carried(arms, transfer, claim, claim.adapter)
    other = _carried(arms, transfer, claim, claim.over)
    other = other.called("adapted otherwise", other.doses.label)
    beside = controls_of(claim, arms, carried, transfer)
    return Measured(
        assessment=contrasted(claim, pair, lab, carried, than=other.doses, beside=beside),
        arms=(carried, other, native(arms, pair.target)),
        controls=beside.controls,
        random=beside.random,
        baseline=asked(arms, pair.target, carried),
    )


def _carried(arms: Arms, transfer: Transfer, claim: AdapterExceeds, method: AdapterMethod) -> Arm:
    """The arm of one adapter, called by how it was fitted: the regime is the same for both."""
    arm = adapted(arms, transfer, claim.regime, method)
    return arm.called(arm.doses.arm, f"the vector carried by {ADAPTERS[method]}")
