"""One model's vector in another: copied as it is, padded with zeros, or through an adapter."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from prefvec.adapters import Adapter, AnchorAdapter, canonical
from prefvec.errors import PrefvecError
from prefvec.experiments.arms import FULL_DOSE, Arms
from prefvec.experiments.claims import CAA, AdapterMethod, Estimator
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.native_arms import (
    judged_vector,
    own_vector,
    own_vectors,
    vectors_to_judge,
)
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Readings
from prefvec.experiments.regimes import Regime
from prefvec.experiments.search import analogous
from prefvec.remembered import remembered
from prefvec.vectors.residual import Site
from prefvec.vectors.transfer import copied_raw, zero_padded
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.doses import DOSES


class NoSuchBlock(PrefvecError):  # noqa: N818 - a fact about the pair, not a mistake
    """The source of a transfer between blocks of the same number has too few blocks for it."""


Rebind = Callable[..., PreferenceVector]
"""Puts a vector's coordinates into another space."""


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """Whose vector goes where.

    Attributes:
        pair: the models.
        estimator: how the source's vector is found.
        same_block: whether it is that of the block with the number of the target's judged one.
    """

    pair: Pair
    estimator: Estimator = CAA
    same_block: bool = False

    @classmethod
    def under(cls, regime: Regime | None, pair: Pair, estimator: Estimator = CAA) -> "Transfer":
        """As a regime has it, where there is one."""
        same = regime is not None and regime.same_block
        return cls(pair=pair, estimator=estimator, same_block=same)


def prepare(arms: Arms, transfer: Transfer, regime: Regime | None) -> None:
    """Measure all that a transfer needs of the source, while the source is in memory."""
    source, trait = transfer.pair.source, arms.trait.name
    if transfer.same_block:  # which it is, the target tells
        vectors_to_judge(arms, source, transfer.estimator)
    else:
        source_vector(arms, transfer)
    native_vectors(arms.lab, source, arms.lab.material.another(trait), CAA)
    if regime is not None:
        Readings.of(arms.lab).prepare(source, regime, trait)


def source_vector(arms: Arms, transfer: Transfer) -> PreferenceVector:
    """The vector that is transferred: the source's, at the site of its own judged cell.

    Or of the target's, for a transfer between blocks of the same number.

    Raises:
        NoSuchBlock: if the source has no block of that number.
    """
    pair = transfer.pair
    if not transfer.same_block:
        return judged_vector(arms, pair.source, transfer.estimator)
    site = arms.cell(pair.target).chosen.site
    vectors = vectors_to_judge(arms, pair.source, transfer.estimator)
    if site not in vectors:
        raise NoSuchBlock(
            f"Transfer between blocks of the same number is undefined here: {pair.target} is "
            f"judged at its block {site.layer}, counted from 0, and {pair.source} has a vector at "
            f"{len(vectors)} blocks, none of which has that number."
        )
    return vectors[site]


@remembered
def raw(arms: Arms, transfer: Transfer) -> Arm:
    """The source's coordinates in the target.

    Raises:
        UnequalWidths: if the two streams have different widths.
    """
    vector = rebound(arms, transfer, copied_raw)
    return arms.judged(transfer.pair.target, "raw", "the source's vector, copied raw", vector)


@remembered
def raw_at_analogous_site(arms: Arms, transfer: Transfer) -> Arm:
    """Raw transfer at the same relative depth and the same disturbance: shown, not judged."""
    source, target = transfer.pair.source, transfer.pair.target
    own = source_vector(arms, transfer)
    site = analogous(own.site, *(len(arms.lab.sites(name)) for name in (source, target)))
    vector = arms.at_kappa(target, rebound(arms, transfer, copied_raw, site))
    label = "copied raw at the same relative depth"
    arm = arms.arm(target, "raw-analogous", label, vector, DOSES)
    return replace(arm, kappa=arms.cell(target).chosen.kappa)


