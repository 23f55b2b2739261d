"""The models' own vectors of one trait: where and how much of them, and what they do."""

import functools
from dataclasses import replace

from prefvec.experiments.arms import DOSES, Arm, Assay, PoleName
from prefvec.experiments.claims import Estimator
from prefvec.experiments.lab import Laboratory
from prefvec.experiments.search import Search, Searches
from prefvec.statistics.estimates import Estimate
from prefvec.text.measures import Measure
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.doses import instruction_effect

CAA: Estimator = "difference_in_means"
"""The estimator of every reference."""


class Natives:
    """Measures models under their own vectors, each once in a session.

    Args:
        laboratory: where answers and vectors come from.
        assay: measures them by the trait's measure.
        searches: put them where they do most.
    """

    def __init__(self, laboratory: Laboratory, assay: Assay, searches: Searches) -> None:
        self._laboratory = laboratory
        self.assay = assay
        self.searches = searches
        self.trait = assay.trait

    def vectors(self, name: str, estimator: Estimator = CAA) -> dict[Site, PreferenceVector]:
        """A model's own vector at every site."""
        return self._laboratory.native_vectors(name, self.trait.name, estimator)

    def search(self, name: str, estimator: Estimator = CAA) -> Search:
        """Site and dose of a model's own vector."""
        return self.searched(name, "native", self.vectors(name, estimator))

    @functools.cache  # noqa: B019 - one of these lives as long as the session
    def arm(self, name: str, estimator: Estimator = CAA) -> Arm:
        """A model's own vector in the model itself."""
        found, vectors = self.search(name, estimator), self.vectors(name, estimator)
        return self.at_chosen(name, "native", "its own vector", vectors, found)

    @functools.cache  # noqa: B019
    def at(self, name: str, relative_norm: float) -> Arm:
        """A model's own vector at the relative norm of another arm, at its best site for that."""
        found = self.search(name)
        if relative_norm == found.chosen.relative_norm:
            return self.arm(name)
        vector = self.vectors(name)[found.at_norm(relative_norm).site]
        label = f"its own vector at norm {relative_norm:g}"
        return self.assay.arm(name, "native", label, vector.at_relative_norm(relative_norm), DOSES)

    @functools.cache  # noqa: B019
    def under(self, name: str, pole: PoleName) -> Arm:
        """A model's own vector, where every question already asks for one pole of the trait."""
        own, asked = self.arm(name), getattr(self.trait, pole).name
        label = f"its own vector, where {asked} answers are asked for"
        return self.assay.arm(name, f"native, asked {pole}", label, own.vector, DOSES, under=pole)

    @functools.cache  # noqa: B019
    def null(self, name: str) -> Arm:
        """A vector of no trait, at the site and norm of the native one: what chance alone finds."""
        own = self.arm(name).vector
        vector = self._laboratory.null_vector(name, own.site)
        scaled = vector.at_relative_norm(own.relative_norm)
        return self.assay.arm(name, "null", "a vector of no trait", scaled, DOSES)

    @functools.cache  # noqa: B019
    def baseline(self, name: str, measure: Measure) -> dict[PoleName, Estimate]:
        """What asking for either pole, in unseen words, does to a model's answers."""
        poles: tuple[PoleName, ...] = ("positive", "negative")
        plain = self.assay.unsteered(name)
        return {
            pole: instruction_effect(self.assay.unsteered(name, pole), plain, measure=measure)
            for pole in poles
        }

    def cosine(self, arm: Arm) -> float:
        """The cosine of an arm's vector to the model's own at the same site."""
        own = self.vectors(arm.model)[arm.vector.site]
        return float(arm.vector.direction @ own.direction)

    def searched(self, name: str, arm: str, vectors: dict[Site, PreferenceVector]) -> Search:
        """The one search of every arm, for vectors of this trait in one model."""
        return self.searches.of(name, arm, vectors)

    def at_chosen(
        self,
        model: str,
        name: str,
        label: str,
        vectors: dict[Site, PreferenceVector],
        found: Search,
    ) -> Arm:
        """The arm that a search has placed."""
        chosen = found.chosen
        vector = vectors[chosen.site].at_relative_norm(chosen.relative_norm)
        return replace(self.assay.arm(model, name, label, vector, DOSES), search=found)
