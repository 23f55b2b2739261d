"""Where the lines of a curve of a claim lie, such as a learning curve.

Numbers only; templates/plots.svg.j2 draws them as SVG.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from prefvec.report.axes import Axis, ratio_axis
from prefvec.report.numerals import decimal, on_scale, scale_interval
from prefvec.report.record import figure_entries
from prefvec.vocabulary import Scale

STYLES = 6
"""Lines that can be told apart; a further one looks like the first."""
# A canvas that a telephone shows whole.
_X, _Y = (64.0, 404.0), (236.0, 30.0)
_LETTER, _BESIDE = 7.2, 4.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: its stretches between missing values, its marks and their intervals."""

    label: str
    style: int
    stretches: list[list[tuple[float, float]]]
    marks: list[tuple[float, float, str]]
    bars: list[tuple[float, float, float]]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Lines over one axis; `evenly` where its values would be too close to be read."""

    id: str
    summary: str
    lines: list[Line]
    zero: float
    reference: tuple[float, str] | None
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    x_label: str
    y_label: str
    evenly: bool


def curve(figure: figure_entries.Curve, place: str) -> Curve | None:
    """The curve of a figure of kind "curve", or None where nothing was measured.

    Args:
        figure: the record's figure.
        place: its id in the page.
    """
    scale, reference = figure["scale"], figure.get("reference")
    points = [point for line in figure["lines"] for point in line["points"]]
    ends = [end for p in points for end in (p["y"], p.get("low"), p.get("high"))]
    values = [end for end in ends if end is not None]
    if not values:
        return None
    y = ratio_axis([*values, reference["y"]] if reference else values, _Y)
    ticks = {p["x"]: p.get("tick") or _plain(p["x"]) for p in points}
    places, evenly = _places(ticks)
    lines = []
    for rank, line in enumerate(figure["lines"]):
        beside = _BESIDE * (rank - (len(figure["lines"]) - 1) / 2)
        at = {x: round(pixel + beside, 1) for x, pixel in places.items()}
        lines.append(_line(line, rank % STYLES + 1, at, y, scale))
    return Curve(
        id=place,
        summary=_summary(figure),
        lines=lines,
        zero=y.at(0.0),
        reference=(y.at(reference["y"]), reference["label"]) if reference else None,
        x_ticks=_thinned([(places[x], ticks[x]) for x in sorted(ticks)]),
        y_ticks=y.ticks(scale, apart=30),
        x_label=figure["x_label"],
        y_label=figure["y_label"],
        evenly=evenly,
    )


def _places(ticks: Mapping[float, str]) -> tuple[dict[float, float], bool]:
    """Pixels of each x: to scale, or evenly spaced where to scale the labels would collide."""
    ordered = sorted(ticks)
    if len(ordered) == 1:
        return {ordered[0]: sum(_X) / 2}, False
    spread = 0.03 * (ordered[-1] - ordered[0])
    to_scale = Axis(ordered[0] - spread, ordered[-1] + spread, *_X)
    apart = all(
        to_scale.at(b) - to_scale.at(a) >= _LETTER * (len(ticks[a]) + len(ticks[b])) / 2
        for a, b in pairwise(ordered)
    )
    if apart:
        return {x: to_scale.at(x) for x in ordered}, False
    evenly = Axis(-0.25, len(ordered) - 0.75, *_X)
    return {x: evenly.at(index) for index, x in enumerate(ordered)}, True


def _thinned(ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Every tick, its label left out where it would run into the one before."""
    kept: list[tuple[float, str]] = []
    end = float("-inf")
    for x, label in ticks:
        half = _LETTER * len(label) / 2
        fits = x - half >= end
        kept.append((x, label if fits else ""))
        end = x + half if fits else end
    return kept


def _line(
    line: figure_entries.CurveLine, style: int, at: Mapping[float, float], y: Axis, scale: Scale
) -> Line:
    points = sorted(line["points"], key=lambda point: point["x"])
    stretches: list[list[tuple[float, float]]] = [[]]
    marks, bars = [], []
    for point in points:
        if point["y"] is None:
            stretches.append([])
            continue
        here = (at[point["x"]], y.at(point["y"]))
        stretches[-1].append(here)
        named = f"{line['label']}, {point.get('tick') or _plain(point['x'])}: "
        marks.append((*here, named + _told(point, scale)))
        low, high = point.get("low"), point.get("high")
        if low is not None and high is not None:
            bars.append((here[0], y.at(low), y.at(high)))
    return Line(
        label=line["label"],
        style=style,
        stretches=[stretch for stretch in stretches if len(stretch) > 1],
        marks=marks,
        bars=bars,
    )


def _summary(figure: figure_entries.Curve) -> str:
    told = []
    for line in figure["lines"]:
        known = sorted((p for p in line["points"] if p["y"] is not None), key=lambda p: p["x"])
        steps = (
            f"{p.get('tick') or _plain(p['x'])}: {on_scale(p['y'], figure['scale'])}" for p in known
        )
        told.append(f"{line['label']}: {', '.join(steps)}")
    return f"{figure['y_label']} over {figure['x_label']}. {'; '.join(told)}."


def _told(point: figure_entries.CurvePoint, scale: Scale) -> str:
    return scale_interval({**point, "estimate": point["y"]}, scale)


def _plain(x: float) -> str:
    return f"{x:g}".replace("-", "−") if abs(x) < 1e6 else decimal(x, 0)
