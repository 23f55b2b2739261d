"""Seeds of what a run draws: of its own seed, and of what is drawn for."""

import hashlib

from prefvec.experiments.lab import Lab


def seed_of(lab: Lab, *what: object) -> int:
    """The seed of one random draw: of the run's seed and of what it is drawn for."""
    words = "\0".join(str(each) for each in (lab.options.seed, *what))
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:6], "big")
