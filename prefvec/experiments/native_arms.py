"""The models' own vectors of a trait, at its judged cell, what they do, and what asking does."""

from dataclasses import replace

from prefvec.diagnostics.adapter_diagnostics import cosine
from prefvec.experiments.arms import Arms
from prefvec.experiments.claims import CAA, Estimator
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.own_vectors import native_vectors, null_vector
from prefvec.experiments.strangers import judged_vectors, strangers
from prefvec.remembered import remembered
from prefvec.statistics.estimates import Estimate
from prefvec.text.measures import Measure
from prefvec.text.traits import POLES, PoleName
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.answered import dose_response, instruction_effect
from prefvec.verdicts.doses import DoseResponse


def own_vectors(arms: Arms, model: str, estimator: Estimator = CAA) -> dict[Site, PreferenceVector]:
    """A model's own vector at every site."""
    return native_vectors(arms.lab, model, arms.trait.name, estimator)


def own_vector(arms: Arms, model: str, estimator: Estimator = CAA) -> PreferenceVector:
    """A model's own vector at the site of its judged cell."""
    return own_vectors(arms, model, estimator)[arms.cell(model).chosen.site]


@remembered
def native(arms: Arms, model: str, estimator: Estimator = CAA) -> Arm:
    """A model's own vector in the model itself."""
    return arms.judged(model, "native", "its own vector", own_vector(arms, model, estimator))


def judged_vector(arms: Arms, model: str, estimator: Estimator = CAA) -> PreferenceVector:
    """What is judged as a model's vector: a stranger's, where a file takes the place of its own."""
    return vectors_to_judge(arms, model, estimator)[arms.cell(model).chosen.site]


def vectors_to_judge(arms: Arms, model: str, estimator: Estimator) -> dict[Site, PreferenceVector]:
    """The same at every site that has one."""
    if estimator != CAA:
        return own_vectors(arms, model, estimator)
    return judged_vectors(arms.lab, model, arms.trait.name)


@remembered
def theirs(arms: Arms, model: str) -> Arm | None:
    """A stranger's vector in the model that it is for; None where there is none."""
    if strangers(arms.lab, model, arms.trait.name) is None:
        return None
    return arms.judged(model, "theirs", "the vector of the file", judged_vector(arms, model))


@remembered
def native_under(arms: Arms, model: str, pole: PoleName) -> Arm:
    """A model's own vector, where every question already asks for one pole of the trait."""
    asked = arms.trait.pole(pole).name
    label = f"its own vector, where {asked} answers are asked for"
    return arms.judged(model, f"native, asked {pole}", label, own_vector(arms, model), under=pole)


@remembered
def null(arms: Arms, model: str) -> Arm:
    """A vector of no trait, at the judged cell: what chance alone finds."""
    vector = null_vector(arms.lab, model, arms.cell(model).chosen.site)
    return arms.judged(model, "null", "a vector of no trait", vector)


@remembered
def baseline(arms: Arms, model: str, measure: Measure) -> dict[PoleName, Estimate]:
    """What asking for either pole, in unseen words, does to a model's answers."""
    plain = arms.unsteered(model)
    return {
        pole: instruction_effect(arms.unsteered(model, pole), plain, measure=measure)
        for pole in POLES
    }


@remembered
def asking(arms: Arms, model: str) -> DoseResponse:
    """Asking for either pole, as if it were a full dose: what a user would do and not steer."""
    poles: tuple[tuple[PoleName, float], ...] = (("negative", -1.0), ("positive", 1.0))
    answers = [
        replace(answer, coefficient=sign, arm="asked")
        for pole, sign in poles
        for answer in arms.unsteered(model, pole)
    ]
    return dose_response(
        answers,
        arms.unsteered(model),
        coherent=coherent(arms.lab, model),
        measure=arms.trait.measure,
        label="asking for either pole",
        false_sentences=arms.lab.material.subject.false_sentences,
    )


def cosine_to_native(arms: Arms, arm: Arm) -> float:
    """The cosine of an arm's vector to the model's own at the same site."""
    return cosine(arm.vector, own_vectors(arms, arm.model)[arm.vector.site])
