"""Train organisms from scratch: `python -m prefvec.organisms.train [NAME ...]`.

What is finished is not trained again: neither an organism whose weights and card are there, made
of the same species entry by the same code, nor the first stage of one that was cut off.
"""

import argparse
import shutil
from collections.abc import Callable, Sequence

import torch

from prefvec.organisms.acceptance import write_cards
from prefvec.organisms.finished import finished, first_stage
from prefvec.organisms.species import Species, all_species
from prefvec.organisms.training import train


def main(words: Sequence[str] | None = None) -> None:
    """Train the named organisms, or all of them, and measure each."""
    parser = argparse.ArgumentParser(description="Train organisms from scratch.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="organisms; all unless told")
    parser.add_argument("--threads", type=int, help="CPU threads; all cores unless told")
    parser.add_argument(
        "--anew", action="store_true", help="train again what is finished, both stages"
    )
    arguments = parser.parse_args(words)
    unknown = set(arguments.names) - set(all_species())
    if unknown:
        parser.error(
            f"no such organism: {', '.join(unknown)}; choose from {', '.join(all_species())}"
        )
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    for name in arguments.names or all_species():
        made = make(all_species()[name], anew=arguments.anew)
        if not made:
            print(f"{name} is finished; --anew trains it again.", flush=True)


def make(
    species: Species,
    *,
    anew: bool,
    by: Callable[[Species], None] = train,
    measured_by: Callable[[Species], object] = write_cards,
) -> bool:
    """Train and measure one species, unless it is finished. Returns whether it was not.

    Args:
        species: which.
        anew: whether it is trained even so, from its first stage on.
        by: trains it.
        measured_by: writes the cards of its checkpoints.
    """
    if finished(species) and not anew:
        return False
    if anew:
        shutil.rmtree(first_stage(species), ignore_errors=True)
    by(species)
    measured_by(species)
    return True


if __name__ == "__main__":
    main()
