"""A vector out of a file of another tool, judged in the place of the source's own.

The source's own vector still chooses the judged cell, among the blocks for which the file has one,
and still is the positive control.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.exchange.file_hashes import file_hash
from prefvec.exchange.foreign import read_foreign
from prefvec.experiments.claims import CAA
from prefvec.experiments.lab import Lab
from prefvec.experiments.options import Options
from prefvec.experiments.own_vectors import native_vectors
from prefvec.models.language_model import LanguageModel
from prefvec.remembered import remembered
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector

_SHIFTS = (-1, 0, 1)


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How much a file's vectors are like the model's own, at their blocks and beside them.

    Attributes:
        cosines: the mean cosine to the model's own vector as many blocks later, by that number;
            earlier where it is negative.
    """

    cosines: Mapping[int, float]

    @property
    def shift(self) -> int:
        """Where they are most alike, in sign or against it."""
        return max(self.cosines, key=lambda shift: (abs(self.cosines[shift]), shift == 0))

    def sentence(self) -> str:
        """What that says of the convention."""
        here, there = self.cosines[0], self.cosines[self.shift]
        if self.shift == 0:
            return f"At its blocks its mean cosine to the model's own vector is {here:.2f}."
        way = "earlier" if self.shift < 0 else "later"
        return (
            f"It looks shifted by one block: its mean cosine to the model's own vector is "
            f"{here:.2f} at its blocks, and {there:.2f} one block {way}. A vector that is one "
            "block off does not fail but degrades; look whether the convention is that of the tool "
            "that wrote it."
        )


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
    norms = lab.residual_norms(name)
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
    own = native_vectors(lab, name, trait, CAA)
    by_shift: dict[int, float] = {}
    for shift in _SHIFTS:
        beside = [
            float(vector.direction @ own[there].direction)
            for site, vector in found.items()
            for there in _moved(site, shift)
            if there in own
        ]
        if beside:
            by_shift[shift] = sum(beside) / len(beside)
    return Likeness(cosines=by_shift)


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


def _moved(site: Site, by: int) -> tuple[Site, ...]:
    return (Site(site.layer + by, site.point),) if site.layer + by >= 0 else ()
