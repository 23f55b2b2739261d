"""Whether a vector was transferred, or the target could have read it from what it was shown."""

from dataclasses import dataclass
from functools import cached_property

from prefvec.statistics.estimates import Ratio, ratio_of_means
from prefvec.statistics.inequalities import Inequality
from prefvec.verdicts.criteria import Works
from prefvec.verdicts.doses import DoseResponse

TRANSFERS = "transfers"
SHOWN = "carries what it was shown"


@dataclass(frozen=True, kw_only=True, eq=False)
class Exposure:
    """What a supported transfer is called, and the test behind it; nothing is tested unasked.

    Attributes:
        adapted: the carried vector's dose-response.
        native: that of the target's own vector.
        target_only: that of the target's own difference of means over the rows of the adapter's
            regime that hold the trait; None where no row does.
        criterion: the share ρ and the level.
    """

    adapted: DoseResponse
    native: DoseResponse
    target_only: DoseResponse | None
    criterion: Works

    @property
    def exposed(self) -> bool:
        """Whether the target alone reads at least ρ of its own vector from those rows."""
        if self.target_only is None:
            return False
        return self.target_only.mean_odd >= self.criterion.share_of_native * self.native.mean_odd

    @cached_property
    def above(self) -> Inequality | None:
        """That the carried vector does more than the target alone could; None without its arm."""
        if self.target_only is None:
            return None
        return Inequality.above(
            "odd part above that of the target alone",
            self.adapted.odd.to_numpy() - self.target_only.odd.to_numpy(),
        )

    @cached_property
    def share(self) -> Ratio | None:
        """What the target alone does, as a share of native."""
        if self.target_only is None:
            return None
        return ratio_of_means(self.target_only.odd, self.native.odd)

    @cached_property
    def label(self) -> str:
        """Transfers, if nothing was shown or more is done than that tells; else what it is."""
        if self.above is None or self.above.holds(self.criterion.alpha):
            return TRANSFERS
        return SHOWN

    @property
    def meaning(self) -> str:
        """What the label rests on, in words: what the target reads from the same rows by itself."""
        if self.share is None:
            return "the target was shown nothing that asks for the trait"
        alone = "the target's own difference of means over the rows that ask for the trait"
        reached = f"reaches {self.share.summary()} of native by itself"
        if self.label == TRANSFERS:
            return f"it does more than {alone}, which {reached}"
        return f"{alone} {reached}, and is not shown to do less"
