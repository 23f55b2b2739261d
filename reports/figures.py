"""Rows over one axis of ratios: the controls of a claim, and the forest of all claims.

Numbers only; templates/figures.svg.j2 draws them as SVG.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.axes import Axis, ratio_axis
from reports.dose_response import DEFAULT_SMALLEST, smallest_of_interest
from reports.numerals import factor, ratio_interval
from reports.schema import ARM_WORDS, MAIN_ARM


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a figure with a common horizontal axis."""

    label: str
    y: float
    arm: str = ""
    outcome: str = ""
    href: str = ""
    text: str = ""
    interval: tuple[float, float, float] | None = None
    reference: float | None = None
    dots: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class RowFigure:
    """Rows over one axis of ratios: the controls of a claim, or the forest of all claims."""

    id: str
    summary: str
    rows: list[Row]
    height: float
    zero: float
    band: tuple[float, float]
    ticks: list[tuple[float, str]]


def controls_figure(claim: Mapping[str, Any]) -> RowFigure | None:
    """The odd parts of the arms over those of random, shuffled and unrelated directions."""
    kinds: dict[str, list[float]] = {}
    for control in claim["control_arms"]:
        if control["odd"] is not None:
            kinds.setdefault(control["kind"], []).append(control["odd"])
    if not kinds:
        return None
    arms = [arm for arm in claim["arms"] if (arm.get("odd") or {}).get("estimate") is not None]
    bar = max((abs(odd) for kind in kinds.values() for odd in kind), default=0.0)
    values = [v for odds in kinds.values() for v in odds] + [bar, -bar]
    values += [arm["odd"][k] for arm in arms for k in ("estimate", "low", "high") if arm["odd"][k]]
    x = ratio_axis(values, (150.0, 430.0))
    names = {"random": "random directions", "shuffled": "shuffled maps", "unrelated": "unrelated"}
    rows = [(ARM_WORDS.get(arm["name"], arm["label"]), arm, []) for arm in arms]
    rows += [(f"{names.get(kind, kind)} ({len(odds)})", None, odds) for kind, odds in kinds.items()]
    return RowFigure(
        id=f"controls-{claim['id']}",
        summary=f"Odd parts of {len(arms)} arms and {len(claim['control_arms'])} controls; "
        f"the largest control reaches {factor(math.exp(bar))}.",
        rows=[
            Row(
                label=label,
                y=26.0 + 32 * index,
                arm=arm["name"] if arm else "control",
                interval=_places(arm["odd"], x) if arm else None,
                dots=[x.at(odd) for odd in odds],
            )
            for index, (label, arm, odds) in enumerate(rows)
        ],
        height=26.0 + 32 * len(rows),
        zero=x.at(0.0),
        band=(x.at(-bar), x.at(bar)),
        ticks=x.ratio_ticks(apart=44),
    )


def forest_figure(claims: Iterable[Mapping[str, Any]]) -> RowFigure | None:
    """One row per claim: its effect, the native reference, the band too small to matter."""
    claims = list(claims)
    effects = {c["id"]: _logs(c["effect"]) for c in claims if c["effect"]}
    effects = {name: logs for name, logs in effects.items() if logs}
    if not effects:
        return None
    native = {c["id"]: _native(c) for c in claims if MAIN_ARM[c["kind"]] != "native"}
    smallest = max((smallest_of_interest(claim) for claim in claims), default=DEFAULT_SMALLEST)
    values = [value for logs in effects.values() for value in logs.values() if value is not None]
    values += [value for value in native.values() if value is not None]
    x = ratio_axis([*values, smallest, -smallest], (372.0, 700.0))
    rows = []
    for index, claim in enumerate(claims):
        reference = native.get(claim["id"])
        rows.append(
            Row(
                label=claim["id"],
                href=f"#{claim['id']}",
                y=30.0 + 30 * index,
                outcome=claim["outcome"],
                text=ratio_interval(claim["effect"]) if claim["id"] in effects else "not measured",
                interval=_places(effects.get(claim["id"]), x),
                reference=None if reference is None else x.at(reference),
            )
        )
    return RowFigure(
        id="forest",
        summary=f"Effects of {len(effects)} claims with their intervals; the same numbers stand "
        "in the list of verdicts.",
        rows=rows,
        height=30.0 + 30 * len(claims),
        zero=x.at(0.0),
        band=(x.at(-smallest), x.at(smallest)),
        ticks=x.ratio_ticks(apart=44),
    )


def _logs(effect: Mapping[str, Any]) -> dict[str, float | None] | None:
    if not effect["factor"] or effect["factor"] < 0:
        return None
    ends = {key: effect[key] for key in ("low", "high")}
    logs = {key: math.log(value) if value and value > 0 else None for key, value in ends.items()}
    return {"estimate": math.log(effect["factor"]), **logs}


def _places(logs: Mapping[str, float | None] | None, x: Axis) -> tuple[float, float, float] | None:
    if logs is None or logs["estimate"] is None:
        return None
    middle = logs["estimate"]
    ends = [middle if logs[key] is None else logs[key] for key in ("low", "high")]
    return x.at(middle), x.at(ends[0]), x.at(ends[1])


def _native(claim: Mapping[str, Any]) -> float | None:
    for arm in claim["arms"]:
        if arm["name"] == "native":
            return (arm.get("odd") or {}).get("estimate")
    return None
