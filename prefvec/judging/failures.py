"""Replies that cannot be read, counted arm by arm: a hole in the data, and never a low mark."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from scipy import stats

MOST = 0.05
"""Share of an arm's marks that may fail."""
UNEQUAL_BELOW = 0.05
"""p-value, after Bonferroni over pairs of arms, below which failures are unequal between arms: what
is left out then depends on what was done."""


@dataclass(frozen=True, kw_only=True)
class Failures:
    """How many marks of each arm could not be read.

    Attributes:
        by_arm: failed marks and all marks, by the arm's name.

    Example:
        >>> Failures(by_arm={"unsteered": (1, 96), "native at +1": (9, 96)}).passed
        False
    """

    by_arm: Mapping[str, tuple[int, int]]

    @property
    def passed(self) -> bool:
        """Whether few enough failed, and equally many."""
        return not self.reason

    @property
    def reason(self) -> str:
        """Why not, as a sentence; "" where nothing is wrong."""
        for arm, (failed, asked) in self.by_arm.items():
            if asked and failed / asked > MOST:
                return (
                    f"Of {arm}, {failed} of {asked} marks could not be read, more than "
                    f"{100 * MOST:.0f} %: what is left is no sample of it."
                )
        pairs = list(combinations(self.by_arm, 2))
        for one, other in pairs:
            table = [[f, n - f] for f, n in (self.by_arm[one], self.by_arm[other])]
            pvalue = float(stats.fisher_exact(table).pvalue) * len(pairs)
            if pvalue < UNEQUAL_BELOW:
                return (
                    f"Marks could not be read unequally often: {self._told(one)}, "
                    f"{self._told(other)} (p = {pvalue:.3f}), so that what is left out depends on "
                    "what was done."
                )
        return ""

    @property
    def sentence(self) -> str:
        """The reason, or that all is well."""
        failed, asked = (sum(each) for each in zip(*self.by_arm.values(), strict=True))
        return self.reason or f"{failed} of {asked} marks could not be read, equally often by arm."

    def record(self) -> list[dict[str, object]]:
        """As plain Python types."""
        return [{"arm": arm, "failed": f, "asked": n} for arm, (f, n) in self.by_arm.items()]

    def _told(self, arm: str) -> str:
        failed, asked = self.by_arm[arm]
        return f"{failed} of {asked} of {arm}"
