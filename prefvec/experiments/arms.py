"""Measures what vectors do to the answers to the test prompts, arm by arm."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from prefvec.errors import PrefvecError
from prefvec.experiments.cells import judged_cell
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.dosing import dosed
from prefvec.experiments.lab import Lab
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.search import Search
from prefvec.experiments.steered_answers import requests_at, steered
from prefvec.generation.requests import UNSTEERED, Request
from prefvec.remembered import recalled, remembered
from prefvec.text.completions import Completion
from prefvec.text.measures import Measure
from prefvec.text.prompts import Prompt
from prefvec.text.traits import POLES, PoleName, Trait
from prefvec.text.verbatim import Said
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.answered import dose_response
from prefvec.verdicts.doses import DOSES
from prefvec.vocabulary import Positions

FULL_DOSE = (-1.0, 1.0)
"""The coefficients of controls and explorations."""
FEW_PROMPTS = 24
"""Test and tuning prompts of an exploration."""


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

        Args:
            lab: where answers come from.
            trait: one of the material's.
            samples: answers per prompt and dose.
            positions: at which tokens every vector is added.
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
            pole: requests_at(UNSTEERED, self.asked(pole), self.samples, f"prompted {pole}")
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
        label = self.told(label)
        answers = self._answers(
            model,
            name,
            vector,
            coefficients,
            perplexity=self._perplexity and not control,
            under=under,
        )
        arm = self.compared(answers, model, label, vector, under=under)
        if control:
            return arm
        dose = arm.doses.full_dose
        full = Steering(vector=vector, coefficient=dose, positions=self.positions)
        return self.with_going_on(
            arm, lambda turns: self.lab.going_on_shifts(model, turns, [full])[0]
        )

    def cell(self, model: str) -> Search:
        """The judged cell of the trait in a model."""
        return judged_cell(self.lab, model, self.trait.name)

    def at_kappa(
        self, model: str, vector: PreferenceVector, kappa: float | None = None
    ) -> PreferenceVector:
        """A vector at a dose, at whatever site it is; at that of the judged cell when None."""
        kappa = kappa or self.cell(model).chosen.kappa
        (by_kappa,) = dosed(self.lab, model, [vector], (kappa,), positions=self.positions)
        return by_kappa[kappa]

    def judged(
        self,
        model: str,
        name: str,
        label: str,
        vector: PreferenceVector,
        under: PoleName | None = None,
    ) -> Arm:
        """The whole dose-response of a vector at the judged cell of a model.

        Args:
            model: the model that is steered.
            name: the arm's key.
            label: what people read.
            vector: of the cell's site and of any norm.
            under: the pole that every question asks for already.

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

    def measured_by(self, measure: Measure, arm: Arm) -> Arm:
        """The same answers of an arm, by another measure."""
        label = arm.doses.label
        of = self.compared(
            arm.completions, arm.model, label, arm.vector, under=arm.under, measure=measure
        )
        return replace(of, positions=arm.positions)

    def compared(
        self,
        answers: list[Completion],
        model: str,
        label: str,
        vector: PreferenceVector,
        *,
        under: PoleName | None = None,
        measure: Measure | None = None,
        unsteered: list[Completion] | None = None,
    ) -> Arm:
        """The arm of answers that were written, without the co-primary.

        Args:
            answers: to the test prompts, at every dose.
            model: who wrote them.
            label: what people read.
            vector: what was added at coefficient 1.
            under: the pole that every question asked for already.
            measure: what is taken of the answers; the trait's own when None.
            unsteered: what they are compared with; the unsteered answers to all test prompts when
                None.
        """
        doses = dose_response(
            answers,
            self.unsteered(model, under) if unsteered is None else unsteered,
            coherent=coherent(self.lab, model),
            measure=measure or self.trait.measure,
            label=label,
            clusters=self._clusters,
            false_sentences=self.lab.material.subject.false_sentences,
        )
        return Arm(
            model=model,
            doses=doses,
            completions=answers,
            vector=vector,
            under=under,
            positions=self.positions,
        )

    def with_going_on(self, arm: Arm, shifts: Callable[[list[Said]], Mapping[str, float]]) -> Arm:
        """The arm with what it does to the log-odds of going on, where lengths are measured.

        Args:
            arm: of the test prompts.
            shifts: by how much the log-odds rise, by prompt, in reading the turns that it is
                given: the first unsteered answer to each. Not asked where something else is
                measured.
        """
        if not self.trait.measure.of_length:
            return arm
        questions = {prompt.id: prompt for prompt in self.asked(arm.under)}
        plain, writer = self.unsteered(arm.model, arm.under), self.lab.models[arm.model].fingerprint
        turns: list[Said] = [
            (questions[answer.prompt], answer.as_written_by(writer))
            for answer in plain
            if answer.sample == 0
        ]
        by_prompt = pd.Series(dict(shifts(turns))).reindex(arm.doses.effects.index)
        by_prompt *= self.trait.measure.sign
        return replace(arm, doses=replace(arm.doses, going_on=by_prompt))

    def asked(self, under: PoleName | None = None) -> list[Prompt]:
        """The test prompts, asking for a pole if one is given."""
        if under is None:
            return self._prompts
        return self.trait.asking(self._prompts, under)

    def told(self, label: str) -> str:
        """What people read of a vector, with where it is added if that is not as ever."""
        return label if self.positions == "answer" else f"{label}, at every token"

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
            self.asked(under),
            coefficients=coefficients,
            samples=self.samples,
            perplexity=perplexity,
            trait=self.trait.name,
            positions=self.positions,
        )
