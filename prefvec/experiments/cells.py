"""The judged cell: the one block and dose at which every arm of a target and trait is written.

It is chosen before any foreign vector is generated, from the target's own vector and random
directions alone, on tuning prompts: the cell with the largest ratio of the native odd part to what
random directions do there. The last block is never eligible, for what is added there is a bias on
the logits. Shares of native then compare like with like.
"""

import hashlib
import math
from dataclasses import replace

from prefvec.experiments.claims import CAA
from prefvec.experiments.dosing import KAPPAS, dosed
from prefvec.experiments.lab import Lab
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.search import Search, Tried, best, search, tuned
from prefvec.organisms.roster import TWIN_OF
from prefvec.remembered import remembered
from prefvec.text.traits import Trait
from prefvec.vectors.random_directions import signed_permutation
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector

FLOOR = 1.5
"""Of D: what the native odd part must reach in an eligible cell."""
DIRECTIONS = 12
"""Random directions that tell what chance does in a cell."""
RANDOM_PROMPTS = 16
"""Tuning prompts that they are tried on: their spread over directions is what counts."""
SAMPLES = 2
"""Answers of the native vector to a tuning prompt, for its coherence at each dose."""
BROKEN = 0.075
"""Share of coherent answers whose loss at one dose spares a block the larger ones."""


def steerable(lab: Lab, name: str) -> list[Site]:
    """Every site of a model but the last block's."""
    return lab.sites(name)[:-1]


@remembered
def judged_cell(lab: Lab, name: str, trait: str) -> Search:
    """Where a trait's arms are written in a model, with all that was tried.

    A twin computes the same function as the organism it is made of, and is judged at its cell.
    Where no cell is eligible, the one at which the native vector does most without breaking
    answers is taken; its own vector is then not likely to pass as a positive control.

    Args:
        lab: where the model answers and reads.
        name: the model.
        trait: one of the material's traits.
    """
    if name in TWIN_OF:
        return judged_cell(lab, TWIN_OF[name], trait)
    known, own = lab.material.traits[trait], native_vectors(lab, name, trait, CAA)
    vectors = {site: own[site] for site in steerable(lab, name)}
    tried = _with_chance(lab, name, trait, vectors, _by_dose(lab, name, known, vectors))
    eligible = [row for row in tried if row.eligible]
    chosen = max(eligible, key=_ratio) if eligible else best(tried)
    return Search(tried=tried, chosen=chosen)


def _by_dose(
    lab: Lab, name: str, trait: Trait, vectors: dict[Site, PreferenceVector]
) -> list[Tried]:
    """The native vector block by block, dose by dose: none larger where one has broken answers."""
    tried: list[Tried] = []
    for kappa in KAPPAS:
        broken = {row.site for row in tried if row.coherence_loss > BROKEN}
        left = {site: vector for site, vector in vectors.items() if site not in broken}
        if not left:
            break
        what = f"{trait.name}, native at κ {kappa:g}"
        found = search(
            lab,
            name,
            what,
            left,
            trait.measure,
            kappas=(kappa,),
            samples=SAMPLES,
        )
        tried += [replace(row, floor=FLOOR * trait.smallest_effect) for row in found.tried]
    return sorted(tried, key=lambda row: (row.site.layer, row.kappa))


def _with_chance(
    lab: Lab, name: str, trait: str, vectors: dict[Site, PreferenceVector], tried: list[Tried]
) -> list[Tried]:
    """The cells with what random directions do in those that are eligible."""
    open_ = [row for row in tried if row.eligible]
    sites = list(dict.fromkeys(row.site for row in open_))
    random = {
        site: [
            signed_permutation(vectors[site], seed=seed_of(lab, name, trait, "cell", site, k))
            for k in range(DIRECTIONS)
        ]
        for site in sites
    }
    doses = {
        site: dosed(lab, name, random[site], [row.kappa for row in open_ if row.site == site])
        for site in sites
    }
    cells = [by_kappa[row.kappa] for row in open_ for by_kappa in doses[row.site]]
    if not cells:
        return tried
    measure = lab.material.traits[trait].measure
    odd = tuned(lab, name, f"{trait}, random", cells, measure, prompts=RANDOM_PROMPTS)
    by_cell = {
        row: math.sqrt(
            sum(each.odd**2 for each in odd[i * DIRECTIONS : (i + 1) * DIRECTIONS]) / DIRECTIONS
        )
        for i, row in enumerate(open_)
    }
    return [replace(row, chance=by_cell.get(row)) for row in tried]


def _ratio(row: Tried) -> float:
    """How far the native effect stands out from chance."""
    assert row.chance is not None
    return row.odd / row.chance if row.chance else math.inf


def seed_of(lab: Lab, *what: object) -> int:
    """The seed of one random draw: of the run's seed and of what it is drawn for."""
    words = "\0".join(str(each) for each in (lab.options.seed, *what))
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:6], "big")
