"""Looks around that are stated beforehand, one contrast each."""

from dataclasses import dataclass
from typing import Literal

from prefvec.errors import PrefvecError
from prefvec.experiments.claims.claim import ClaimOfVector, Reference
from prefvec.verdicts.criteria import Exceeds

StudyName = Literal[
    "exposure",
    "reference deltas",
    "paired prompts",
    "layers",
    "layers, later",
    "free search",
    "foresight",
    "resampling",
]


@dataclass(frozen=True, kw_only=True)
class Exploration(ClaimOfVector):
    """One contrast, stated beforehand, of an exploratory study: few prompts, many cells.

    Attributes:
        study: what is looked at.
        diagnostic: what the study "foresight" holds against held-out R².
        over_pairs: whether it is one claim over all pairs of the run's models together.
    """

    takes = (Exceeds,)
    study: StudyName
    diagnostic: str | None = None
    over_pairs: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.study == "foresight") != (self.diagnostic is not None):
            raise PrefvecError(
                f"The claim {self.id!r}: the study 'foresight' holds one `diagnostic` against "
                "held-out R², and no other study takes one. State it there, or leave it out."
            )

    @property
    def references(self) -> tuple[Reference, ...]:
        """The target's own vector, which must steer it."""
        return ("native",)

    @property
    def about_source(self) -> bool:
        """All pairs together belong to no target."""
        return self.over_pairs

    @property
    def over_all_pairs(self) -> bool:
        """As it states."""
        return self.over_pairs

    @property
    def family(self) -> str:
        """By themselves, so that a run without explorations corrects the others as much."""
        return f"{self.question}, explored"
