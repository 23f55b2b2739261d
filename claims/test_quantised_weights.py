"""A vector does in 4-bit weights what it does in the model that it was read from.

Vectors are read from weights in bfloat16 or float32 and used, as often as not, in a quantised file
of the same model. Here its blocks go through Q4_0, the coarsest of llama.cpp's plain formats, and
the vector is added at the block and the norm that were chosen in the model as it is, as an exported
file would have it: nothing of the vector is chosen or read anew. Prompt by prompt it is held to
80 % of what it does there, under common noise, beside random directions and another concept in the
quantised weights. Activations are not rounded.
"""

import pytest

from prefvec.experiments.claims import Judging, Quantised
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER
from prefvec.verdicts.worded_criteria import QuantisedWorks

CLAIM = Quantised(
    id="quantised-{weights}-{source}",
    title="With its weights quantised to {weights}, the {trait} vector read from {source} as it is "
    "still steers it, at least 0.8 times as much.",
    question="quantised weights",
    samples=2,
    criterion=QuantisedWorks(
        at_least=LONGER_BY_A_QUARTER, share_of_native=0.8, coherence_margin=0.10
    ),
)


@pytest.mark.matrix
@pytest.mark.self_steering
@pytest.mark.quantised
def test_vector_steers_the_quantised_model(judge: Judging, pair: Pair) -> None:
    """At least 0.8 of what it does in the model as it is, and more than every control."""
    judge(CLAIM, pair)
