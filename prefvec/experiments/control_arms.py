"""Arms that should do nothing, or something else, at the judged cell of the arm they are for."""

from collections.abc import Mapping

from torch import Tensor

from prefvec.adapters import Adapter
from prefvec.errors import PrefvecError
from prefvec.experiments.arms import FULL_DOSE, Arms
from prefvec.experiments.carried_arms import Transfer, adapter_of, source_vector
from prefvec.experiments.claims import CAA, AdapterMethod
from prefvec.experiments.dosing import dosed
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.native_arms import judged_vector
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Readings
from prefvec.experiments.regimes import Regime
from prefvec.experiments.seeds import seed_of
from prefvec.experiments.steered_answers import steered_together
from prefvec.remembered import remembered
from prefvec.text.traits import PoleName
from prefvec.vectors.random_directions import signed_permutation
from prefvec.vectors.residual import Site
from prefvec.vectors.transfer import copied_raw
from prefvec.vectors.vector import PreferenceVector


@remembered
def random_directions(arms: Arms, model: str, under: PoleName | None = None) -> list[Arm]:
    """Signed permutations of the model's judged vector: the same for every claim of its trait."""
    return signed_permutations(arms, model, judged_vector(arms, model), under)


def signed_permutations(
    arms: Arms, model: str, vector: PreferenceVector, under: PoleName | None = None
) -> list[Arm]:
    """As many directions at random as there are controls, with the coordinates of a vector.

    Args:
        arms: measure them.
        model: the model that is steered.
        vector: of that model, at its judged site.
        under: the pole that every question asks for already.
    """
    vectors = {
        f"random-{k}": signed_permutation(vector, seed=_seed(arms, model, "test", k))
        for k in range(arms.lab.options.n_controls)
    }
    return controls(arms, model, "random direction", vectors, under)


@remembered
def shuffled_maps(arms: Arms, pair: Pair, regime: Regime, method: AdapterMethod) -> list[Arm]:
    """The source's vector through maps of shuffled pairs: one set for a map.

    However a claim's own vector was found, it is the difference in means that goes through them.
    """
    transfer, target = Transfer.under(regime, pair), pair.target
    vector = source_vector(arms, transfer)
    norm = residual_norms(arms.lab, target)[arms.cell(target).chosen.site]
    vectors = {
        f"shuffled-{k}": adapter.transport(vector, residual_norm=norm)
        for k, adapter in enumerate(shuffled_adapters(arms, transfer, regime, method))
    }
    return controls(arms, target, "map of shuffled pairs", vectors)


@remembered
def random_sources(arms: Arms, pair: Pair, regime: Regime, method: AdapterMethod) -> list[Arm]:
    """Signed permutations of the source's vector, through the real map: one set for a map.

    A map may send everything onto one direction, which does as much whatever it is given.
    """
    transfer, target = Transfer.under(regime, pair), pair.target
    vector = source_vector(arms, transfer)
    adapter = adapter_of(arms, transfer, regime, method)
    norm = residual_norms(arms.lab, target)[adapter.target.site]
    mixed = [
        signed_permutation(vector, seed=_seed(arms, pair.source, "source", k))
        for k in range(arms.lab.options.n_controls)
    ]
    vectors = {
        f"through-map-{k}": adapter.transport(each, residual_norm=norm)
        for k, each in enumerate(mixed)
    }
    return controls(arms, target, "random source direction through the map", vectors)


def shuffled_adapters(
    arms: Arms, transfer: Transfer, regime: Regime, method: AdapterMethod
) -> list[Adapter]:
    """Maps fitted as an adapted arm's own, to shuffled pairs of the same rows."""
    target_site = arms.cell(transfer.pair.target).chosen.site
    place = transfer.pair, source_vector(arms, transfer).site, target_site
    return Readings.of(arms.lab).shuffled_adapters(regime, arms.trait.name, *place, method)


def unrelated_concept(arms: Arms, arm: Arm, transfer: Transfer) -> Arm:
    """Another concept's vector the very same way, at the judged cell.

    Args:
        arms: measure it.
        arm: an adapted arm, whose adapter carries it too, or a raw one.
        transfer: whose vector goes where.
    """
    vector, label = unrelated_vector(arms, arm, transfer)
    scaled = arms.at_kappa(arm.model, vector)
    return arms.arm(arm.model, "unrelated", label, scaled, FULL_DOSE, control=True)


def unrelated_vector(arms: Arms, arm: Arm, transfer: Transfer) -> tuple[PreferenceVector, str]:
    """Another concept's vector at the site of an arm, and how it came there."""
    trait = arms.lab.material.another(arms.trait.name)
    own = native_vectors(arms.lab, transfer.pair.source, trait, CAA)
    vector, norm = own[source_vector(arms, transfer).site], arm.vector.residual_norm
    if arm.adapter is not None:
        carried = arm.adapter.transport(vector, residual_norm=norm)
        return carried, f"{trait}, through the same adapter"
    width = arm.vector.d_model
    copied = copied_raw(vector, arm.vector.space, d_model=width, residual_norm=norm)
    return copied, f"{trait}, copied in the same way"


def controls(
    arms: Arms,
    model: str,
    label: str,
    vectors: Mapping[str, PreferenceVector],
    under: PoleName | None = None,
) -> list[Arm]:
    """Several control vectors at ±κ of the judged cell, on as many prompts as controls are.

    Args:
        arms: measure them.
        model: the model that is steered.
        label: what people read.
        vectors: of the judged site and of any norm, by the arm's key.
        under: the pole that every question asks for already.

    Raises:
        PrefvecError: if two of them point the same way, which would be one control for two, if
            one is of another site, or if one was read from prompts it would be measured on.
    """
    asked = arms.asked(under)
    for each in vectors.values():
        each.require_unseen(asked, f"measuring {label} in {model}")
    _require_distinct(vectors, arms.cell(model).chosen.site)
    options, vectors = arms.lab.options, _at_kappa(arms, model, vectors)
    prompts = asked[: options.control_prompts]
    answers = steered_together(
        arms.lab,
        model,
        vectors,
        prompts,
        coefficients=FULL_DOSE,
        samples=options.control_samples,
        trait=arms.trait.name,
        positions=arms.positions,
    )
    ids = {prompt.id for prompt in prompts}
    plain = [answer for answer in arms.unsteered(model, under) if answer.prompt in ids]
    return [
        arms.compared(answers[name], model, arms.told(label), each, under=under, unsteered=plain)
        for name, each in vectors.items()
    ]


def _at_kappa(
    arms: Arms, model: str, vectors: Mapping[str, PreferenceVector]
) -> dict[str, PreferenceVector]:
    """Each of the vectors at the dose of the judged cell."""
    kappa = arms.cell(model).chosen.kappa
    doses = dosed(arms.lab, model, [*vectors.values()], (kappa,), positions=arms.positions)
    return {name: by[kappa] for name, by in zip(vectors, doses, strict=True)}


def _require_distinct(vectors: Mapping[str, PreferenceVector], site: Site) -> None:
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


def _seed(arms: Arms, model: str, what: str, k: int) -> int:
    """Differs between models, traits and families of controls."""
    return seed_of(arms.lab, model, arms.trait.name, what, k)
