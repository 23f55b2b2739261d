"""Which block of the target belongs to which of the source: every pair of them, and two guesses."""

from typing import Any

import numpy as np
from torch import Tensor

from prefvec.diagnostics.similarity import cka_table, matched
from prefvec.experiments.arms import FEW_PROMPTS, Arm
from prefvec.experiments.explorations.look import Look
from prefvec.experiments.measured import Measured
from prefvec.experiments.regimes import EXPOSED
from prefvec.experiments.search import analogous, search
from prefvec.vectors.residual import Site
from prefvec.verdicts.assessment import not_applicable


def layers(look: Look) -> Measured:
    """That the block most similar by CKA is a better place than the one at the same depth.

    Of every source block the vector is carried to the block of either guess, and the per-prompt
    odd parts are averaged over the source blocks. The heat map is of the tuning split.
    """
    ours, theirs = (look.lab.sites(name) for name in (look.pair.source, look.pair.target))
    grid = np.array([_row(look, site) for site in ours])
    similar = _similarity(look)
    guesses = [
        (
            site,
            analogous(site, len(ours), len(theirs)),
            matched(site, similar, ours, theirs),
        )
        for site in ours
    ]
    figures = [
        _heat_map(look, grid, guesses),
        _heat_map_of_similarity(look, similar.numpy(), guesses),
    ]
    apart = [(site, depth, cka) for site, depth, cka in guesses if depth != cka]
    if not apart:
        why = "Depth and CKA choose the same block of the target for every block of the source"
        return Measured(
            assessment=not_applicable(look.name, look.criterion, why), figures=tuple(figures)
        )
    by_depth, by_cka = ([_arm(look, of, guess[way]) for of, *guess in apart] for way in (0, 1))
    differences = np.mean(
        [
            cka.doses.odd.to_numpy() - depth.doses.odd.to_numpy()
            for depth, cka in zip(by_depth, by_cka, strict=True)
        ],
        axis=0,
    )
    return look.contrast(
        differences,
        "odd part at the block of largest CKA minus that at the same relative depth, mean over "
        f"the {len(apart)} source blocks for which they differ",
        "prompts",
        tuple(figures),
    )


def _row(look: Look, site: Site) -> list[float]:
    """The odd part at every target block of the vector from one source block, on tuning."""
    found = search(
        look.lab,
        look.pair.target,
        f"from {site}",
        look.carried(EXPOSED, source_site=site),
        look.trait.measure,
        norms=(look.norm,),
        prompts=FEW_PROMPTS,
    )
    return [cell.odd for cell in found.tried]


def _similarity(look: Look) -> Tensor:
    held = [
        look.readings.read(name, EXPOSED, look.trait.name).values
        for name in (look.pair.source, look.pair.target)
    ]
    return cka_table(*held)


def _arm(look: Look, of: Site, to: Site) -> Arm:
    vector = look.carried(EXPOSED, source_site=of)[to]
    return look.at(f"from {of} to {to}", f"from {of} to {to}", vector)


def _heat_map(
    look: Look, grid: np.ndarray, guesses: list[tuple[Site, Site, Site]]
) -> dict[str, Any]:
    return _map(
        look,
        grid,
        guesses,
        id="layers",
        title="Which block to which",
        caption=f"Odd part on {FEW_PROMPTS} tuning prompts of the vector taken at a block of the "
        "source and carried to a block of the target; marked where depth and CKA would put it.",
        scale="log",
    )


def _heat_map_of_similarity(
    look: Look, similar: np.ndarray, guesses: list[tuple[Site, Site, Site]]
) -> dict[str, Any]:
    return _map(
        look,
        similar,
        guesses,
        id="cka",
        title="Similarity of the blocks",
        caption="Linear CKA (Kornblith et al. 2019) of what both models hold of the same turns.",
        scale="correlation",
    )


def _map(
    look: Look, grid: np.ndarray, guesses: list[tuple[Site, Site, Site]], **told: str
) -> dict[str, Any]:
    marked: list[dict[str, Any]] = []
    for row, (_, depth, cka) in enumerate(guesses):
        label = "both" if depth == cka else "depth"
        marked.append({"row": row, "column": depth.layer, "label": label})
        if depth != cka:
            marked.append({"row": row, "column": cka.layer, "label": "CKA"})
    return {
        **told,
        "kind": "heat map",
        "row_label": f"block of {look.pair.source}",
        "column_label": f"block of {look.pair.target}",
        "rows": [str(row) for row in range(grid.shape[0])],
        "columns": [str(column) for column in range(grid.shape[1])],
        "cells": grid.tolist(),
        "marked": marked,
    }
