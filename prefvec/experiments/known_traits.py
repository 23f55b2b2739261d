"""The traits that come with the suite, and the one that a run is about."""

import difflib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.experiments.subject import EVERY_SUBJECT, Subject
from prefvec.text.trait_files import load_trait, plain
from prefvec.text.traits import Trait

DEFAULT = "verbosity"
"""The trait of a run that names none."""


@cache
def traits_of(subject: Subject) -> dict[str, Trait]:
    """The traits that come with the suite for a subject, by name and in its order."""
    return {path.stem: _load(path, subject) for path in sorted(subject.traits.glob("*.toml"))}


def trait_of(asked: str | None, subject: Subject) -> Trait:
    """The trait that a run is about.

    Args:
        asked: a trait's name, or a path that ends in .toml or has a slash; None for verbosity.
        subject: what the run's models are asked about.

    Raises:
        PrefvecError: if there is no such trait, or its file is not as it must be.
    """
    known, name = traits_of(subject), asked or DEFAULT
    if is_file(name):
        path = Path(name).expanduser()
        own = _load(path, subject)
        _require_of_its_own(path, own, known)
        return own
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        meant = f" Did you mean {close[0]}?" if close else ""
        raise PrefvecError(
            f"There is no trait {name!r} for {subject.called} ({', '.join(known)})."
            f"{_elsewhere(name, subject)}{meant} Give one of these names, or the path of a TOML "
            "file of your own."
        )
    return known[name]


def is_file(asked: str) -> bool:
    """Whether `--trait` names a file and not a trait that comes with the suite."""
    return asked.endswith(".toml") or "/" in asked


def _elsewhere(name: str, subject: Subject) -> str:
    """That another subject has a trait, where one does."""
    others = (other for other in EVERY_SUBJECT if other is not subject)
    having = [other.called for other in others if name in traits_of(other)]
    return f" It is a trait of {having[0]} alone." if having else ""


def _load(path: Path, subject: Subject) -> Trait:
    return load_trait(path, subject.measures, elsewhere=subject.measures_elsewhere)


def _require_of_its_own(path: Path, own: Trait, known: Mapping[str, Trait]) -> None:
    """No other trait asks in its words: what must not read it would read them."""
    words = set(_asking(own))
    for trait in known.values():
        if trait.name != own.name and (shared := words & set(_asking(trait))):
            raise PrefvecError(
                f"{path} asks in words of the trait {trait.name!r}, which comes with the suite "
                f"({min(shared)!r}). Adapters that must not read your trait may read that one, "
                f"and it may be a control. Set name = {trait.name!r} to put yours in its place, "
                "or reword it."
            )


def _asking(trait: Trait) -> list[str]:
    return [
        plain(text)
        for pole in (trait.positive, trait.negative)
        for text in (*pole.extraction, *pole.held_out)
    ]
