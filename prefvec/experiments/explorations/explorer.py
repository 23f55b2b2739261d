"""Looks around at little cost: 24 prompts, one sample, every site at one norm."""

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from prefvec.experiments.arms import Arm, Assay
from prefvec.experiments.experiment import Experiment
from prefvec.experiments.experiments import Experiments
from prefvec.experiments.measured import Measured
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Reader
from prefvec.experiments.regimes import Regime
from prefvec.experiments.search import search
from prefvec.statistics.estimates import mean_of
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.contrast_rules import assess_exceeds, assess_exceeds_values
from prefvec.verdicts.criteria import Exceeds
from prefvec.verdicts.positive_control import positive_control
from prefvec.verdicts.preconditions import Precondition

PROMPTS = 24
FULL_DOSE = (-1.0, 1.0)


class Explorer:
    """One exploration of one pair of models.

    Every arm is put at the norm that the target's own vector has in its search; its site is the
    one that does most on the first tuning prompts.

    Args:
        experiments: measure arms.
        experiment: the one of the claim's source and trait.
        pair: the models.
        name: the claim's id.
        diagnostic: what is held against held-out R², in the study of diagnostics.
        criterion: what it must show.
        positive_control: that the target's own vector steers it, by the confirmatory standards.
        identity_holds: whether coefficient 0 is no steering in the target.
        checks: what the models' checks on themselves found.
    """

    def __init__(
        self,
        experiments: Experiments,
        experiment: Experiment,
        pair: Pair,
        *,
        name: str,
        diagnostic: str | None,
        criterion: Exceeds,
        positive_control: Assessment,
        identity_holds: bool,
        checks: Sequence[Precondition],
    ) -> None:
        self.experiments = experiments
        self.experiment = experiment
        self.pair = pair
        self.name = name
        self.diagnostic = diagnostic
        self.criterion = criterion
        self.positive_control = positive_control
        self.identity_holds = identity_holds
        self.checks = checks
        self.laboratory = experiments.laboratory
        self.natives = experiment.natives
        self.trait = experiment.trait
        self.assay = little(experiments, self.trait.name)

    @property
    def reader(self) -> Reader:
        """Where adapters come from."""
        return self.experiments.reader

    @functools.cached_property
    def norm(self) -> float:
        """The relative norm of every arm."""
        return self.natives.search(self.pair.target).chosen.relative_norm

    @functools.cached_property
    def own(self) -> Arm:
        """The target's own vector, on the same few prompts."""
        vector = self.natives.arm(self.pair.target).vector
        return self.at("native", "its own vector", vector)

    def at(self, name: str, label: str, vector: PreferenceVector) -> Arm:
        """A vector of the target at its site, at the norm of every arm."""
        scaled = vector.at_relative_norm(self.norm)
        return self.assay.arm(self.pair.target, name, label, scaled, FULL_DOSE, control=True)

    def placed(self, name: str, label: str, vectors: Mapping[Site, PreferenceVector]) -> Arm:
        """The vector of the site that does most on the first tuning prompts."""
        found = search(
            self.laboratory,
            self.pair.target,
            name,
            vectors,
            self.assay.coherence.of(self.pair.target),
            self.trait.measure,
            norms=(self.norm,),
            prompts=PROMPTS,
        )
        return replace(self.at(name, label, vectors[found.chosen.site]), search=found)

    def carried(
        self, regime: Regime, method: str = "ridge", source_site: Site | None = None
    ) -> dict[Site, PreferenceVector]:
        """The source's vector through the regime's adapters, at every site of the target."""
        vector = self.experiment.vector()
        if source_site is not None:
            vector = self.natives.vectors(self.pair.source)[source_site]
        norms = self.laboratory.residual_norms(self.pair.target)
        return {
            site: self.reader.adapter(
                regime, self.trait.name, self.pair, vector.site, site, method
            ).transport(vector, residual_norm=norms[site])
            for site in self.laboratory.sites(self.pair.target)
        }

    def exceeds(self, arm: Arm, than: Arm, *figures: dict[str, Any]) -> Measured:
        """That one arm does more than another, prompt by prompt."""
        assessment = assess_exceeds(
            self.name,
            arm.doses,
            than=than.doses,
            native=self.own.doses,
            control=self.positive_control,
            criterion=self.criterion,
            identity_holds=self.identity_holds,
            preconditions=self.checks,
        )
        return Measured(assessment=assessment, arms=(arm, than, self.own), figures=figures)

    def contrast(
        self,
        values: np.ndarray,
        what: str,
        unit: str,
        figures: tuple[dict[str, Any], ...],
    ) -> Measured:
        """That a contrast is above the criterion's margin, over units that may not be prompts."""
        assessment = assess_exceeds_values(
            self.name,
            values,
            what=what,
            unit=unit,
            criterion=self.criterion,
            preconditions=[*self.checks, positive_control(self.positive_control)],
        )
        return Measured(assessment=assessment, figures=figures)

    def every_pair(self) -> list[Pair]:
        """Every ordered pair of the run's models."""
        names = self.laboratory.options.names
        return [Pair(source=s, target=t) for t, s in itertools.permutations(names, 2)]

    def towards(self, pair: Pair) -> "Explorer":
        """The same exploration of another pair of models."""
        return Explorer(
            self.experiments,
            self.experiments.of(
                pair.source,
                self.trait.name,
                self.experiment.assay.samples,
                self.experiment.estimator,
            ),
            pair,
            name=self.name,
            diagnostic=self.diagnostic,
            criterion=self.criterion,
            positive_control=self.positive_control,
            identity_holds=self.identity_holds,
            checks=self.checks,
        )


@functools.cache
def little(experiments: Experiments, trait: str) -> Assay:
    """An assay of few prompts and one sample."""
    known = experiments.trait(trait)
    return Assay(experiments.laboratory, experiments.coherence, known, prompts=PROMPTS, samples=1)


def point(x: float, arm: Arm, tick: str | None = None) -> dict[str, Any]:
    """An arm's odd part with its 95 % interval, as a point of a curve."""
    odd = mean_of(arm.doses.odd.to_numpy())
    low, high = odd.confidence_interval()
    told = {"x": x, "y": odd.estimate, "low": low, "high": high}
    return told if tick is None else told | {"tick": tick}