@remembered
def raw_at_equal_norm(arms: Arms, transfer: Transfer) -> Arm:
    """Raw transfer at the relative norm of the target's own vector: shown, not judged."""
    target = transfer.pair.target
    norm = arms.at_kappa(target, own_vector(arms, target)).relative_norm
    vector = rebound(arms, transfer, copied_raw).at_relative_norm(norm)
    label = "copied raw at the norm of its own vector"
    return arms.arm(target, "raw-equal-norm", label, vector, DOSES)


@remembered
def padded(arms: Arms, transfer: Transfer) -> Arm:
    """An exploration for unequal widths, never a claim."""
    vector = rebound(arms, transfer, zero_padded)
    return arms.judged(
        transfer.pair.target, "zero-padded", "the source's vector, zero-padded", vector
    )


@remembered
def adapted(arms: Arms, transfer: Transfer, regime: Regime, method: AdapterMethod) -> Arm:
    """The source's vector, carried by the regime's adapter."""
    lab, target = arms.lab, transfer.pair.target
    adapter = adapter_of(arms, transfer, regime, method)
    norm = residual_norms(lab, target)[adapter.target.site]
    vector = adapter.transport(source_vector(arms, transfer), residual_norm=norm)
    arm = arms.judged(target, "adapted", f"the vector adapted on {regime.name}", vector)
    return replace(arm, adapter=adapter)


@remembered
def adapted_together(arms: Arms, target: str, sources: tuple[str, ...], regime: Regime) -> Arm:
    """The mean vector of several sources, told by anchors and made again from the target's."""
    transfers = [Transfer.under(regime, Pair(source=name, target=target)) for name in sources]
    adapters = [adapter_of(arms, transfer, regime, "anchors") for transfer in transfers]
    vector = canonical(
        [adapter for adapter in adapters if isinstance(adapter, AnchorAdapter)],
        [source_vector(arms, transfer) for transfer in transfers],
        residual_norm=residual_norms(arms.lab, target)[arms.cell(target).chosen.site],
    )
    label = f"the mean vector of {len(sources)} sources, by anchors on {regime.name}"
    return arms.judged(target, "adapted", label, vector)


@remembered
def target_only(arms: Arms, transfer: Transfer, regime: Regime) -> Arm | None:
    """What the regime's rows alone give the target, labelled: no source and no map.

    None where no row asks for the trait.
    """
    target = transfer.pair.target
    site = arms.cell(target).chosen.site
    vector = Readings.of(arms.lab).target_only(regime, arms.trait.name, target, site)
    if vector is None:
        return None
    label = f"the target's own difference over the exposed rows of {regime.name}"
    arm = arms.arm(target, "target-only", label, arms.at_kappa(target, vector), FULL_DOSE)
    return replace(arm, kappa=arms.cell(target).chosen.kappa)


def adapter_of(arms: Arms, transfer: Transfer, regime: Regime, method: AdapterMethod) -> Adapter:
    """The map from the source's site to that of the target's judged cell."""
    site = arms.cell(transfer.pair.target).chosen.site
    place = transfer.pair, source_vector(arms, transfer).site, site
    return Readings.of(arms.lab).adapter(regime, arms.trait.name, *place, method)


def rebound(
    arms: Arms, transfer: Transfer, rebind: Rebind, site: Site | None = None
) -> PreferenceVector:
    """The source's coordinates at a site of the target; at its judged cell's when None."""
    target = transfer.pair.target
    site = site or arms.cell(target).chosen.site
    return copies(arms, target, source_vector(arms, transfer), rebind)[site]


def copies(
    arms: Arms, target: str, vector: PreferenceVector, rebind: Rebind
) -> dict[Site, PreferenceVector]:
    """A vector's coordinates at every site of another model.

    Args:
        arms: whose trait the vector is of.
        target: the other model.
        vector: whose coordinates.
        rebind: puts coordinates into another space.
    """
    norms, width = residual_norms(arms.lab, target), arms.lab.models.width(target)
    return {
        site: rebind(vector, own.space, d_model=width, residual_norm=norms[site])
        for site, own in own_vectors(arms, target).items()
    }
