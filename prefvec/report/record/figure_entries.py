"""Figures of a claim as plain data, of four kinds."""

from typing import Literal, NotRequired, TypedDict

from prefvec.report.record.numbers import Interval
from prefvec.vocabulary import Scale


class Place(TypedDict):
    """What every figure has."""

    id: str
    """Names its place among the claim's figures: letters, digits, '-', '_' and '.'."""
    title: str
    """A heading."""
    caption: str
    """What is shown, over what, and what the marks mean."""


class CurvePoint(TypedDict):
    """One measured point of a line."""

    x: float
    """Its place on the horizontal axis."""
    tick: NotRequired[str]
    """What stands at the axis there; the number itself by default."""
    y: float | None
    """Its height, on the scale of the figure; None leaves a gap."""
    low: NotRequired[float | None]
    """Lower end of its 95 % interval."""
    high: NotRequired[float | None]
    """Upper end of its 95 % interval."""


class CurveLine(TypedDict):
    """One line of a curve."""

    label: str
    """What people read."""
    points: list[CurvePoint]
    """In any order."""


class Level(TypedDict):
    """A height that lines are compared with."""

    label: str
    """What it is."""
    y: float
    """On the scale of the figure."""


class Curve(Place):
    """Lines over one axis, such as a learning curve."""

    kind: Literal["curve"]
    """Which figure it is."""
    scale: Scale
    """Of what the heights are."""
    x_label: str
    """Of the horizontal axis, with its unit."""
    y_label: str
    """Of the vertical axis, with its unit."""
    lines: list[CurveLine]
    """The lines, in the order of the legend."""
    reference: NotRequired[Level | None]
    """A height that lines are compared with."""


class Mark(TypedDict):
    """A mark on a cell."""

    row: int
    """The cell's row, from 0."""
    column: int
    """The cell's column, from 0."""
    label: str
    """What it means; marks of one label look alike."""


class HeatMap(Place):
    """Cells over two axes, each with its number."""

    kind: Literal["heat map"]
    """Which figure it is."""
    scale: Scale
    """Of what the cells are."""
    row_label: str
    """What the rows are."""
    column_label: str
    """What the columns are."""
    rows: list[str]
    """Names of the rows."""
    columns: list[str]
    """Names of the columns."""
    cells: list[list[float | None]]
    """A list for each row, with a number for each column."""
    marked: NotRequired[list[Mark]]
    """Cells that are marked."""


class Predicted(TypedDict):
    """Where one more row is expected, in 95 of 100 cases."""

    low: float
    """Lower end, on the scale of the figure."""
    high: float
    """Upper end, on the scale of the figure."""


class ForestRow(Interval):
    """One effect of a forest, on the scale of the figure."""

    label: str
    """What people read."""
    pooled: NotRequired[bool]
    """Whether it is the mean of the others."""
    weight: NotRequired[float | None]
    """Its weight in the mean; the area of its square."""
    predicted: NotRequired[Predicted | None]
    """Where a further one is expected."""


class Forest(Place):
    """Effects one beneath the other, and their mean."""

    kind: Literal["forest"]
    """Which figure it is."""
    scale: Scale
    """Of what the effects are."""
    rows: list[ForestRow]
    """From the top."""
    threshold: NotRequired[float | None]
    """What they are compared with."""


class Table(Place):
    """Rows of text."""

    kind: Literal["table"]
    """Which figure it is."""
    columns: list[str]
    """Heads of the columns."""
    rows: list[list[str]]
    """A list for each row, with a cell for each column."""


Figure = Curve | HeatMap | Forest | Table
"""A figure, told from others by its `kind`."""
