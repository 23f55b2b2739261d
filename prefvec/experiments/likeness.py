"""Whether the vectors of a file stand where the model's own do, or one block beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from jaxtyping import Float
from torch import Tensor

CLEAR = 0.05
"""How much more alike the neighbours' vectors must at least be before a file looks shifted.

The cosine of two directions that have nothing to do with one another spreads by 1/√width, which is
0.04 in a stream of 576 numbers: less than this may be chance.
"""


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Mean cosines over those of a file's blocks that have a neighbour on one side.

    Attributes:
        here: of the file's vectors to the model's own of the same blocks.
        there: of the file's vectors to the model's own of the neighbours.
        own: of the model's own of the blocks to those of the neighbours.
    """

    here: float
    there: float
    own: float

    @property
    def gain(self) -> float:
        """How much more alike the file is to the neighbours, in sign or against it."""
        return abs(self.there) - abs(self.here)

    @property
    def looks_shifted(self) -> bool:
        """Whether the file's vectors are clearly those of the neighbours.

        Neighbouring blocks are often alike, so that a larger cosine alone says little. What belongs
        to the neighbours has here its cosine there times `own`, a gain of (1 − |own|) · |there|;
        what belongs here gains nothing but by chance. Half of that gain divides the two, where it
        is more than chance makes.
        """
        return self.gain > max(CLEAR, (1 - abs(self.own)) * abs(self.there) / 2)

    @property
    def tells(self) -> bool:
        """Whether a shift would make more than chance does."""
        return (1 - abs(self.own)) * max(abs(self.here), abs(self.there)) > CLEAR


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How much a file's vectors are like the model's own, at their blocks and beside them.

    Attributes:
        here: the mean cosine to the model's own vectors of the same blocks.
        beside: the same beside the blocks before, under −1, and beside those after, under 1.
    """

    here: float
    beside: Mapping[int, Beside]

    @property
    def shift(self) -> int:
        """How many blocks later they look to belong, earlier where negative; else 0."""
        shifted = [shift for shift, side in self.beside.items() if side.looks_shifted]
        return max(shifted, key=lambda shift: self.beside[shift].gain, default=0)

    def sentence(self) -> str:
        """What that says of the convention."""
        if self.shift == 0:
            alike = f"At its blocks its mean cosine to the model's own vector is {self.here:.2f}."
            if any(side.tells for side in self.beside.values()):
                return alike
            return (
                f"{alike} By that nobody can tell whether it is one block off: it is too little "
                "like the model's own, or its own of neighbouring blocks are too much alike."
            )
        side, way = self.beside[self.shift], "earlier" if self.shift < 0 else "later"
        return (
            f"It looks shifted by one block: its mean cosine to the model's own vector is "
            f"{side.here:.2f} at its blocks, and {side.there:.2f} one block {way}; the model's own "
            f"of these neighbours have {side.own:.2f}. A vector that is one block off does not "
            "fail but degrades; look whether the convention is that of the tool that wrote it."
        )


def compared(
    theirs: Mapping[int, Float[Tensor, " d_model"]], own: Mapping[int, Float[Tensor, " d_model"]]
) -> Likeness:
    """A file's directions beside a model's own.

    Args:
        theirs: unit vectors by block.
        own: the model's own, of these blocks at least.
    """
    beside: dict[int, Beside] = {}
    for shift in (-1, 1):
        # What lacks a neighbour is left out on both sides: the first block is unlike any other.
        blocks = [block for block in theirs if block + shift in own]
        if blocks:
            beside[shift] = Beside(
                here=fmean(float(theirs[n] @ own[n]) for n in blocks),
                there=fmean(float(theirs[n] @ own[n + shift]) for n in blocks),
                own=fmean(float(own[n] @ own[n + shift]) for n in blocks),
            )
    return Likeness(here=fmean(float(theirs[n] @ own[n]) for n in theirs), beside=beside)
