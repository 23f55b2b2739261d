"""What was foretold of carried vectors, ranked beside what they did, in units that could tell.

Ranks are within a unit, a model pair × concept: over all of them together, a diagnostic that only
tells vectors which never worked from the others would seem to foretell effects (Simpson's paradox;
Nadaf 2026, arXiv 2604.02608, of cosines). Units whose own vector fails are left out.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from prefvec.experiments.pairs import Pair
from prefvec.experiments.search import FLOOR

FEWEST_UNITS = 5
"""Units below which nothing is said: over four a sign-flip test cannot reach 0.05."""

FEWEST_CONCEPTS = 3
"""Concepts of a model pair below which they are not ranked: two are always in order or reversed."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A model pair and concept, and whether the concept's own vectors do anything there.

    Attributes:
        pair: the models.
        concept: the trait that is carried.
        own: the largest mean odd part over blocks of the concept's own vector in the source and in
            the target, on the log scale.
        smallest_effect: D of the concept, on the same scale.
    """

    pair: Pair
    concept: str
    own: tuple[float, float]
    smallest_effect: float

    @property
    def least(self) -> float:
        """What both must reach: as much as a judged cell needs."""
        return FLOOR * self.smallest_effect

    @property
    def steered(self) -> bool:
        """Whether its own vectors do so much in both models; else the unit is left out."""
        return min(self.own) >= self.least


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One carried vector: where it went, what was foretold, and what it did.

    Attributes:
        unit: model pair and concept.
        foretold: by diagnostic.
        odd: mean odd part on tuning prompts.
    """

    unit: Unit
    foretold: dict[str, float]
    odd: float


def by_unit(cells: Sequence[Cell]) -> dict[Unit, list[Cell]]:
    """The cells of each unit, in the order in which units first occur."""
    units: defaultdict[Unit, list[Cell]] = defaultdict(list)
    for cell in cells:
        units[cell.unit].append(cell)
    return dict(units)


def steered(cells: Sequence[Cell]) -> list[Cell]:
    """The cells of the units that are not left out."""
    return [cell for cell in cells if cell.unit.steered]


def selection(cells: Sequence[Cell]) -> str:
    """Which units are left out, and how many, in sentences."""
    units = by_unit(cells)
    out = sum(not unit.steered for unit in units)
    return (
        "A unit whose own vector fails is left out: one in which, in the source or in the target, "
        f"the concept's own vector does less than {FLOOR:g} D on the same prompts at every block "
        f"but the last. That leaves out {out} of {len(units)}."
    )


def correlations(cells: Sequence[Cell]) -> dict[str, np.ndarray]:
    """Of each diagnostic of all the cells, its rank correlation with the odd part in every unit."""
    names = sorted(set.intersection(*(set(cell.foretold) for cell in cells)))
    units = by_unit(cells).values()
    return {
        name: np.array(
            [
                rank_correlation([c.foretold[name] for c in unit], [c.odd for c in unit])
                for unit in units
            ]
        )
        for name in names
    }


def over_concepts(cells: Sequence[Cell], name: str) -> np.ndarray:
    """Of each model pair, how well a diagnostic ranks its concepts by what is carried of them.

    Spearman's correlation, over the concepts of the pair, between its largest value over blocks and
    regimes and the largest effect there in units of the concept's D; of pairs with enough concepts.

    Args:
        cells: of the units that are compared.
        name: of a diagnostic of all of them.
    """
    pairs: defaultdict[Pair, list[tuple[float, float]]] = defaultdict(list)
    for unit, own in by_unit(cells).items():
        reached = max(cell.odd for cell in own) / unit.smallest_effect
        pairs[unit.pair].append((max(cell.foretold[name] for cell in own), reached))
    return np.array(
        [
            rank_correlation([peak for peak, _ in peaks], [reached for _, reached in peaks])
            for peaks in pairs.values()
            if len(peaks) >= FEWEST_CONCEPTS
        ]
    )


def rank_correlation(foretold: Sequence[float], odd: Sequence[float]) -> float:
    """Spearman's; 0 where the diagnostic does not vary, since it then ranks nothing."""
    if len(set(foretold)) == 1 or len(set(odd)) == 1:
        return 0.0
    return float(stats.spearmanr(foretold, odd).statistic)
