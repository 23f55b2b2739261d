"""Doses that were solved for before, kept in files beside the completions."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from prefvec.experiments.kept_tables import load, save
from prefvec.experiments.what_is_read import digest_of_reading
from prefvec.generation.disturbance import at_disturbance
from prefvec.models.decisive import LOADED_AND_SPOKEN_TO
from prefvec.models.language_model import LanguageModel
from prefvec.text.verbatim import Said
from prefvec.vectors.vector import PreferenceVector
from prefvec.vocabulary import Positions

DECIDES = (
    *LOADED_AND_SPOKEN_TO,
    "prefvec.experiments.kept_doses",
    "prefvec.generation.batches",
    "prefvec.generation.cache",
    "prefvec.generation.decoding",
    "prefvec.generation.disturbance",
    "prefvec.generation.dose_search",
    "prefvec.generation.lanes",
    "prefvec.generation.nearby",
    "prefvec.generation.noise",
    "prefvec.generation.perplexity",
    "prefvec.generation.teacher_forcing",
    "prefvec.vectors.partial_passes",
    "prefvec.vectors.steering",
)
"""Modules that decide what a dose is. When one of them changes, doses are solved for again."""

TOGETHER = 24
"""Vectors that are solved for side by side: what an interrupt loses."""


def kept_doses(
    folder: Path,
    model: LanguageModel,
    turns: Sequence[Said],
    vectors: Sequence[PreferenceVector],
    kappas: Sequence[float],
    *,
    most: int,
    positions: Positions = "answer",
    progress: Callable[[int, int], None],
) -> list[dict[float, PreferenceVector]]:
    """What `at_disturbance` finds, from the file of an earlier call where there is one.

    There is one file for a model, the turns that it reads and the positions at which vectors are
    added. It grows with every few vectors.

    Args:
        folder: where the files are; made when first written to.
        model: the model that is disturbed.
        turns: what it reads.
        vectors: of that model.
        kappas: in nats.
        most: tokens of an answer that are read.
        positions: where vectors are added.
        progress: told how many vectors are done, of how many.

    Raises:
        PrefvecError: as `at_disturbance` does; what was found before is in the file.
    """
    what = most if positions == "answer" else [most, positions]
    path = folder / f"{digest_of_reading(what, model, turns, DECIDES)}.json"
    names = [direction_of(vector) for vector in vectors]
    wanted = {repr(kappa) for kappa in kappas}
    norms = load(path)
    lacking = {
        name: vector
        for name, vector in zip(names, vectors, strict=True)
        if not wanted <= norms.get(name, {}).keys()
    }
    waiting = list(lacking.items())
    for start in range(0, len(waiting), TOGETHER):
        progress(len(vectors) - len(waiting) + start, len(vectors))
        some = waiting[start : start + TOGETHER]
        unsolved = [vector for _, vector in some]
        dosed = at_disturbance(model, turns, unsolved, kappas, most=most, positions=positions)
        for (name, _), found in zip(some, dosed, strict=True):
            solved = {repr(kappa): vector.norm for kappa, vector in found.items()}
            norms[name] = norms.get(name, {}) | solved
        save(path, norms)
    progress(len(vectors), len(vectors))
    return [
        {kappa: replace(vector, norm=norms[name][repr(kappa)]) for kappa in kappas}
        for name, vector in zip(names, vectors, strict=True)
    ]


def direction_of(vector: PreferenceVector) -> str:
    """Names where a vector points and where it is added, whatever its norm."""
    where = f"{vector.model} {vector.site} {vector.residual_norm!r}".encode()
    return hashlib.sha256(where + vector.direction.numpy().tobytes()).hexdigest()
