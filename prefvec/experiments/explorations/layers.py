"""Which block of the target belongs to which of the source: every pair of them, and two guesses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from prefvec.diagnostics.similarity import cka_table, matched
from prefvec.experiments.arms import FEW_PROMPTS
from prefvec.experiments.cells import steerable
from prefvec.experiments.explorations.look import Look
from prefvec.experiments.measured import Measured
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.regimes import EXPOSED
from prefvec.experiments.search import analogous, search
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site
from prefvec.verdicts.assessment import not_applicable


def layers(look: Look) -> Measured:
    """That the block most similar by CKA is a better place than the one at the same depth."""
    return _against(look, "at the same relative depth", lambda guess: guess.depth)


def layers_later(look: Look) -> Measured:
    """That it is a better place than simply a late one: the last block that is eligible."""
    latest = steerable(look.lab, look.pair.target)[-1]
    return _against(look, f"at block {latest.layer}, the last that is eligible", lambda _: latest)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """Where a vector from one block of the source might go: by depth, and by CKA."""

    of: Site
    depth: Site
    cka: Site


def _against(look: Look, where: str, rival: Callable[[Guess], Site]) -> Measured:
    """Of every source block the vector is carried to the block by CKA and to a rival one.

    The per-prompt odd parts are averaged over the source blocks. Last blocks are left out on both
    sides. The heat map is of the tuning split.
    """
    guesses, similar = _guesses(look)
    grid = np.array([_row(look, guess.of) for guess in guesses])
    figures = [_heat_map(look, grid, guesses), _heat_map_of_similarity(look, similar, guesses)]
    apart = [guess for guess in guesses if rival(guess) != guess.cka]
    if not apart:
        why = f"CKA chooses the block {where} for every block of the source"
        return Measured(
            assessment=not_applicable(look.name, look.criterion, why), figures=tuple(figures)
        )
    differences = np.mean(
        [
            _arm(look, guess.of, guess.cka).doses.odd.to_numpy()
            - _arm(look, guess.of, rival(guess)).doses.odd.to_numpy()
            for guess in apart
        ],
        axis=0,
    )
    return look.contrast(
        differences,
        f"odd part at the block of largest CKA minus that {where}, mean over the {len(apart)} "
        "source blocks for which they differ",
        "prompts",
        tuple(figures),
    )


def _guesses(look: Look) -> tuple[list[Guess], np.ndarray]:
    ours, theirs = (steerable(look.lab, name) for name in (look.pair.source, look.pair.target))
    held = [
        {site: rows for site, rows in _read(look, name).items() if site in kept}
        for name, kept in ((look.pair.source, ours), (look.pair.target, theirs))
    ]
    similar: Tensor = cka_table(*held)
    guesses = [
        Guess(
            of=site,
            depth=analogous(site, len(ours), len(theirs)),
            cka=matched(site, similar, ours, theirs),
        )
        for site in ours
    ]
    return guesses, similar.numpy()


def _read(look: Look, name: str) -> Mapping[Site, Activations]:
    return look.readings.read(name, EXPOSED, look.trait.name).values


def _row(look: Look, site: Site) -> list[float]:
    """The odd part at every target block of the vector from one source block, on tuning."""
    found = search(
        look.lab,
        look.pair.target,
        f"from {site}",
        look.carried(EXPOSED, source_site=site),
        look.trait.measure,
        kappas=(look.kappa,),
        prompts=FEW_PROMPTS,
    )
    return [cell.odd for cell in found.tried]


def _arm(look: Look, of: Site, to: Site) -> Arm:
    vector = look.carried(EXPOSED, source_site=of)[to]
    return look.at(f"from {of} to {to}", f"from {of} to {to}", vector)


def _heat_map(look: Look, grid: np.ndarray, guesses: list[Guess]) -> dict[str, Any]:
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
    look: Look, similar: np.ndarray, guesses: list[Guess]
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


def _map(look: Look, grid: np.ndarray, guesses: list[Guess], **told: str) -> dict[str, Any]:
    marked: list[dict[str, Any]] = []
    for row, guess in enumerate(guesses):
        label = "both" if guess.depth == guess.cka else "depth"
        marked.append({"row": row, "column": guess.depth.layer, "label": label})
        if guess.depth != guess.cka:
            marked.append({"row": row, "column": guess.cka.layer, "label": "CKA"})
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
