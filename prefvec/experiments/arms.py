"""One arm of the comparison: what is added, where, how much, and what it did to each prompt."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from prefvec.adapters import Adapter
from prefvec.experiments.coherence import Coherence
from prefvec.experiments.fingerprints import vector_record
from prefvec.experiments.lab import Laboratory
from prefvec.experiments.search import Search
from prefvec.text.completions import Completion
from prefvec.text.measures import Measure
from prefvec.text.prompts import Prompt
from prefvec.text.traits import Trait
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.doses import DoseResponse, dose_response

DOSES = (-1.0, -0.5, 0.5, 1.0)
PoleName = Literal["positive", "negative"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Arm:
    """One arm of the comparison, measured on the test split.

    Attributes:
        model: the model that is steered.
        doses: what it did to each prompt.
        completions: its answers.
        vector: what was added at coefficient 1.
        search: how site and dose were chosen; None where they are another arm's.
        adapter: the map the vector came through, if any.
        under: the pole that every question asked for already, if one.
    """

    model: str
    doses: DoseResponse
    completions: list[Completion]
    vector: PreferenceVector
    search: Search | None = None
    adapter: Adapter | None = None
    under: PoleName | None = None

    @property
    def chosen_norm(self) -> float:
        """The relative norm that the search chose, as it stands in the grid."""
        assert self.search is not None
        return self.search.chosen.relative_norm

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
        return record | {"vector": vector_record(self.vector)}


class Assay:
    """Measures a vector's effect on the test split.

    Args:
        laboratory: where answers come from.
        coherence: tells which of them are text.
        trait: what is measured, and what asks for either pole.
        perplexity: whether the unsteered model reads the answers of confirmatory arms again.
        prompts: how many of the test prompts; all when None.
        samples: answers per prompt and dose; those of the confirmatory arms when None.
    """

    def __init__(
        self,
        laboratory: Laboratory,
        coherence: Coherence,
        trait: Trait,
        *,
        perplexity: bool = False,
        prompts: int | None = None,
        samples: int | None = None,
    ) -> None:
        self._laboratory = laboratory
        self.coherence = coherence
        self.trait = trait
        self._perplexity = perplexity
        self._prompts = laboratory.prompts.splits["test"][:prompts]
        self.samples = samples or laboratory.options.samples
        self._clusters = {p.id: laboratory.prompts.cluster(p.id) for p in self._prompts}

    @functools.cache  # noqa: B019 - one assay lives as long as the session
    def unsteered(self, name: str, under: PoleName | None = None) -> list[Completion]:
        """The answers every dose is compared with; under a pole, those that are asked for it."""
        arm = "unsteered" if under is None else f"prompted {under}"
        return self._answers(name, arm, None, (0.0,), perplexity=self._perplexity, under=under)

    def arm(
        self,
        model: str,
        name: str,
        label: str,
        vector: PreferenceVector,
        coefficients: tuple[float, ...],
        *,
        control: bool = False,
        under: PoleName | None = None,
    ) -> Arm:
        """Measure one vector at some doses, against no steering.

        Args:
            model: the model that is steered.
            name: the arm's key.
            label: what people read.
            vector: what is added at coefficient 1.
            coefficients: the doses, each with its negative.
            control: whether nobody reads these answers but the statistics.
            under: the pole that every question asks for already.
        """
        answers = self._answers(
            model,
            name,
            vector,
            coefficients,
            perplexity=self._perplexity and not control,
            under=under,
        )
        return self._of(answers, model, label, vector, under)

    def controls(
        self,
        model: str,
        label: str,
        vectors: Mapping[str, PreferenceVector],
        coefficients: tuple[float, ...],
        under: PoleName | None = None,
    ) -> list[Arm]:
        """Measure several control vectors, with one answer per prompt and dose.

        Args:
            model: the model that is steered.
            label: what people read.
            vectors: what is added at coefficient 1, by the arm's key.
            coefficients: the doses, each with its negative.
            under: the pole that every question asks for already.
        """
        answers = self._laboratory.together(
            model,
            vectors,
            self._asked(under),
            coefficients=coefficients,
            samples=self._laboratory.options.control_samples,
        )
        return [
            self._of(answers[name], model, label, vector, under) for name, vector in vectors.items()
        ]

    def measured_by(self, measure: Measure, arm: Arm) -> Arm:
        """The same answers of an arm, by another measure."""
        return self._of(arm.completions, arm.model, arm.doses.label, arm.vector, None, measure)

    def _of(
        self,
        answers: list[Completion],
        model: str,
        label: str,
        vector: PreferenceVector,
        under: PoleName | None,
        measure: Measure | None = None,
    ) -> Arm:
        doses = dose_response(
            answers,
            self.unsteered(model, under),
            coherent=self.coherence.of(model),
            measure=measure or self.trait.measure,
            label=label,
            clusters=self._clusters,
        )
        return Arm(model=model, doses=doses, completions=answers, vector=vector, under=under)

    def _answers(
        self,
        model: str,
        name: str,
        vector: PreferenceVector | None,
        coefficients: tuple[float, ...],
        *,
        perplexity: bool,
        under: PoleName | None,
    ) -> list[Completion]:
        return self._laboratory.steered(
            model,
            name,
            vector,
            self._asked(under),
            coefficients=coefficients,
            samples=self.samples,
            perplexity=perplexity,
        )

    def _asked(self, under: PoleName | None) -> list[Prompt]:
        """The test prompts, asking for a pole if one is given."""
        if under is None:
            return self._prompts
        return self._laboratory.asking(self._prompts, self.trait, under)
