"""The figures that a claim's record brings, each made ready for the template of its kind."""

from dataclasses import dataclass

from prefvec.report.curves import Curve as DrawnCurve
from prefvec.report.curves import curve
from prefvec.report.forests import PooledForest, pooled_forest
from prefvec.report.heat_maps import HeatMap as DrawnHeatMap
from prefvec.report.heat_maps import heat_map
from prefvec.report.record import Claim, Figure, Table

Drawn = DrawnCurve | DrawnHeatMap | PooledForest | Table
"""A figure made ready; a table is text and needs nothing."""


@dataclass(frozen=True, kw_only=True)
class ClaimFigure:
    """A figure as the page shows it; `drawn` is None where nothing was measured."""

    id: str
    kind: str
    title: str
    caption: str
    drawn: Drawn | None


def claim_figures(claim: Claim) -> list[ClaimFigure]:
    """All figures of a claim, in the order of its record."""
    found: list[ClaimFigure] = []
    for figure in claim.get("figures") or []:
        place = f"figure-{claim['id']}-{figure['id']}"
        found.append(
            ClaimFigure(
                id=place,
                kind=figure["kind"],
                title=figure["title"],
                caption=figure["caption"],
                drawn=_drawn(figure, place),
            )
        )
    return found


def _drawn(figure: Figure, place: str) -> Drawn | None:
    match figure["kind"]:
        case "curve":
            return curve(figure, place)
        case "heat map":
            return heat_map(figure, place)
        case "forest":
            return pooled_forest(figure, place)
        case "table":
            return figure
