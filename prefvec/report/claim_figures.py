"""The figures that a claim's record brings, each made ready for the template of its kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from prefvec.report.curves import curve
from prefvec.report.forests import pooled_forest
from prefvec.report.heat_maps import heat_map

_DRAWN: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    "curve": curve,
    "heat map": heat_map,
    "forest": pooled_forest,
}


@dataclass(frozen=True, kw_only=True)
class ClaimFigure:
    """A figure as the page shows it; `drawn` is None where nothing was measured.

    Of a table, `drawn` is its record: a table is text.
    """

    id: str
    kind: str
    title: str
    caption: str
    drawn: Any


def claim_figures(claim: Mapping[str, Any]) -> list[ClaimFigure]:
    """All figures of a claim, in the order of its record."""
    found = []
    for figure in claim.get("figures") or []:
        place = f"figure-{claim['id']}-{figure['id']}"
        draw = _DRAWN.get(figure["kind"])
        found.append(
            ClaimFigure(
                id=place,
                kind=figure["kind"],
                title=figure["title"],
                caption=figure["caption"],
                drawn=draw(figure, place) if draw else figure,
            )
        )
    return found
