"""Every organism by name: species, their base checkpoints, and twins. Loads no torch."""

from functools import cache
from pathlib import Path

from prefvec.organisms.species import all_species

TWIN_OF = {"identical-twin": "mini-mistral", "rotated-twin": "mini-mistral"}
"""The organism that each twin is made of (twins.py says how)."""


@cache
def homes() -> dict[str, Path]:
    """Where the weights of each organism are kept; for a twin, those it is made of."""
    found: dict[str, Path] = {}
    for species in all_species().values():
        found[species.name] = species.home
        if species.keep_base:
            found[species.base_home.name] = species.base_home
    return found | {name: found[of] for name, of in TWIN_OF.items()}
