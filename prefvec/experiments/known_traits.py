"""The traits that come with the suite, and the one that a run is about."""

import difflib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.organisms import TRAITS
from prefvec.organisms.measures import ORGANISM_MEASURES
from prefvec.shipped import SHIPPED
from prefvec.text.measures import MEASURES
from prefvec.text.trait_files import load_trait, plain
from prefvec.text.traits import Trait

DEFAULT = "verbosity"
"""The trait of a run that names none."""


@cache
def traits_of(organisms: bool) -> dict[str, Trait]:
    """The traits that come with the suite, by name and in its order, for one kind of models."""
    folder = TRAITS if organisms else SHIPPED / "traits"
    return {path.stem: _load(path, organisms) for path in sorted(folder.glob("*.toml"))}


def trait_of(asked: str | None, *, organisms: bool) -> Trait:
    """The trait that a run is about.

    Args:
        asked: a trait's name, or a path that ends in .toml or has a slash; None for verbosity.
        organisms: whether the run's models are organisms.

    Raises:
        PrefvecError: if there is no such trait, or its file is not as it must be.
    """
    known, name = traits_of(organisms), asked or DEFAULT
    if is_file(name):
        path = Path(name).expanduser()
        own = _load(path, organisms)
        _require_of_its_own(path, own, known)
        return own
    if name not in known:
        kind = "the organisms" if organisms else "real models"
        close = difflib.get_close_matches(name, known, n=1)
        meant = f" Did you mean {close[0]}?" if close else ""
        other = " It is one of the organisms' alone." if name in traits_of(True) else ""
        raise PrefvecError(
            f"There is no trait {name!r} for {kind} ({', '.join(known)}).{other}{meant} Give one "
            "of these names, or the path of a TOML file of your own."
        )
    return known[name]


def is_file(asked: str) -> bool:
    """Whether `--trait` names a file and not a trait that comes with the suite."""
    return asked.endswith(".toml") or "/" in asked


def _load(path: Path, organisms: bool) -> Trait:
    if organisms:
        return load_trait(path, ORGANISM_MEASURES)
    return load_trait(path, MEASURES, elsewhere=ORGANISM_MEASURES.keys() - MEASURES.keys())


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
