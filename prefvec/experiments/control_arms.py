"""Arms that should do nothing, or something else, at the site and norm of the arm they are for."""

from prefvec.adapters import Adapter
from prefvec.experiments.arms import FULL_DOSE, Arm, Arms
from prefvec.experiments.carried_arms import Transfer, source_vector
from prefvec.experiments.claims import CAA, AdapterMethod
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.readings import Readings
from prefvec.experiments.regimes import Regime
from prefvec.remembered import remembered
from prefvec.text.traits import PoleName
from prefvec.vectors.transfer import raw_transfer
from prefvec.vectors.vector import random_direction


@remembered
def random_directions(arms: Arms, arm: Arm, under: PoleName | None = None) -> list[Arm]:
    """Random directions at an arm's site and norm."""
    options = arms.lab.options
    vectors = {
        f"random-{k}": random_direction(arm.vector, seed=options.seed + 1 + k)
        for k in range(options.n_controls)
    }
    return arms.controls(arm.model, "random direction", vectors, FULL_DOSE, under)


def shuffled_maps(
    arms: Arms, arm: Arm, transfer: Transfer, regime: Regime, method: AdapterMethod
) -> list[Arm]:
    """The source's vector through maps of shuffled pairs, at an arm's site and norm."""
    norm, relative = arm.vector.residual_norm, arm.vector.relative_norm
    vector = source_vector(arms, transfer)
    vectors = {
        f"shuffled-{k}": adapter.transport(vector, residual_norm=norm).at_relative_norm(relative)
        for k, adapter in enumerate(shuffled_adapters(arms, arm, transfer, regime, method))
    }
    return arms.controls(arm.model, "map of shuffled pairs", vectors, FULL_DOSE)


def shuffled_adapters(
    arms: Arms, arm: Arm, transfer: Transfer, regime: Regime, method: AdapterMethod
) -> list[Adapter]:
    """Maps fitted as an adapted arm's own, to shuffled pairs of the same rows."""
    return Readings.of(arms.lab).shuffled_adapters(
        regime,
        arms.trait.name,
        transfer.pair,
        source_vector(arms, transfer).site,
        arm.vector.site,
        method,
    )


def unrelated_concept(arms: Arms, arm: Arm, transfer: Transfer) -> Arm:
    """Another concept's vector the very same way, at the arm's site and norm.

    Args:
        arms: measure it.
        arm: an adapted arm, whose adapter carries it too, or a raw one.
        transfer: whose vector goes where.
    """
    trait = arms.lab.material.another(arms.trait.name)
    vectors = native_vectors(arms.lab, transfer.pair.source, trait, CAA)
    vector = vectors[source_vector(arms, transfer).site]
    if arm.adapter is not None:
        norm = arm.vector.residual_norm
        carried = arm.adapter.transport(vector, residual_norm=norm)
        label = f"{trait}, through the same adapter"
    else:
        carried = raw_transfer(
            vector,
            arm.vector.space,
            d_model=arm.vector.d_model,
            residual_norm=arm.vector.residual_norm,
        )
        label = f"{trait}, copied in the same way"
    scaled = carried.at_relative_norm(arm.vector.relative_norm)
    return arms.arm(arm.model, "unrelated", label, scaled, FULL_DOSE, control=True)
