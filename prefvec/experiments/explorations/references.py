"""How few references an adapter can be fitted on: learning curves."""

from collections.abc import Sequence
from typing import Any

from prefvec.experiments.claims import AdapterMethod
from prefvec.experiments.explorations.look import Look
from prefvec.experiments.measured import Measured
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.regimes import CONCEPT_DELTAS, EXPOSED, Regime, deltas, exposed_rows
from prefvec.statistics.estimates import ratio_of_means

ROWS = (8, 16, 32, 64, 125, 250, 500)
"""Turns, of which 2 % ask for the trait, before all of them."""


def reference_deltas(look: Look) -> Measured:
    """That all the concept deltas there are carry more than one."""
    every = len(look.lab.material.traits) - 1
    counts = range(1, every + 1)
    regimes = [deltas(count) for count in range(1, every)] + [CONCEPT_DELTAS]
    arms = _arms(look, regimes, "concept_deltas")
    figure = _curve(
        look, arms, [str(count) for count in counts], "concept deltas", "reference concept deltas"
    )
    return look.exceeds(arms[-1], arms[0], figure)


def paired_prompts(look: Look) -> Measured:
    """That all the paired prompts there are carry more than eight."""
    regimes = [exposed_rows(rows) for rows in ROWS] + [EXPOSED]
    arms = _arms(look, regimes, "ridge")
    every = len(look.readings.turns(EXPOSED, look.trait.name))
    ticks = [str(rows) for rows in (*ROWS, every)]
    figure = _curve(look, arms, ticks, "paired prompts", "paired prompts, 2 % of them exposed")
    return look.exceeds(arms[-1], arms[0], figure)


def _arms(look: Look, regimes: Sequence[Regime], method: AdapterMethod) -> list[Arm]:
    return [
        look.placed(
            f"adapted, {each.name}", f"the vector by {each.name}", look.carried(each, method)
        )
        for each in regimes
    ]


def _curve(
    look: Look, arms: Sequence[Arm], ticks: Sequence[str], name: str, x_label: str
) -> dict[str, Any]:
    """Share of the native effect against the number of references."""
    points: list[dict[str, Any]] = []
    for i, (arm, tick) in enumerate(zip(arms, ticks, strict=True)):
        share = ratio_of_means(arm.doses.odd, look.own().doses.odd)
        points.append(
            {"x": float(i), "tick": tick, "y": share.ratio, "low": share.low, "high": share.high}
        )
    return {
        "id": name.replace(" ", "-"),
        "kind": "curve",
        "title": f"How few {name} suffice",
        "caption": f"Share of the native effect with 95 % interval (Fieller), "
        f"{len(look.own().doses.odd)} prompts and one sample.",
        "x_label": x_label,
        "y_label": "share of native",
        "scale": "share",
        "lines": [{"label": "adapted", "points": points}],
        "reference": {"label": "half of native", "y": 0.5},
    }
