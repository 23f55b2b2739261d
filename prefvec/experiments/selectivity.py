"""What steering one trait does to every other: the selectivity matrix, trait × measure."""

from collections.abc import Callable, Sequence
from typing import Any

from prefvec.experiments.natives import Natives


def selectivity_matrix(
    natives: Callable[[str], Natives], traits: Sequence[str], model: str
) -> dict[str, Any]:
    """A heat map of the model's own vectors by the measures of all traits.

    Each cell is an odd part as a share of what the measured trait's own vector does, so that the
    diagonal is 1 and an off-diagonal cell near 0 is a trait left alone.

    Args:
        natives: the models' own vectors by trait.
        traits: which, in the order of rows and columns.
        model: the model that is steered.
    """
    of = [natives(trait) for trait in traits]
    arms = [each.arm(model) for each in of]
    odd = [
        [of[row].assay.measured_by(each.trait.measure, arm).doses.mean_odd for each in of]
        for row, arm in enumerate(arms)
    ]
    own = [odd[i][i] for i in range(len(of))]
    cells = [
        [value / whole if whole else None for value, whole in zip(row, own, strict=True)]
        for row in odd
    ]
    return {
        "id": "selectivity",
        "kind": "heat map",
        "title": "What steering a trait does to the others",
        "caption": f"In {model}, each trait's own vector at its own best site and dose, by the "
        "measure of every trait: the odd part as a share of what the measured trait's own vector "
        "does.",
        "row_label": "steered",
        "column_label": "measured",
        "rows": list(traits),
        "columns": [each.trait.name for each in of],
        "cells": cells,
        "scale": "share",
        "marked": [],
    }
