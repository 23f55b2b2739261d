"""What one model holds of the rows that adapters are fitted to, and where they were read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from prefvec.models.dialect import Turn
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """What one model holds of a regime.

    Attributes:
        turns: the turns as the model reads them, where single positions of them were read.
        ends: for each turn, the character positions that were read; None for one row a turn.
        values: the rows, in the order of the turns, by site.
    """

    turns: list[Turn]
    ends: list[list[int]] | None
    values: Mapping[Site, Activations]

    def select(self, rows: list[int]) -> "Rows":
        """The given rows, of turns that have one row each."""
        return replace(self, values={s: held.select(rows) for s, held in self.values.items()})

    @property
    def owners(self) -> list[int]:
        """Of each row, the number of the turn or prompt that it was read from."""
        if self.ends is None:
            return list(range(len(next(iter(self.values.values())))))
        return [turn for turn, ends in enumerate(self.ends) for _ in ends]
