"""That steering one trait leaves another alone."""

from collections.abc import Sequence
from typing import Any

from prefvec.experiments.arms import Arms
from prefvec.experiments.claims import Selectivity
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import (
    arms_of,
    asked,
    checks_of,
    criterion_of,
    identity,
    positive_control,
    samples_of,
)
from prefvec.experiments.native_arms import native
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.contrast_rules import assess_spares
from prefvec.verdicts.criteria import Spares


def measure_selectivity(claim: Selectivity, pair: Pair, lab: Lab) -> Measured:
    """One trait's own vector by the other's measure, beside the other's own vector."""
    criterion = criterion_of(claim, lab)
    assert isinstance(criterion, Spares)
    arms, model = arms_of(claim, lab), pair.target
    own = native(arms, model)
    spared = Arms.of(lab, lab.material.known(claim.spared).name, samples_of(claim, lab))
    beside = spared.measured_by(spared.trait.measure, own)
    beside = beside.called("beside", f"its own {arms.trait.name} vector")
    reference = native(spared, model).called("native", f"its own {claim.spared} vector")
    assessment = assess_spares(
        claim.name(pair),
        beside.doses,
        own=own.doses,
        native=reference.doses,
        controls=[
            (trait, positive_control(lab, trait, model, criterion))
            for trait in (arms.trait.name, claim.spared)
        ],
        criterion=criterion,
        identity_holds=identity(lab, own),
        preconditions=checks_of(lab, model),
    )
    return Measured(
        assessment=assessment,
        arms=(beside, reference),
        figures=(_matrix(lab, samples_of(claim, lab), model, (arms.trait.name, claim.spared)),),
        baseline=asked(arms, model, beside),
    )


def _matrix(lab: Lab, samples: int, model: str, traits: Sequence[str]) -> dict[str, Any]:
    """A heat map of the model's own vectors of some traits by the measure of each.

    Each cell is an odd part as a share of what the measured trait's own vector does, so that the
    diagonal is 1 and an off-diagonal cell near 0 is a trait left alone.
    """
    of = [Arms.of(lab, trait, samples) for trait in traits]
    steered = [native(each, model) for each in of]
    odd = [
        [of[row].measured_by(each.trait.measure, arm).doses.mean_odd for each in of]
        for row, arm in enumerate(steered)
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
        "caption": f"In {model}, each trait's own vector at its judged cell, by the "
        "measure of each: the odd part as a share of what the measured trait's own vector "
        "does.",
        "row_label": "steered",
        "column_label": "measured",
        "rows": list(traits),
        "columns": [each.trait.name for each in of],
        "cells": cells,
        "scale": "share",
        "marked": [],
    }
