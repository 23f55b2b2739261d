"""Every organism by name: species, their base checkpoints, and twins. Loads no torch."""

from functools import cache
from pathlib import Path

from prefvec.organisms.species import all_species

ROTATED = tuple(f"rotated-twin-{k}" for k in range(1, 9))
"""Rotated twins that differ in their rotation alone: one is one draw, and known answers are
averages. The first is the twin that is called "rotated-twin", too."""

OF_ORGANISMS = dict.fromkeys(("identical-twin", "rotated-twin", *ROTATED), "mini-mistral")
"""The organism that each twin of one is made of (twins.py says how)."""

REAL = "smollm2-135m-instruct"
"""The model in use, an alias of the registry, of which there are twins, too."""
REAL_IDENTICAL = "smollm2-identical-twin"
REAL_ROTATED = ("smollm2-rotated-twin-1", "smollm2-rotated-twin-2")
"""Fewer than of the organism: each takes thousands of answers of 160 tokens."""

TWIN_OF = OF_ORGANISMS | dict.fromkeys((REAL_IDENTICAL, *REAL_ROTATED), REAL)
"""The model that each twin is made of."""


@cache
def homes() -> dict[str, Path]:
    """Where the weights of each organism are kept; for a twin, those it is made of."""
    found: dict[str, Path] = {}
    for species in all_species().values():
        found[species.name] = species.home
        if species.keep_base:
            found[species.base_home.name] = species.base_home
    return found | {name: found[of] for name, of in OF_ORGANISMS.items()}


def trained(name: str) -> bool:
    """Whether an organism's weights are there; for a twin, those it is made of."""
    return (homes()[name] / "model.safetensors").exists()


def kin_of(name: str) -> str:
    """What a model shares with those that differ from it in a seed alone.

    Organisms of one architecture and budget share their first species, rotated twins that they
    are rotated; any other model is by itself.

    Example:
        >>> kin_of("mini-llama-b"), kin_of("rotated-twin-3"), kin_of("mini-llama-deaf")
        ('mini-llama', 'rotated-twin', 'mini-llama-deaf')
    """
    if name in ROTATED:
        return "rotated-twin"
    species = all_species().get(name)
    return species.kin if species is not None else name
