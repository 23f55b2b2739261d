"""The judged cell: the one block and dose at which every arm of a target and trait is written.

It is chosen before any foreign vector is generated, from the target's own vector and random
directions alone, on tuning prompts: the cell with the largest ratio of the native odd part to what
random directions do there. The last block is never eligible, for what is added there is a bias on
the logits. Shares of native then compare like with like.
"""

from collections.abc import Mapping
from dataclasses import replace

from prefvec.experiments.chance import furthest, with_chance
from prefvec.experiments.claims import CAA
from prefvec.experiments.coarse_to_fine import coarse_to_fine
from prefvec.experiments.dosing import KAPPAS
from prefvec.experiments.lab import Lab
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.search import BROKEN, FLOOR, SAMPLES, Search, Tried, search
from prefvec.experiments.strangers import strangers
from prefvec.remembered import remembered
from prefvec.text.traits import Trait
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector

MANY_BLOCKS = 12
"""Of a model with more, cells are not all tried: 29 blocks would take 21,000 answers to the suite's
own questions before the first random direction, hours on two cores."""


def steerable(lab: Lab, name: str) -> list[Site]:
    """Every site of a model but the last block's."""
    return lab.sites(name)[:-1]


@remembered
def judged_cell(lab: Lab, name: str, trait: str) -> Search:
    """Where a trait's arms are written in a model, with all that was tried.

    A twin computes the same function as the model it is made of, and a quantised model nearly so:
    they are judged at its cell.
    Where another tool's file is judged, it is chosen among the file's blocks.
    Models of many blocks are searched from coarse to fine, others cell by cell.

    Args:
        lab: where the model answers and reads.
        name: the model.
        trait: one of the material's traits.
    """
    if lab.chosen_by is not None:
        return judged_cell(lab.chosen_by, name, trait)
    original = lab.models.original(name)
    if original != name:
        return judged_cell(lab, original, trait)
    own = native_vectors(lab, name, trait, CAA)
    theirs = strangers(lab, name, trait)
    vectors = {site: own[site] for site in steerable(lab, name) if theirs is None or site in theirs}
    return searched(lab, name, trait, vectors)


def searched(lab: Lab, name: str, trait: str, vectors: Mapping[Site, PreferenceVector]) -> Search:
    """The cell where vectors stand out most: from coarse to fine, or cell by cell.

    Args:
        lab: where the model answers and reads.
        name: the model, of many blocks or of few.
        trait: one of the material's traits.
        vectors: of the model, at every site that may be chosen.
    """
    way = coarse_to_fine if len(lab.sites(name)) > MANY_BLOCKS else full_grid
    return way(lab, name, trait, vectors)


def full_grid(lab: Lab, name: str, trait: str, vectors: Mapping[Site, PreferenceVector]) -> Search:
    """Every block and dose, on the whole tuning split.

    Args:
        lab: where the model answers and reads.
        name: the model.
        trait: one of the material's traits.
        vectors: of the model, at every site that may be chosen.
    """
    cells = _by_dose(lab, name, lab.material.traits[trait], vectors)
    tried = with_chance(lab, name, trait, vectors, cells)
    return Search(tried=tried, chosen=furthest(tried))


def _by_dose(
    lab: Lab, name: str, trait: Trait, vectors: Mapping[Site, PreferenceVector]
) -> list[Tried]:
    """A vector block by block, dose by dose: none larger where one has broken answers."""
    tried: list[Tried] = []
    for kappa in KAPPAS:
        broken = {row.site for row in tried if row.coherence_loss > BROKEN}
        left = {site: vector for site, vector in vectors.items() if site not in broken}
        if not left:
            break
        what = f"{trait.name}, every block at κ {kappa:g}"
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
