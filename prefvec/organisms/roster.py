"""Every organism by name: species, their base checkpoints, and twins."""

from functools import cache
from pathlib import Path

from prefvec.organisms.species import all_species
from prefvec.organisms.twins import TWINS


@cache
def homes() -> dict[str, Path]:
    """Where the weights of each organism are kept; for a twin, those it is made of."""
    found: dict[str, Path] = {}
    for species in all_species().values():
        found[species.name] = species.home
        if species.keep_base:
            found[species.base_home.name] = species.base_home
    return found | {name: found[twin.of] for name, twin in TWINS.items()}
