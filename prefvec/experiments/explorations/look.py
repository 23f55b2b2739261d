"""Looks around at little cost: 24 prompts, one sample, every site at one disturbance."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from prefvec.experiments.arms import FEW_PROMPTS, FULL_DOSE, Arms
from prefvec.experiments.carried_arms import Transfer, source_vector
from prefvec.experiments.cells import steerable
from prefvec.experiments.claims import AdapterMethod
from prefvec.experiments.lab import Lab
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.measured import Measured
from prefvec.experiments.native_arms import native, own_vectors
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Readings
from prefvec.experiments.regimes import Regime
from prefvec.experiments.search import search
from prefvec.remembered import remembered
from prefvec.statistics.estimates import mean_of
from prefvec.text.traits import Trait
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.contrast_rules import assess_exceeds, assess_exceeds_values
from prefvec.verdicts.criteria import Exceeds
from prefvec.verdicts.positive_control import positive_control
from prefvec.verdicts.preconditions import Precondition


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """One exploration of one pair of models.

    Every arm disturbs the target as much as the judged cell's do; its site is the one that does
    most on the first tuning prompts, the last block left out.

    Attributes:
        lab: where answers come from.
        arms: the confirmatory ones of the claim's trait.
        transfer: whose vector goes where.
        name: the claim's id.
        diagnostic: what is held against held-out R², in the study of diagnostics.
        criterion: what it must show.
        positive_control: that the target's own vector steers it, by the confirmatory standards.
        identity_holds: whether coefficient 0 is no steering in the target.
        checks: what the models' checks on themselves found.
    """

    lab: Lab
    arms: Arms
    transfer: Transfer
    name: str
    diagnostic: str | None
    criterion: Exceeds
    positive_control: Assessment
    identity_holds: bool
    checks: tuple[Precondition, ...]

    @property
    def pair(self) -> Pair:
        """The models."""
        return self.transfer.pair

    @property
    def trait(self) -> Trait:
        """The trait whose vector is carried."""
        return self.arms.trait

    @property
    def readings(self) -> Readings:
        """Where adapters come from."""
        return Readings.of(self.lab)

    @property
    def kappa(self) -> float:
        """The disturbance of every arm, in nats."""
        return self.arms.cell(self.pair.target).chosen.kappa

    @remembered
    def own(self) -> Arm:
        """The target's own vector, on the same few prompts."""
        return self.at("native", "its own vector", native(self.arms, self.pair.target).vector)

    def at(
        self, name: str, label: str, vector: PreferenceVector, *, kappa: float | None = None
    ) -> Arm:
        """A vector of the target at its site, at a disturbance; at that of every arm when None."""
        few = Arms.few(self.lab, self.trait.name)
        scaled = self.arms.at_kappa(self.pair.target, vector, kappa)
        return few.arm(self.pair.target, name, label, scaled, FULL_DOSE, control=True)

    def placed(self, name: str, label: str, vectors: Mapping[Site, PreferenceVector]) -> Arm:
        """The vector of the site that does most on the first tuning prompts."""
        found = search(
            self.lab,
            self.pair.target,
            name,
            vectors,
            self.trait.measure,
            kappas=(self.kappa,),
            prompts=FEW_PROMPTS,
        )
        return replace(self.at(name, label, vectors[found.chosen.site]), search=found)

    def carried(
        self, regime: Regime, method: AdapterMethod = "ridge", source_site: Site | None = None
    ) -> dict[Site, PreferenceVector]:
        """The source's vector through the regime's adapters, at every site but the last block."""
        vector = source_vector(self.arms, self.transfer)
        if source_site is not None:
            vector = own_vectors(self.arms, self.pair.source)[source_site]
        norms = residual_norms(self.lab, self.pair.target)
        return {
            site: self.readings.adapter(
                regime, self.trait.name, self.pair, vector.site, site, method
            ).transport(vector, residual_norm=norms[site])
            for site in steerable(self.lab, self.pair.target)
        }

    def exceeds(self, arm: Arm, than: Arm, *figures: dict[str, Any]) -> Measured:
        """That one arm does more than another, prompt by prompt."""
        assessment = assess_exceeds(
            self.name,
            arm.doses,
            than=than.doses,
            native=self.own().doses,
            control=self.positive_control,
            criterion=self.criterion,
            identity_holds=self.identity_holds,
            preconditions=self.checks,
        )
        return Measured(assessment=assessment, arms=(arm, than, self.own()), figures=figures)

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
        names = self.lab.options.names
        return [Pair(source=s, target=t) for t, s in itertools.permutations(names, 2)]

    def towards(self, pair: Pair) -> "Look":
        """The same exploration of another pair of models."""
        return replace(self, transfer=replace(self.transfer, pair=pair))


def point(x: float, arm: Arm, tick: str | None = None) -> dict[str, Any]:
    """An arm's odd part with its 95 % interval, as a point of a curve."""
    odd = mean_of(arm.doses.odd.to_numpy())
    low, high = odd.confidence_interval()
    told = {"x": x, "y": odd.estimate, "low": low, "high": high}
    return told if tick is None else told | {"tick": tick}
