"""Forests: the effects of the claims of one question, and those a claim pools itself.

Numbers only; templates/figures.svg.j2 and plots.svg.j2 draw them as SVG.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest

from prefvec.report.arm_styles import main_arm
from prefvec.report.axes import ratio_axis
from prefvec.report.dose_response import smallest_of_interest
from prefvec.report.effects import WORDS, is_of_its_arm, measured, of_what
from prefvec.report.lettering import LINE, in_lines, shortened
from prefvec.report.numerals import NOT_MEASURED, scale_interval
from prefvec.report.question_rows import Question
from prefvec.report.record import Claim, Effect, Interval
from prefvec.report.record.figure_entries import Forest, ForestRow
from prefvec.report.row_figures import Row, RowFigure, places

_LONGEST = 38
"""Letters of a claim's name that fit above its line, beside its number."""
_SEEN = 3
"""Letters in which two names that were cut must differ."""
_UNDER = 389.0
"""Pixels for what its effect is of, under its name."""
_TITLE = 400.0
_ACROSS = (14.0, 406.0)
_STACKED = 40.0
_SMALL, _LARGE = 3.0, 7.0


@dataclass(frozen=True, kw_only=True)
class PooledRow:
    """One row of a claim's own forest: words above, estimate and interval beneath."""

    label: str
    text: str
    y: float
    pooled: bool
    half: float
    interval: tuple[float, float, float] | None
    predicted: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class PooledForest:
    """A claim's own forest."""

    id: str
    summary: str
    rows: list[PooledRow]
    height: float
    zero: float
    threshold: float | None
    ticks: list[tuple[float, str]]


def forest_figure(question: Question) -> RowFigure | None:
    """One row per claim: its effect, the native reference, the band too small to matter."""
    claims = question.claims
    effects = {c["id"]: _logs(c["effect"]) for c in claims if c["effect"]}
    effects = {name: logs for name, logs in effects.items() if logs}
    if not effects:
        return None
    native = {c["id"]: _native(c) for c in claims if is_of_its_arm(c)}
    smallest = {c["id"]: d for c in claims if (d := smallest_of_interest(c)) is not None}
    values = [
        end
        for logs in effects.values()
        for end in (logs["estimate"], logs["low"], logs["high"])
        if end is not None
    ]
    values += [value for value in native.values() if value is not None]
    values += [sign * value for value in smallest.values() for sign in (-1, 1)]
    x = ratio_axis(values, _ACROSS)
    kinds = {c["id"]: of_what(c) or WORDS for c in claims if c["id"] in effects}
    mixed = len(set(kinds.values())) > 1
    rows, top = [], 0.0
    labels = _fitting([claim.get("brief", claim["id"]) for claim in claims])
    for index, claim in enumerate(claims):
        name, text = claim["id"], measured(claim)
        reference, band = native.get(name), smallest.get(name)
        under = in_lines(kinds[name], _UNDER) if mixed and name in kinds else []
        top += _STACKED + LINE * len(under)
        rows.append(
            Row(
                label=labels[index],
                under=under,
                href=f"#{name}",
                y=top - 11,
                outcome=claim["outcome"],
                text="not measured" if text == NOT_MEASURED else text,
                interval=places(effects.get(name), x),
                reference=None if reference is None else x.at(reference),
                band=None if band is None else (x.at(-band), x.at(band)),
            )
        )
    quantity = "what each row names" if mixed else next(iter(kinds.values()))
    return RowFigure(
        id=f"forest-{question.id}",
        summary=f"Effects of {len(effects)} claims with their intervals; the same numbers stand "
        "in the list of verdicts.",
        rows=rows,
        height=4 + top,
        zero=x.at(0.0),
        ticks=x.ratio_ticks(apart=44),
        x_lines=in_lines(_axis_of(quantity), _TITLE),
    )


def pooled_forest(figure: Forest, place: str) -> PooledForest | None:
    """The forest of a figure of that kind, or None where nothing was measured.

    Args:
        figure: the record's figure.
        place: its id in the page.
    """
    scale, threshold = figure["scale"], figure.get("threshold")
    values = [
        value
        for row in figure["rows"]
        for value in (row["estimate"], row["low"], row["high"], *_predicted(row))
        if value is not None
    ]
    if not values:
        return None
    x = ratio_axis(values if threshold is None else [*values, threshold], _ACROSS)
    heaviest = max((row.get("weight") or 0.0 for row in figure["rows"]), default=0.0)
    rows = []
    for index, row in enumerate(figure["rows"]):
        share = (row.get("weight") or 0.0) / heaviest if heaviest else 0.5
        predicted = _predicted(row)
        rows.append(
            PooledRow(
                label=row["label"],
                text=scale_interval(row, scale),
                y=_STACKED * index,
                pooled=bool(row.get("pooled")),
                # The area of a square is its weight.
                half=round(max(_SMALL, _LARGE * math.sqrt(share)), 1),
                interval=places(row, x),
                predicted=(x.at(predicted[0]), x.at(predicted[1])) if predicted else None,
            )
        )
    told = "; ".join(f"{row['label']}: {scale_interval(row, scale)}" for row in figure["rows"])
    return PooledForest(
        id=place,
        summary=f"{told}.",
        rows=rows,
        height=_STACKED * len(rows) + 4,
        zero=x.at(0.0),
        threshold=None if threshold is None else x.at(threshold),
        ticks=x.ticks(scale, apart=44),
    )


def _axis_of(quantity: str) -> str:
    """What an axis is of, and what ×1 means there; a ratio of effects is no factor of anything."""
    if "÷" in quantity:
        return f"{quantity} (logarithmic; ×1: the same)"
    return f"factor of {quantity} (logarithmic; ×1: no effect)"


def _logs(effect: Effect) -> Interval | None:
    estimate = _log(effect["factor"])
    if estimate is None:
        return None
    return {"estimate": estimate, "low": _log(effect["low"]), "high": _log(effect["high"])}


def _log(ratio: float | None) -> float | None:
    return math.log(ratio) if ratio is not None and ratio > 0 else None


def _predicted(row: ForestRow) -> tuple[float, float] | tuple[()]:
    predicted = row.get("predicted")
    return (predicted["low"], predicted["high"]) if predicted else ()


def _native(claim: Claim) -> float | None:
    """The odd part of the native arm beside which a claim stands, if it is about another arm."""
    main = main_arm(claim)
    for arm in claim["arms"]:
        if arm["name"] == "native" and arm is not main:
            return (arm.get("odd") or {}).get("estimate")
    return None


def _fitting(names: Sequence[str]) -> list[str]:
    """Names that fit beside the axis.

    Long ones are cut in the middle, for their ends tell claims apart; where two would come to
    nearly the same, at the end, or else at the front.
    """
    fronts = (_LONGEST // 2, _LONGEST, 0)
    ways = [[shortened(name, _LONGEST, front) for name in names] for front in fronts]
    return next((way for way in ways if _told_apart(way)), ways[0])


def _told_apart(labels: Sequence[str]) -> bool:
    """Whether any two of them differ in as many letters as a reader sees."""
    return all(
        sum(x != y for x, y in zip_longest(one, other)) >= _SEEN
        for one, other in combinations(labels, 2)
    )
