"""One arm of the comparison: what is added, where, how much, and what it did to each prompt."""

import math
from dataclasses import dataclass, replace
from typing import Any

from prefvec.adapters import Adapter
from prefvec.experiments.search import Search
from prefvec.experiments.vector_records import vector_record
from prefvec.report.record import ROLES
from prefvec.text.completions import Completion
from prefvec.text.traits import PoleName
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.doses import DoseResponse
from prefvec.vocabulary import Positions


@dataclass(frozen=True, kw_only=True, eq=False)
class Arm:
    """One arm of the comparison, measured on the test split.

    Attributes:
        model: the model that is steered.
        doses: what it did to each prompt.
        completions: its answers.
        vector: what was added at coefficient 1.
        kappa: the disturbance it is dosed to, in nats; None where another arm's norm is its dose.
        search: how its cell was chosen; None where it is no judged cell.
        adapter: the map the vector came through, if any.
        under: the pole that every question asked for already, if one.
        positions: at which tokens the vector was added; None where no vector was.
    """

    model: str
    doses: DoseResponse
    completions: list[Completion]
    vector: PreferenceVector
    kappa: float | None = None
    search: Search | None = None
    adapter: Adapter | None = None
    under: PoleName | None = None
    positions: Positions | None = "answer"

    def called(self, name: str, label: str) -> "Arm":
        """The same arm by another key and another label, where a claim compares namesakes."""
        return replace(self, doses=replace(self.doses, arm=name, label=label))

    @property
    def odd_factor(self) -> float:
        """The mean odd part as a factor of what is measured."""
        return math.exp(self.doses.mean_odd)

    def record(self) -> dict[str, Any]:
        """The arm as plain Python types, for the report."""
        site = {"layer": self.vector.site.layer, "point": self.vector.site.point}
        record = self.doses.record(site=site, relative_norm=self.vector.relative_norm)
        role = "native" if self.under else ROLES.get(self.doses.arm, "other")
        told = {"vector": vector_record(self.vector), "role": role, "kappa": self.kappa}
        added = {} if self.positions is None else {"added_at": self.positions}
        return record | told | added
