"""What foretells the effect of a carried vector, as tables: overall, by concept, and of whom."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from prefvec.experiments.explorations.foretold import (
    FEWEST_CONCEPTS,
    Cell,
    by_unit,
    correlations,
    over_concepts,
    selection,
    steered,
)
from prefvec.statistics.estimates import mean_of
from prefvec.statistics.scales import told

NONE = "—"


def called(diagnostic: str) -> str:
    """A diagnostic in words."""
    return diagnostic.replace("_", " ").replace("r2", "R²")


def diagnostics_table(cells: Sequence[Cell], at: str) -> dict[str, Any]:
    """Each diagnostic with its mean rank correlation over the units that are left, the best first.

    Args:
        cells: of all units.
        at: where and how much was added, in words.
    """
    left, every = correlations(steered(cells)), correlations(cells)
    rows: list[list[str]] = []
    for name, values in sorted(left.items(), key=lambda item: -item[1].mean()):
        interval = mean_of(values, "correlation").summary()
        whole = _mean(every.get(name, np.array([])))
        rows.append([called(name), interval, f"{(values > 0).mean():.0%}", whole])
    return {
        "id": "diagnostics",
        "kind": "table",
        "title": "What foretells the effect of a carried vector",
        "caption": "Spearman's rank correlation with the odd effect within each of "
        f"{len(by_unit(steered(cells)))} model pairs × concepts, over two regimes and all target "
        f"blocks but the last, {at}: mean with its 95 % interval over units, and the share of "
        f"units where it is positive. {selection(cells)} The last column is the mean with them. "
        "Units share models, so the intervals are too narrow. The cosine to native needs the "
        "target's own vector, so it is no foresight but what foresight can be compared with.",
        "columns": ["diagnostic", "mean rank correlation [95 %]", "units above 0", "all units"],
        "rows": rows,
    }


def concepts_table(cells: Sequence[Cell]) -> dict[str, Any]:
    """Each diagnostic, concept by concept and over concepts, in the units that are left.

    Args:
        cells: of all units.
    """
    left = steered(cells)
    concepts = list(dict.fromkeys(cell.unit.concept for cell in left))
    found = [correlations([c for c in left if c.unit.concept == concept]) for concept in concepts]
    common = set.intersection(*map(set, found))
    rows: list[list[str]] = []
    for name in sorted({name for each in found for name in each}):
        across = over_concepts(left, name) if name in common else np.array([])
        values = [each.get(name, np.array([])) for each in found]
        rows.append([called(name), *map(_mean, [*values, across])])
    return {
        "id": "concepts",
        "kind": "table",
        "title": "The same, concept by concept",
        "caption": "Mean rank correlation over the model pairs that are left of each concept. Over "
        "concepts: that between the largest value of the diagnostic and the largest effect, in "
        "units of each concept's D, over the concepts that are left of a model pair, at least "
        f"{FEWEST_CONCEPTS}; the mean over pairs.",
        "columns": ["diagnostic", *concepts, "over concepts"],
        "rows": rows,
    }


def own_vectors_table(cells: Sequence[Cell], at: str) -> dict[str, Any]:
    """What each concept's own vector does in each model, and the units that are left of it.

    Args:
        cells: of all units.
        at: where and how much was added, in words.
    """
    units = list(by_unit(cells))
    effects = {
        (unit.concept, model): f"{told(own, 'log')}{'' if own >= unit.least else ', fails'}"
        for unit in units
        for model, own in zip((unit.pair.source, unit.pair.target), unit.own, strict=True)
    }
    models = list(dict.fromkeys(model for _, model in effects))
    rows: list[list[str]] = []
    for concept in dict.fromkeys(unit.concept for unit in units):
        steers = [unit.steered for unit in units if unit.concept == concept]
        by_model = [effects.get((concept, model), NONE) for model in models]
        rows.append([concept, *by_model, f"{sum(steers)} of {len(steers)}"])
    return {
        "id": "own-vectors",
        "kind": "table",
        "title": "Whose own vectors steer",
        "caption": "Largest odd part of each concept's own vector over all blocks but the last, "
        f"{at}. {selection(cells)}",
        "columns": ["concept", *models, "units left"],
        "rows": rows,
    }


def _mean(values: np.ndarray) -> str:
    return told(float(values.mean()), "correlation") if len(values) else NONE
