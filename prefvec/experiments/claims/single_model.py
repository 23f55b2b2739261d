"""Claims about one model and its own vectors: one steers it, quantised too, and spares a trait."""

from dataclasses import dataclass
from typing import Literal

from prefvec.experiments.claims.claim import (
    CAA,
    AboutOneModel,
    ClaimOfVector,
    Control,
    Reference,
)
from prefvec.experiments.pairs import slug
from prefvec.text.traits import PoleName
from prefvec.verdicts.asking_criteria import RivalsAsking
from prefvec.verdicts.criteria import Spares, Steers
from prefvec.verdicts.worded_criteria import QuantisedWorks
from prefvec.vocabulary import Positions, WeightFormat


@dataclass(frozen=True, kw_only=True)
class SelfSteering(AboutOneModel, ClaimOfVector):
    """That a vector steers the model it was taken from.

    Attributes:
        vector: "own", the trait's; "null", the mean difference of two random halves of turns that
            ask for nothing, at the judged cell.
        under: the pole that every test question asks for already, for steering on top of asking.
        positions: at which tokens it and its controls are added, and their doses solved for:
            "answer", from the last token of the prompt on, or "all", from the first.
    """

    takes = (Steers,)
    vector: Literal["own", "null"] = "own"
    under: PoleName | None = None
    positions: Positions = "answer"

    @property
    def of_the_run(self) -> bool:
        """Whether it is the finding about the run's own vector, or that of another tool's file."""
        plain = self.under is None and self.positions == "answer"
        return self.vector == "own" and self.estimator == CAA and plain

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions."""
        return ("random directions",)


@dataclass(frozen=True, kw_only=True)
class AsGoodAsAsking(AboutOneModel, ClaimOfVector):
    """That a model's own vector does at least a share of what asking for either pole does.

    Its answers are those of `SelfSteering` and of the prompt-only baseline, so that it needs none
    besides.
    """

    takes = (RivalsAsking,)

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions."""
        return ("random directions",)

    @property
    def references(self) -> tuple[Reference, ...]:
        """What asking for either pole does."""
        return ("asking",)


@dataclass(frozen=True, kw_only=True)
class Quantised(AboutOneModel, ClaimOfVector):
    """That a vector does in quantised weights what it does in the model that it was read from.

    It is added at the same block and norm, as a file of it would be. `{weights}` stands for the
    format in the id and the title.

    Attributes:
        weights: what the blocks' weights are written in; see `prefvec.models.quantised`.
    """

    takes = (QuantisedWorks,)
    weights: WeightFormat = "Q4_0"

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions and another concept, in the quantised weights."""
        return ("random directions", "unrelated concept")

    @property
    def references(self) -> tuple[Reference, ...]:
        """The same vector in the model as it is."""
        return ("native",)

    def _in_id(self) -> dict[str, str]:
        return super()._in_id() | {"weights": slug(self.weights)}

    def _in_title(self) -> dict[str, str]:
        return super()._in_title() | {"weights": self.weights}


@dataclass(frozen=True, kw_only=True)
class Selectivity(AboutOneModel):
    """That steering one trait leaves another alone.

    Attributes:
        spared: the trait that is left alone.
    """

    takes = (Spares,)
    spared: str

    @property
    def references(self) -> tuple[Reference, ...]:
        """The model's own vector of the spared trait."""
        return ("native",)

    def _in_title(self) -> dict[str, str]:
        return {"spared": self.spared}
