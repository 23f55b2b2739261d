"""The models' own vectors of a trait: where and how much of them, and what they do."""

from prefvec.diagnostics.adapter_diagnostics import cosine
from prefvec.experiments.arms import Arm, Arms
from prefvec.experiments.claims import CAA, Estimator
from prefvec.experiments.own_vectors import native_vectors, null_vector
from prefvec.experiments.search import Search, searched
from prefvec.remembered import remembered
from prefvec.statistics.estimates import Estimate
from prefvec.text.measures import Measure
from prefvec.text.traits import POLES, PoleName
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.doses import DOSES, instruction_effect


def own_vectors(arms: Arms, model: str, estimator: Estimator = CAA) -> dict[Site, PreferenceVector]:
    """A model's own vector at every site."""
    return native_vectors(arms.lab, model, arms.trait.name, estimator)


def own_search(arms: Arms, model: str, estimator: Estimator = CAA) -> Search:
    """Site and dose of a model's own vector."""
    return searched(arms.lab, model, "native", own_vectors(arms, model, estimator), arms.trait)


@remembered
def native(arms: Arms, model: str, estimator: Estimator = CAA) -> Arm:
    """A model's own vector in the model itself."""
    found, vectors = own_search(arms, model, estimator), own_vectors(arms, model, estimator)
    return arms.at_chosen(model, "native", "its own vector", vectors, found)


@remembered
def native_at(arms: Arms, model: str, relative_norm: float) -> Arm:
    """A model's own vector at the relative norm of another arm, at its best site for that."""
    found = own_search(arms, model)
    if relative_norm == found.chosen.relative_norm:
        return native(arms, model)
    vector = own_vectors(arms, model)[found.at_norm(relative_norm).site]
    label = f"its own vector at norm {relative_norm:g}"
    return arms.arm(model, "native", label, vector.at_relative_norm(relative_norm), DOSES)


@remembered
def native_under(arms: Arms, model: str, pole: PoleName) -> Arm:
    """A model's own vector, where every question already asks for one pole of the trait."""
    own, asked = native(arms, model), arms.trait.pole(pole).name
    label = f"its own vector, where {asked} answers are asked for"
    return arms.arm(model, f"native, asked {pole}", label, own.vector, DOSES, under=pole)


@remembered
def null(arms: Arms, model: str) -> Arm:
    """A vector of no trait, at the site and norm of the native one: what chance alone finds."""
    own = native(arms, model).vector
    vector = null_vector(arms.lab, model, own.site)
    scaled = vector.at_relative_norm(own.relative_norm)
    return arms.arm(model, "null", "a vector of no trait", scaled, DOSES)


@remembered
def baseline(arms: Arms, model: str, measure: Measure) -> dict[PoleName, Estimate]:
    """What asking for either pole, in unseen words, does to a model's answers."""
    plain = arms.unsteered(model)
    return {
        pole: instruction_effect(arms.unsteered(model, pole), plain, measure=measure)
        for pole in POLES
    }


def cosine_to_native(arms: Arms, arm: Arm) -> float:
    """The cosine of an arm's vector to the model's own at the same site."""
    return cosine(arm.vector, own_vectors(arms, arm.model)[arm.vector.site])
