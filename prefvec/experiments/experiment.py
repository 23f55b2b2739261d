"""One vector on its way: a source's, by one estimator, into other models."""

import functools
from collections.abc import Callable
from dataclasses import replace

from prefvec.experiments.arms import DOSES, Arm
from prefvec.experiments.claims import Estimator
from prefvec.experiments.control_arms import ControlArms
from prefvec.experiments.lab import Laboratory
from prefvec.experiments.natives import Natives
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Reader
from prefvec.experiments.regimes import Regime
from prefvec.experiments.search import analogous
from prefvec.vectors.residual import Site
from prefvec.vectors.transfer import raw_transfer, zero_padded
from prefvec.vectors.vector import PreferenceVector


class Experiment:
    """Carries a source's vector into targets, and measures each arm once in a session.

    Args:
        laboratory: where answers and vectors come from.
        reader: where adapters come from.
        natives: the models' own vectors of the trait.
        source: the model whose vector it is.
        estimator: how that vector is found.
    """

    def __init__(
        self,
        laboratory: Laboratory,
        reader: Reader,
        natives: Natives,
        source: str,
        estimator: Estimator,
    ) -> None:
        self.laboratory = laboratory
        self.natives = natives
        self.assay = natives.assay
        self.trait = natives.trait
        self.source = source
        self.estimator: Estimator = estimator
        self._reader = reader

    @functools.cached_property
    def controls(self) -> ControlArms:
        """The control arms of this experiment."""
        return ControlArms(self.laboratory, self.assay, self._reader, self.source, self.vector())

    def prepare(self, regime: Regime | None) -> None:
        """Measure all that a transfer needs of the source, while the source is in memory."""
        self.vector()
        self.laboratory.native_vectors(self.source, self.unrelated, "difference_in_means")
        if regime is not None:
            self._reader.prepare(self.source, regime, self.trait.name)

    @property
    def unrelated(self) -> str:
        """The concept that goes the same way as a control."""
        material = self.laboratory.prompts
        other = material.unrelated.name
        return other if other != self.trait.name else material.trait.name

    @functools.cache  # noqa: B019 - one experiment lives as long as the session
    def vector(self) -> PreferenceVector:
        """The vector that is transferred: the source's own, at the site its search chose."""
        site = self.natives.search(self.source, self.estimator).chosen.site
        return self.natives.vectors(self.source, self.estimator)[site]

    @functools.cache  # noqa: B019
    def raw(self, target: str) -> Arm:
        """The source's coordinates in the target, with a search of their own.

        Raises:
            UnequalWidths: if the two streams have different widths.
        """
        return self._rebound(target, "raw", "the source's vector, copied raw", raw_transfer)

    @functools.cache  # noqa: B019
    def raw_at_analogous_site(self, target: str) -> Arm:
        """Raw transfer at the same relative depth, at the best dose there: shown, not judged."""
        raw, vectors = self.raw(target), self._copies(target, raw_transfer)
        site = self.analogous_site(target)
        assert raw.search is not None
        vector = vectors[site].at_relative_norm(raw.search.at(site).relative_norm)
        label = "copied raw at the same relative depth"
        return self.assay.arm(target, "raw-analogous", label, vector, DOSES)

    def analogous_site(self, target: str) -> Site:
        """The site of the target at the relative depth of the vector's own."""
        depths = (len(self.laboratory.sites(name)) for name in (self.source, target))
        return analogous(self.vector().site, *depths)

    @functools.cache  # noqa: B019
    def zero_padded(self, target: str) -> Arm:
        """An exploration for unequal widths, never a claim."""
        label = "the source's vector, zero-padded"
        return self._rebound(target, "zero-padded", label, zero_padded)

    @functools.cache  # noqa: B019
    def adapted(self, target: str, regime: Regime, method: str) -> Arm:
        """The source's vector, carried by the regime's adapter."""
        vector, norms = self.vector(), self.laboratory.residual_norms(target)
        adapters = {
            site: self._reader.adapter(
                regime, self.trait.name, self._pair(target), vector.site, site, method
            )
            for site in self.laboratory.sites(target)
        }
        vectors = {
            site: adapter.transport(vector, residual_norm=norms[site])
            for site, adapter in adapters.items()
        }
        found = self.natives.searched(target, f"adapted, {regime.name}", vectors)
        label = f"the vector adapted on {regime.name}"
        arm = self.natives.at_chosen(target, "adapted", label, vectors, found)
        return replace(arm, adapter=adapters[found.chosen.site])

    @functools.cache  # noqa: B019
    def adapted_as_native(self, target: str, regime: Regime, method: str) -> Arm:
        """The source's vector, carried to the source's own site, at the native vector's norm."""
        vector = self.vector()
        adapter = self._reader.adapter(
            regime, self.trait.name, self._pair(target), vector.site, vector.site, method
        )
        norm = self.laboratory.residual_norms(target)[vector.site]
        carried = adapter.transport(vector, residual_norm=norm)
        scaled = carried.at_relative_norm(self.natives.arm(target).chosen_norm)
        label = f"the vector adapted on {regime.name}"
        arm = self.assay.arm(target, "adapted", label, scaled, DOSES)
        return replace(arm, adapter=adapter)

    def _pair(self, target: str) -> Pair:
        return Pair(source=self.source, target=target)

    def _rebound(
        self, target: str, name: str, label: str, rebind: Callable[..., PreferenceVector]
    ) -> Arm:
        vectors = self._copies(target, rebind)
        found = self.natives.searched(target, name, vectors)
        return self.natives.at_chosen(target, name, label, vectors, found)

    def _copies(
        self, target: str, rebind: Callable[..., PreferenceVector]
    ) -> dict[Site, PreferenceVector]:
        norms, width = self.laboratory.residual_norms(target), self.laboratory.models.width(target)
        return {
            site: rebind(self.vector(), own.space, d_model=width, residual_norm=norms[site])
            for site, own in self.natives.vectors(target).items()
        }
