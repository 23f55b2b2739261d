"""One arm of the comparison: what is added, where, how much, and what it did to each prompt."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from torch import Tensor

from prefvec.adapters import Adapter
from prefvec.errors import PrefvecError
from prefvec.experiments.cells import judged_cell
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.dosing import dosed
from prefvec.experiments.lab import Lab
from prefvec.experiments.search import Search
from prefvec.experiments.steered_answers import requests_at, steered, steered_together
from prefvec.experiments.vector_records import vector_record
from prefvec.generation.requests import UNSTEERED, Request
from prefvec.remembered import recalled, remembered
from prefvec.report.record import ROLES
from prefvec.text.completions import Completion
from prefvec.text.measures import WORDS, Measure
from prefvec.text.prompts import Prompt
from prefvec.text.traits import POLES, PoleName, Trait
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.doses import DOSES, DoseResponse, dose_response
from prefvec.vocabulary import Positions

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
        positions: at which tokens every vector is added, and its dose solved for.
    """

    def __init__(
        self,
        lab: Lab,
        trait: Trait,
        *,
        samples: int,
        prompts: int | None = None,
        perplexity: bool = False,
        positions: Positions = "answer",
    ) -> None:
        self.lab = lab
        self.trait = trait
        self.samples = samples
        self.positions: Positions = positions
        self._perplexity = perplexity
        self._prompts = lab.material.splits["test"][:prompts]
        self._clusters = {p.id: lab.material.cluster(p.id) for p in self._prompts}

    @classmethod
    def of(cls, lab: Lab, trait: str, samples: int, positions: Positions = "answer") -> "Arms":
        """The confirmatory arms of a trait, the same ones whenever a lab is asked for them.

        Answers about the run's own trait, with as many samples as the run has, are read again for
        their perplexity.
        """
        own = trait == lab.material.trait.name and samples == lab.options.samples
        known = lab.material.traits[trait]
        return recalled(
            lab,
            ("arms", trait, samples, positions),
            lambda: cls(lab, known, samples=samples, perplexity=own, positions=positions),
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
        if under is not None:
            return self._prompted(name)[under]
        return self._answers(
            name, "unsteered", None, (0.0,), perplexity=self._perplexity, under=None
        )

    @remembered
    def _prompted(self, name: str) -> dict[PoleName, list[Completion]]:
        """The answers that are asked for either pole, written in common batches."""
        requests: dict[PoleName, list[Request]] = {
            pole: requests_at(UNSTEERED, self._asked(pole), self.samples, f"prompted {pole}")
            for pole in POLES
        }
        what = f"{self.trait.name}, prompted"
        return self.lab.ask_each(name, requests, what, perplexity=self._perplexity)

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

        Raises:
            PrefvecError: if the vector was read from prompts it would be measured on.
        """
        vector.require_unseen(self._prompts, f"measuring {label} in {model}")
        label = self._told(label)
        answers = self._answers(
            model,
            name,
            vector,
            coefficients,
            perplexity=self._perplexity and not control,
            under=under,
        )
        arm = self._of(answers, model, label, vector, under)
        return arm if control else self._going_on(arm)

    def controls(
        self,
        model: str,
        label: str,
        vectors: Mapping[str, PreferenceVector],
        under: PoleName | None = None,
    ) -> list[Arm]:
        """Measure several control vectors at ±κ of the judged cell, on a few prompts.

        There is one answer to each prompt.

        Args:
            model: the model that is steered.
            label: what people read.
            vectors: of the judged site and of any norm, by the arm's key.
            under: the pole that every question asks for already.

        Raises:
            PrefvecError: if two of them point the same way, which would be one control for two, or
                if one is of another site.
        """
        require_distinct(vectors, self.cell(model).chosen.site)
        vectors = self.all_at_kappa(model, vectors)
        prompts = self._asked(under)[: self.lab.options.control_prompts]
        answers = steered_together(
            self.lab,
            model,
            vectors,
            prompts,
            coefficients=FULL_DOSE,
            samples=self.lab.options.control_samples,
            trait=self.trait.name,
            positions=self.positions,
        )
        plain = self._on(prompts, self.unsteered(model, under))
        return [
            self._of(answers[name], model, self._told(label), vector, under, unsteered=plain)
            for name, vector in vectors.items()
        ]

    def cell(self, model: str) -> Search:
        """The judged cell of the trait in a model."""
        return judged_cell(self.lab, model, self.trait.name)

    def at_kappa(self, model: str, vector: PreferenceVector) -> PreferenceVector:
        """A vector at the dose of the judged cell, at whatever site it is."""
        kappa = self.cell(model).chosen.kappa
        (by_kappa,) = dosed(self.lab, model, [vector], (kappa,), positions=self.positions)
        return by_kappa[kappa]

    def all_at_kappa(
        self, model: str, vectors: Mapping[str, PreferenceVector]
    ) -> dict[str, PreferenceVector]:
        """Several vectors, each at the dose of the judged cell."""
        kappa = self.cell(model).chosen.kappa
        doses = dosed(self.lab, model, [*vectors.values()], (kappa,), positions=self.positions)
        return {name: by[kappa] for name, by in zip(vectors, doses, strict=True)}

    def judged(
        self,
        model: str,
        name: str,
        label: str,
        vector: PreferenceVector,
        under: PoleName | None = None,
    ) -> Arm:
        """The whole dose-response of a vector at the judged cell of a model.

        Raises:
            PrefvecError: if the vector is of another site than the cell's.
        """
        cell = self.cell(model)
        if vector.site != cell.chosen.site:
            raise PrefvecError(
                f"The arm {name!r} is a vector of {vector.site}, and {self.trait.name} in {model} "
                f"is judged at {cell.chosen.site}. Carry it to that site."
            )
        arm = self.arm(model, name, label, self.at_kappa(model, vector), DOSES, under=under)
        return replace(arm, kappa=cell.chosen.kappa, search=cell)

    def of_answers(
        self, answers: list[Completion], model: str, label: str, vector: PreferenceVector
    ) -> Arm:
        """An arm whose answers were written without a vector, such as a tuned model's.

        Args:
            answers: to the test prompts, each at the coefficient that it counts for.
            model: whose unsteered answers they are compared with.
            label: what people read.
            vector: what stands for what was done, e.g. the mean shift of the residual.

        Raises:
            PrefvecError: if the vector was read from prompts it would be measured on.
        """
        vector.require_unseen(self._prompts, f"measuring {label} in {model}")
        return replace(self._of(answers, model, label, vector, None), positions=None)

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The test prompts that are asked."""
        return tuple(self._prompts)

    def measured_by(self, measure: Measure, arm: Arm) -> Arm:
        """The same answers of an arm, by another measure."""
        of = self._of(arm.completions, arm.model, arm.doses.label, arm.vector, None, measure)
        return replace(of, positions=arm.positions)

    def _of(
        self,
        answers: list[Completion],
        model: str,
        label: str,
        vector: PreferenceVector,
        under: PoleName | None,
        measure: Measure | None = None,
        unsteered: list[Completion] | None = None,
    ) -> Arm:
        doses = dose_response(
            answers,
            self.unsteered(model, under) if unsteered is None else unsteered,
            coherent=coherent(self.lab, model),
            measure=measure or self.trait.measure,
            label=label,
            clusters=self._clusters,
        )
        return Arm(
            model=model,
            doses=doses,
            completions=answers,
            vector=vector,
            under=under,
            positions=self.positions,
        )

    def _going_on(self, arm: Arm) -> Arm:
        """The arm with what it does to the log-odds of going on, where lengths are measured."""
        if self.trait.measure.name != WORDS.name:
            return arm
        questions = {prompt.id: prompt for prompt in self._asked(arm.under)}
        plain = self.unsteered(arm.model, arm.under)
        model = self.lab.models[arm.model]
        turns = [
            (questions[a.prompt], a.as_written_by(model.fingerprint))
            for a in plain
            if a.sample == 0
        ]
        dose = arm.doses.full_dose
        full = Steering(vector=arm.vector, coefficient=dose, positions=self.positions)
        (shift,) = self.lab.going_on_shifts(arm.model, turns, [full])
        by_prompt = pd.Series(shift).reindex(arm.doses.effects.index)
        return replace(arm, doses=replace(arm.doses, going_on=by_prompt))

    def _told(self, label: str) -> str:
        """What people read of a vector, with where it is added if that is not as ever."""
        return label if self.positions == "answer" else f"{label}, at every token"

    @staticmethod
    def _on(prompts: Sequence[Prompt], answers: list[Completion]) -> list[Completion]:
        """Those of the answers that are to some of the prompts."""
        ids = {prompt.id for prompt in prompts}
        return [answer for answer in answers if answer.prompt in ids]

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
        return steered(
            self.lab,
            model,
            name,
            vector,
            self._asked(under),
            coefficients=coefficients,
            samples=self.samples,
            perplexity=perplexity,
            trait=self.trait.name,
            positions=self.positions,
        )

    def _asked(self, under: PoleName | None) -> list[Prompt]:
        """The test prompts, asking for a pole if one is given."""
        if under is None:
            return self._prompts
        return self.trait.asking(self._prompts, under)


def require_distinct(vectors: Mapping[str, PreferenceVector], site: Site) -> None:
    """Assert that control vectors are as many directions as there are names, at the arm's site.

    Raises:
        PrefvecError: if two point the very same way, or the opposite one, or one is elsewhere.
    """
    elsewhere = {vector.site for vector in vectors.values()} - {site}
    lines = {frozenset((_bytes(v.direction), _bytes(-v.direction))) for v in vectors.values()}
    if elsewhere or len(lines) < len(vectors):
        away = f", some of them at {elsewhere.pop()}" if elsewhere else ""
        raise PrefvecError(
            f"{len(vectors)} control vectors ({', '.join([*vectors][:2])}, …) are {len(lines)} "
            f"directions{away}. Each counts as a control of its own, so draw each with its own "
            f"seed, at {site}."
        )


def _bytes(direction: Tensor) -> bytes:
    return (direction + 0.0).numpy().tobytes()
