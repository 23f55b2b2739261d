"""What a vector must show beside asking: the criterion of a contrast, told of a share.

The test is that of `Exceeds` at a margin of nothing, on the odd part of the arm less a share of
what asking does, and `assess_exceeds` decides it. No rule is added here, so that the rates which
the calibration has for `Exceeds` are those of this criterion; only the sentence is another, and
there is a threshold beside the margin.
"""

from dataclasses import dataclass

from prefvec.errors import PrefvecError
from prefvec.statistics.scales import told
from prefvec.verdicts.criteria import Exceeds


@dataclass(frozen=True, kw_only=True)
class RivalsAsking(Exceeds):
    """A vector does at least a share of what asking for either pole does.

    Attributes:
        share_of_asking: the share of asking's odd part that the arm's must exceed.
        margin: by how much more, on the log scale; nothing by default.
        scale: of the contrast.
        alpha: the level of every test.

    Raises:
        PrefvecError: for a share that can decide nothing, and as of `Exceeds`.

    Example:
        >>> RivalsAsking().kind, RivalsAsking().parameters["share_of_asking"]
        ('exceeds', 0.5)
    """

    share_of_asking: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.share_of_asking <= 1:
            raise PrefvecError(
                f"A vector cannot be held to {self.share_of_asking:g} of what asking does. Give a "
                "share above 0 and at most 1; that it does more than asking is said by Exceeds."
            )

    @property
    def parameters(self) -> dict[str, float]:
        """The thresholds by the symbols of the method."""
        return super().parameters | {"share_of_asking": self.share_of_asking}

    @property
    def sentence(self) -> str:
        """The criterion as one sentence."""
        share = told(self.share_of_asking, "share")
        return (
            f"The odd part of the vector is significantly above {share} of that of asking for "
            f"either pole in unseen words, prompt by prompt, at {self.alpha:g}; significantly "
            "below it, the claim is refuted; and by rank among random directions, each with either "
            f"sign, chance does as much as the vector with p of at most {self.alpha:g}."
        )
