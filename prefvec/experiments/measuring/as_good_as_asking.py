"""That a model's own vector does a share of what asking does: both were measured already.

Asking is put as a full dose either way, as `native_arms.asking` has it. It disturbs as it will, and
the vector is written at the judged cell.
"""

from dataclasses import replace

from prefvec.experiments.claims import AsGoodAsAsking
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
from prefvec.experiments.native_arms import asking, native
from prefvec.experiments.pairs import Pair
from prefvec.statistics.scales import told
from prefvec.verdicts.asking_criteria import RivalsAsking
from prefvec.verdicts.doses import DoseResponse


def measure_as_good_as_asking(claim: AsGoodAsAsking, pair: Pair, lab: Lab) -> Measured:
    """The odd part of the model's own vector over a share of asking's, prompt by prompt."""
    arms, criterion = arms_of(claim, lab), criterion_of(claim, lab)
    assert isinstance(criterion, RivalsAsking)
    own = native(arms, pair.target, claim.estimator)
    beside = controls_of(claim, arms, own, transfer_of(claim, pair))
    than = share_of(asking(arms, pair.target), criterion.share_of_asking)
    return Measured(
        assessment=contrasted(claim, pair, lab, own, than=than, beside=beside),
        arms=(own,),
        controls=beside.controls,
        random=beside.random,
        baseline=asked(arms, pair.target, own),
    )


def share_of(whole: DoseResponse, share: float) -> DoseResponse:
    """A share of what an arm does to each prompt at each dose, on the log scale."""
    label = f"{told(share, 'share')} of {whole.label}"
    return replace(whole, effects=share * whole.effects, label=label)
