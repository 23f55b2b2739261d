"""What random directions do in the cells that could be judged, and the cell furthest beyond it.

A random direction is a signed permutation of the model's own vector at the cell's block, at the
cell's disturbance.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from prefvec.experiments.dosing import dosed_each
from prefvec.experiments.lab import Lab
from prefvec.experiments.search import Tried, best, tuned
from prefvec.experiments.seeds import seed_of
from prefvec.vectors.random_directions import signed_permutation
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector

DIRECTIONS = 12
"""Random directions that tell what chance does in a cell."""


def with_chance(
    lab: Lab,
    name: str,
    trait: str,
    vectors: Mapping[Site, PreferenceVector],
    tried: Sequence[Tried],
) -> list[Tried]:
    """The cells with what random directions do in those that are eligible.

    Args:
        lab: where the model answers and reads.
        name: the model.
        trait: one of the material's traits.
        vectors: the model's own, at every site that was tried.
        tried: the cells.
    """
    open_ = [row for row in tried if row.eligible]
    cells = _random_in(lab, name, trait, vectors, open_)
    if not cells:
        return list(tried)
    measure = lab.material.traits[trait].measure
    few = lab.options.random_prompts
    odd = tuned(lab, name, f"{trait}, random", cells, measure, prompts=few)
    by_cell = {
        row: math.sqrt(
            sum(each.odd**2 for each in odd[i * DIRECTIONS : (i + 1) * DIRECTIONS]) / DIRECTIONS
        )
        for i, row in enumerate(open_)
    }
    return [replace(row, chance=by_cell.get(row)) for row in tried]


def furthest(tried: Sequence[Tried]) -> Tried:
    """The eligible cell whose native effect stands out most from chance; else `search.best`.

    Where no cell is eligible, the one at which the native vector does most without breaking
    answers is taken; its own vector is then not likely to pass as a positive control.
    """
    eligible = [row for row in tried if row.eligible]
    return max(eligible, key=ratio) if eligible else best(tried)


def _random_in(
    lab: Lab,
    name: str,
    trait: str,
    vectors: Mapping[Site, PreferenceVector],
    cells: Sequence[Tried],
) -> list[PreferenceVector]:
    """The random directions of each cell at its dose, cell by cell."""
    random = {
        site: [
            signed_permutation(vectors[site], seed=seed_of(lab, name, trait, "cell", site, k))
            for k in range(DIRECTIONS)
        ]
        for site in dict.fromkeys(row.site for row in cells)
    }
    return dosed_each(lab, name, [(v, row.kappa) for row in cells for v in random[row.site]])


def ratio(row: Tried) -> float:
    """How far the native effect stands out from chance."""
    assert row.chance is not None
    return row.odd / row.chance if row.chance else math.inf
