"""One model's vector in another: copied as it is, padded with zeros, or through an adapter."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from prefvec.experiments.arms import Arm, Arms
from prefvec.experiments.claims import CAA, AdapterMethod, Estimator
from prefvec.experiments.native_arms import native, own_search, own_vectors
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Readings
from prefvec.experiments.regimes import Regime
from prefvec.experiments.search import analogous, searched
from prefvec.remembered import remembered
from prefvec.vectors.residual import Site
from prefvec.vectors.transfer import raw_transfer, zero_padded
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.doses import DOSES


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """Whose vector goes where.

    Attributes:
        pair: the models.
        estimator: how the source's vector is found.
    """

    pair: Pair
    estimator: Estimator = CAA


def prepare(arms: Arms, transfer: Transfer, regime: Regime | None) -> None:
    """Measure all that a transfer needs of the source, while the source is in memory."""
    source, trait = transfer.pair.source, arms.trait.name
    source_vector(arms, transfer)
    native_vectors(arms.lab, source, arms.lab.material.another(trait), CAA)
    if regime is not None:
        Readings.of(arms.lab).prepare(source, regime, trait)


def source_vector(arms: Arms, transfer: Transfer) -> PreferenceVector:
    """The vector that is transferred: the source's own, at the site its search chose."""
    source, estimator = transfer.pair.source, transfer.estimator
    site = own_search(arms, source, estimator).chosen.site
    return own_vectors(arms, source, estimator)[site]


@remembered
def raw(arms: Arms, transfer: Transfer) -> Arm:
    """The source's coordinates in the target, with a search of their own.

    Raises:
        UnequalWidths: if the two streams have different widths.
    """
    return _rebound(arms, transfer, "raw", "the source's vector, copied raw", raw_transfer)


@remembered
def raw_at_analogous_site(arms: Arms, transfer: Transfer) -> Arm:
    """Raw transfer at the same relative depth, at the best dose there: shown, not judged."""
    source, target = transfer.pair.source, transfer.pair.target
    copied, own = raw(arms, transfer), source_vector(arms, transfer)
    vectors = copies(arms, target, own, raw_transfer)
    site = analogous(own.site, *(len(arms.lab.sites(name)) for name in (source, target)))
    assert copied.search is not None
    vector = vectors[site].at_relative_norm(copied.search.at(site).relative_norm)
    label = "copied raw at the same relative depth"
    return arms.arm(target, "raw-analogous", label, vector, DOSES)


@remembered
def padded(arms: Arms, transfer: Transfer) -> Arm:
    """An exploration for unequal widths, never a claim."""
    label = "the source's vector, zero-padded"
    return _rebound(arms, transfer, "zero-padded", label, zero_padded)


@remembered
def adapted(arms: Arms, transfer: Transfer, regime: Regime, method: AdapterMethod) -> Arm:
    """The source's vector, carried by the regime's adapter."""
    lab, target = arms.lab, transfer.pair.target
    vector, norms = source_vector(arms, transfer), lab.residual_norms(target)
    place = regime, arms.trait.name, transfer.pair, vector.site
    adapters = {site: Readings.of(lab).adapter(*place, site, method) for site in lab.sites(target)}
    vectors = {
        site: adapter.transport(vector, residual_norm=norms[site])
        for site, adapter in adapters.items()
    }
    found = searched(lab, target, f"adapted, {regime.name}", vectors, arms.trait)
    label = f"the vector adapted on {regime.name}"
    arm = arms.at_chosen(target, "adapted", label, vectors, found)
    return replace(arm, adapter=adapters[found.chosen.site])


@remembered
def adapted_as_native(arms: Arms, transfer: Transfer, regime: Regime, method: AdapterMethod) -> Arm:
    """The source's vector, carried to the source's own site, at the native vector's norm."""
    lab, target = arms.lab, transfer.pair.target
    vector = source_vector(arms, transfer)
    place = regime, arms.trait.name, transfer.pair, vector.site
    adapter = Readings.of(lab).adapter(*place, vector.site, method)
    norm = lab.residual_norms(target)[vector.site]
    carried = adapter.transport(vector, residual_norm=norm)
    scaled = carried.at_relative_norm(native(arms, target).chosen_norm)
    label = f"the vector adapted on {regime.name}"
    return replace(arms.arm(target, "adapted", label, scaled, DOSES), adapter=adapter)


def copies(
    arms: Arms, target: str, vector: PreferenceVector, rebind: Callable[..., PreferenceVector]
) -> dict[Site, PreferenceVector]:
    """A vector's coordinates at every site of another model.

    Args:
        arms: whose trait the vector is of.
        target: the other model.
        vector: whose coordinates.
        rebind: puts coordinates into another space.
    """
    norms, width = arms.lab.residual_norms(target), arms.lab.models.width(target)
    return {
        site: rebind(vector, own.space, d_model=width, residual_norm=norms[site])
        for site, own in own_vectors(arms, target).items()
    }


def _rebound(
    arms: Arms, transfer: Transfer, name: str, label: str, rebind: Callable[..., PreferenceVector]
) -> Arm:
    target = transfer.pair.target
    vectors = copies(arms, target, source_vector(arms, transfer), rebind)
    found = searched(arms.lab, target, name, vectors, arms.trait)
    return arms.at_chosen(target, name, label, vectors, found)
