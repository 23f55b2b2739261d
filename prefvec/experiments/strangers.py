"""A vector out of a file of another tool, judged in the place of the source's own.

The source's own vector still chooses the judged cell, among the blocks for which the file has one,
and still is the positive control.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.exchange.file_hashes import file_hash
from prefvec.exchange.foreign import read_foreign
from prefvec.experiments.claims import CAA
from prefvec.experiments.lab import Lab
from prefvec.experiments.likeness import Likeness, compared
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.options import Options
from prefvec.experiments.own_vectors import native_vectors
from prefvec.models.language_model import LanguageModel
from prefvec.remembered import remembered
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector


@remembered
def strangers(lab: Lab, name: str, trait: str) -> dict[Site, PreferenceVector] | None:
    """The vectors of the run's file, by site; None where a model's own are judged.

    Args:
        lab: whose options name the file.
        name: the model.
        trait: one of the material's traits.

    Raises:
        PrefvecError: see `read_foreign`, and where the file has nothing but the last block's.
    """
    options = lab.options
    if options.vector is None or (name, trait) != (options.sources[0], lab.material.trait.name):
        return None
    norms = residual_norms(lab, name)
    return _read(options, lab.models[name], trait, norms)


def judged_vectors(lab: Lab, name: str, trait: str) -> dict[Site, PreferenceVector]:
    """What is judged as a model's vector: a stranger's where there is one, else its own."""
    found = strangers(lab, name, trait)
    return native_vectors(lab, name, trait, CAA) if found is None else found


def require_readable_vector(options: Options, model: LanguageModel) -> None:
    """Refuse a file that is no vector of a model, before anything is measured.

    Raises:
        PrefvecError: as `strangers` does.
    """
    _read(options, model, "preference", None)


def likeness(lab: Lab, name: str, trait: str) -> Likeness | None:
    """How the run's file stands to the model's own vectors; None where there is no file."""
    found = strangers(lab, name, trait)
    if found is None:
        return None
    return compared(_by_block(found), _by_block(native_vectors(lab, name, trait, CAA)))


def notes(lab: Lab, name: str, trait: str) -> Iterable[str]:
    """What a reader of a claim must know of whose vector was judged."""
    alike = likeness(lab, name, trait)
    if alike is not None:
        yield f"The vector is not {name}'s own but {described(lab.options)}. {alike.sentence()}"


def described(options: Options) -> str:
    """The run's file: its name, its digest and its convention."""
    assert options.vector is not None
    path = Path(options.vector)
    return (
        f"that of {path.name}, sha256 {file_hash(path)[:16]}, read as {options.convention} has it"
    )


def _read(
    options: Options, model: LanguageModel, trait: str, norms: dict[Site, float] | None
) -> dict[Site, PreferenceVector]:
    assert options.vector is not None
    found = read_foreign(
        options.vector,
        convention=options.convention,
        model=model,
        trait=trait,
        residual_norms=norms,
    )
    kept = {site: found.at(site) for site in found.sites if site.layer < model.n_layers - 1}
    if not kept:
        raise PrefvecError(
            f"{options.vector} has a vector for the last block of {model.name} alone. What is "
            "added there is a bias on the logits and no steering: the last block is never judged."
        )
    return kept


def _by_block(vectors: Mapping[Site, PreferenceVector]) -> dict[int, Tensor]:
    return {site.layer: vector.direction for site, vector in vectors.items()}
