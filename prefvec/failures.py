"""In which way a raw transfer fails."""

from prefvec.criteria import Fails
from prefvec.doses import DoseResponse
from prefvec.inequalities import Inequality, equivalence

LABELS = {
    "reversed": "it steers significantly the other way",
    "disruptive": "it disturbs the answers instead of steering them",
    "inert": "it is equivalent to doing nothing",
    "unresolved": "too small an effect, of a kind that these prompts do not resolve",
}
"""The first that applies is the label."""


def failure_label(raw: DoseResponse, native: DoseResponse, criterion: Fails) -> str:
    """Name the kind of a supported failure; each test at α, the two-sided one at α/2 a side.

    The margin of inertness is measured too: φ times the native odd part, prompt by prompt.
    """
    margin = criterion.share_of_native * native.odd
    if Inequality.below("odd part reversed", raw.odd + margin).holds(criterion.alpha):
        return "reversed"
    lost = -float(raw.coherence_difference.to_numpy().mean()) > criterion.coherence_margin
    disturbed = (
        Inequality.above("even part", raw.even, criterion.at_least),
        Inequality.below("even part", raw.even, -criterion.at_least),
    )
    if lost or any(side.holds(criterion.alpha / 2) for side in disturbed):
        return "disruptive"
    if all(side.holds(criterion.alpha) for side in equivalence("odd part", raw.odd, margin)):
        return "inert"
    return "unresolved"
