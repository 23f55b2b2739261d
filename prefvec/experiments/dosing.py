"""Equal disturbance: how much of each vector is one dose.

A dose is κ, by how much steering changes the model's next-token distributions on its own unsteered
answers to tuning prompts (`generation.disturbance`). At equal κ a random direction disturbs as much
as the vector it is held against; at equal norm it may disturb six times as much.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from prefvec.experiments.kept_doses import direction_of
from prefvec.experiments.lab import Lab, of_models
from prefvec.experiments.options import TURNS_READ
from prefvec.experiments.steered_answers import steered
from prefvec.remembered import recalled
from prefvec.text.verbatim import Said
from prefvec.vectors.vector import PreferenceVector
from prefvec.vocabulary import Positions

KAPPAS = (0.015, 0.03, 0.05, 0.15, 0.5)
"""The grid of doses, in nats. The protocol's has three, from 0.05: organisms, whose next tokens are
nearly certain, lose 6 to 13 points of coherence there in most blocks (seen on tuning prompts)."""
TOKENS_READ = 32
"""Of each of them, from its first."""


def dosed(
    lab: Lab,
    name: str,
    vectors: Sequence[PreferenceVector],
    kappas: Sequence[float],
    *,
    turns: int | None = None,
    positions: Positions = "answer",
) -> list[Mapping[float, PreferenceVector]]:
    """Each vector at the norms at which it disturbs a model by each κ.

    What was solved for once in a session is known from then on.

    Args:
        lab: where the model answers and reads.
        name: the model.
        vectors: of that model.
        kappas: in nats.
        turns: unsteered answers that κ is the mean over; None takes those that all arms have.
        positions: where the vectors are added.

    Raises:
        PrefvecError: if a vector cannot disturb the model so much.
    """
    turns = turns or lab.options.dosing_turns
    known: dict[str, dict[float, float]] = recalled(
        lab.models, ("norms by κ", name, turns, positions), dict
    )
    keys = [direction_of(vector) for vector in vectors]
    lacking = {
        key: vector
        for key, vector in zip(keys, vectors, strict=True)
        if not set(kappas) <= known.get(key, {}).keys()
    }
    if lacking:
        found = lab.at_disturbance(
            name,
            read_unsteered(lab, name)[:turns],
            list(lacking.values()),
            kappas,
            most=TOKENS_READ,
            positions=positions,
        )
        for key, by_kappa in zip(lacking, found, strict=True):
            norms = {kappa: vector.norm for kappa, vector in by_kappa.items()}
            known[key] = known.get(key, {}) | norms
    return [
        {kappa: replace(vector, norm=known[key][kappa]) for kappa in kappas}
        for key, vector in zip(keys, vectors, strict=True)
    ]


def dosed_each(
    lab: Lab, name: str, vectors: Sequence[tuple[PreferenceVector, float]]
) -> list[PreferenceVector]:
    """Each vector at a κ of its own; those of one κ are solved for together.

    Args:
        lab: where the model reads.
        name: the model.
        vectors: of that model, each with its κ in nats.

    Raises:
        PrefvecError: if a vector cannot disturb the model so much.
    """
    at_kappa = {
        kappa: iter(dosed(lab, name, [vector for vector, of in vectors if of == kappa], (kappa,)))
        for kappa in dict.fromkeys(kappa for _, kappa in vectors)
    }
    return [next(at_kappa[kappa])[kappa] for _, kappa in vectors]


@of_models
def read_unsteered(lab: Lab, name: str) -> list[Said]:
    """The first unsteered tuning answers that a model did not leave empty, as it wrote them."""
    prompts = lab.material.splits["tuning"]
    written = steered(lab, name, "unsteered", None, prompts)
    writer = lab.models[name].fingerprint
    turns: list[Said] = [
        (prompt, answer.as_written_by(writer))
        for prompt, answer in zip(prompts, written, strict=True)
        if answer.text
    ]
    return turns[:TURNS_READ]
