"""One arm of the comparison: what is added, where, how much, and what it did to each prompt."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from prefvec.adapters import Adapter
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.lab import Lab
from prefvec.experiments.search import Search
from prefvec.experiments.vector_records import vector_record
from prefvec.remembered import recalled, remembered
from prefvec.report.record import ROLES
from prefvec.text.completions import Completion
from prefvec.text.measures import Measure
from prefvec.text.prompts import Prompt
from prefvec.text.traits import PoleName, Trait
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.doses import DOSES, DoseResponse, dose_response

FULL_DOSE = (-1.0, 1.0)
"""The coefficients of controls and explorations."""
FEW_PROMPTS = 24
"""Test and tuning prompts of an exploration."""


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
        role = "native" if self.under else ROLES.get(self.doses.arm, "other")
        return record | {"vector": vector_record(self.vector), "role": role}


class Arms:
    """Measures what vectors do to the answers to the test prompts, by one trait's measure.

    Which vectors those are, the functions say that take one of these: a model's own
    (`native_arms`), another model's (`carried_arms`), and controls (`control_arms`).

    Args:
        lab: where answers come from.
        trait: what is measured, and what asks for either pole.
        samples: answers per prompt and dose.
        prompts: how many of the test prompts; all when None.
        perplexity: whether the unsteered model reads the answers of confirmatory arms again.
    """

    def __init__(
        self,
        lab: Lab,
        trait: Trait,
        *,
        samples: int,
        prompts: int | None = None,
        perplexity: bool = False,
    ) -> None:
        self.lab = lab
        self.trait = trait
        self.samples = samples
        self._perplexity = perplexity
        self._prompts = lab.material.splits["test"][:prompts]
        self._clusters = {p.id: lab.material.cluster(p.id) for p in self._prompts}

    @classmethod
    def of(cls, lab: Lab, trait: str, samples: int) -> "Arms":
        """The confirmatory arms of a trait, the same ones whenever a lab is asked for them.

        Answers about the run's own trait, with as many samples as the run has, are read again for
        their perplexity.
        """
        own = trait == lab.material.trait.name and samples == lab.options.samples
        known = lab.material.traits[trait]
        return recalled(
            lab,
            ("arms", trait, samples),
            lambda: cls(lab, known, samples=samples, perplexity=own),
        )

    @classmethod
    def few(cls, lab: Lab, trait: str) -> "Arms":
        """The arms of an exploration: few prompts and one sample."""
        known = lab.material.traits[trait]
        return recalled(
            lab, ("few arms", trait), lambda: cls(lab, known, samples=1, prompts=FEW_PROMPTS)
        )

    @remembered
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
        answers = self.lab.together(
            model,
            vectors,
            self._asked(under),
            coefficients=coefficients,
            samples=self.lab.options.control_samples,
        )
        return [
            self._of(answers[name], model, label, vector, under) for name, vector in vectors.items()
        ]

    def at_chosen(
        self,
        model: str,
        name: str,
        label: str,
        vectors: Mapping[Site, PreferenceVector],
        found: Search,
    ) -> Arm:
        """The arm that a search has placed."""
        chosen = found.chosen
        vector = vectors[chosen.site].at_relative_norm(chosen.relative_norm)
        return replace(self.arm(model, name, label, vector, DOSES), search=found)

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
            coherent=coherent(self.lab, model),
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
        return self.lab.steered(
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
        return self.trait.asking(self._prompts, under)
