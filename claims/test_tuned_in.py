"""A preference that is tuned in moves a model's answers as its own vector does.

LoRRA (Zou et al. 2023, arXiv 2310.01405): with LoRA off, the model reads its own answers to the
extraction questions without an instruction and under the extraction instructions for either pole;
LoRA is then trained to hold h + α (h₊ − h₋) without an instruction, α = 5 towards the positive pole
and −5 towards the negative. Each adapter is written at the share of its update, the same for both,
at which the two tuned models are as far from the untuned one as vectors of the judged cell are
(κ). Half of that share is half a dose. The whole update, as trained, is shown beside and not
judged. Controls are random directions at the same κ, and formality tuned in the same way. Run by
`-m rahf` alone: each adapter is trained first.
"""

import pytest

from prefvec.experiments.claims import Judging, Tuning
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER
from prefvec.verdicts.worded_criteria import TunedSteers, TunedWorks

MOVES = Tuning(
    id="tuned-in-by-{method}-{source}",
    title="Tuned in by {method}, {trait} makes {source} more {positive} towards + and more "
    "{negative} towards −.",
    question="tuned in",
    samples=2,
    method="LoRRA",
    criterion=TunedSteers(at_least=LONGER_BY_A_QUARTER, coherence_margin=0.10),
)
HALF_OF_NATIVE = MOVES.variant(
    id="tuned-in-by-{method}-like-a-vector-{source}",
    title="At equal disturbance {method} does at least half of what the own {trait} vector of "
    "{source} does.",
    criterion=TunedWorks(at_least=LONGER_BY_A_QUARTER, share_of_native=0.5, coherence_margin=0.10),
)
SCIT = MOVES.variant(method="RAHF-SCIT")
DUAL = MOVES.variant(method="RAHF-DUAL")
CLAIMS = (MOVES, HALF_OF_NATIVE, SCIT, DUAL)


@pytest.mark.slow
@pytest.mark.rahf
def test_a_tuned_model_moves(judge: Judging, claim: Tuning, pair: Pair) -> None:
    """Either way, by dose, coherent and beyond chance; or as much as half of its own vector."""
    judge(claim, pair)
