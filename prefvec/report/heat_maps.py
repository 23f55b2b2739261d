"""Where the cells of a heat map of a claim lie, each with its number.

Numbers only; templates/plots.svg.j2 draws them as SVG.
"""

from dataclasses import dataclass

from prefvec.report.lettering import shortened
from prefvec.report.numerals import NOT_MEASURED, on_scale, tick
from prefvec.report.record import figure_entries
from prefvec.vocabulary import Scale

MARKS = 4
"""Marks that can be told apart; a further one looks like the first."""
_WIDTH, _LETTER, _HEIGHT = 420.0, 7.2, 30.0
_NARROWEST, _WIDEST, _LONGEST = 38.0, 64.0, 20


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: its corner, its number, how dark it is and by which side of no effect."""

    x: float
    y: float
    text: str
    shade: int
    below: bool
    named: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A mark on a cell: an outline or a corner; those of one label look alike."""

    x: float
    y: float
    style: int


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """Cells over two labelled axes; the canvas grows with the columns."""

    id: str
    summary: str
    width: float
    height: float
    left: float
    top: float
    side: float
    slanted: bool
    rows: list[tuple[float, str]]
    columns: list[tuple[float, str]]
    row_label: str
    column_label: str
    cells: list[Cell]
    marks: list[Mark]
    legend: list[tuple[int, str]]


def heat_map(figure: figure_entries.HeatMap, place: str) -> HeatMap | None:
    """The heat map of a figure of that kind, or None without cells.

    Args:
        figure: the record's figure.
        place: its id in the page.
    """
    rows, columns = figure["rows"], figure["columns"]
    if not rows or not columns:
        return None
    left = _letters(rows) + 10
    side = min(_WIDEST, max(_NARROWEST, (_WIDTH - left - 4) / len(columns)))
    slanted = _letters(columns) > side - 4
    top = 30 + (_letters(columns) * 0.72 + 6 if slanted else 16)
    return HeatMap(
        id=place,
        summary=_summary(figure),
        # The last label of a slanted header runs on to the right.
        width=round(left + side * len(columns) + (top - 46 if slanted else 4), 1),
        height=round(top + _HEIGHT * len(rows) + 4, 1),
        left=round(left, 1),
        top=round(top, 1),
        side=round(side, 1),
        slanted=slanted,
        rows=[(top + _HEIGHT * (i + 0.5), _short(name)) for i, name in enumerate(rows)],
        columns=[(round(left + side * (i + 0.5), 1), _short(n)) for i, n in enumerate(columns)],
        row_label=figure["row_label"],
        column_label=figure["column_label"],
        cells=_cells(figure, left, top, side),
        marks=_marks(figure, left, top, side),
        legend=[(style, label) for label, style in _styles(figure).items()],
    )


def _cells(figure: figure_entries.HeatMap, left: float, top: float, side: float) -> list[Cell]:
    scale = figure["scale"]
    known = [abs(value) for row in figure["cells"] for value in row if value is not None]
    most = max(known, default=0.0)
    cells: list[Cell] = []
    for i, row in enumerate(figure["cells"]):
        for j, value in enumerate(row):
            text = _number(value, scale)
            cells.append(
                Cell(
                    x=round(left + side * j, 1),
                    y=round(top + _HEIGHT * i, 1),
                    text=text,
                    shade=round(4 * abs(value) / most) if value is not None and most else 0,
                    below=value is not None and value < 0,
                    named=f"{figure['rows'][i]}, {figure['columns'][j]}: {text}",
                )
            )
    return cells


def _number(value: float | None, scale: Scale) -> str:
    """Short enough for a cell: shares without their sign, which the caption's scale tells."""
    if value is None:
        return NOT_MEASURED
    if scale in ("share", "points"):
        return tick(round(value, 2), scale).removesuffix(" %")
    return on_scale(value, scale)


def _marks(figure: figure_entries.HeatMap, left: float, top: float, side: float) -> list[Mark]:
    styles = _styles(figure)
    return [
        Mark(
            x=round(left + side * mark["column"], 1),
            y=round(top + _HEIGHT * mark["row"], 1),
            style=styles[mark["label"]],
        )
        for mark in figure.get("marked") or []
    ]


def _styles(figure: figure_entries.HeatMap) -> dict[str, int]:
    labels = dict.fromkeys(mark["label"] for mark in figure.get("marked") or [])
    return {label: index % MARKS + 1 for index, label in enumerate(labels)}


def _summary(figure: figure_entries.HeatMap) -> str:
    cells = [
        (value, row, column)
        for row, values in zip(figure["rows"], figure["cells"], strict=True)
        for column, value in zip(figure["columns"], values, strict=True)
        if value is not None
    ]
    size = f"{figure['row_label']} against {figure['column_label']}, {len(cells)} cells"
    if not cells:
        return f"{size}."
    ends = (("smallest", min(cells)), ("largest", max(cells)))
    told = (
        f"{name} {on_scale(value, figure['scale'])} at {row}, {column}"
        for name, (value, row, column) in ends
    )
    return f"{size}: {'; '.join(told)}."


def _letters(labels: list[str]) -> float:
    return _LETTER * max(len(_short(label)) for label in labels)


def _short(label: str) -> str:
    return shortened(label, _LONGEST)
