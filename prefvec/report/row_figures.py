"""Rows over one axis of ratios, such as the controls of a claim.

Numbers only; templates/figures.svg.j2 draws them as SVG.
"""

import math
from dataclasses import dataclass, field

from prefvec.report.arm_styles import arm_styles
from prefvec.report.axes import Axis, ratio_axis
from prefvec.report.effects import measure_of
from prefvec.report.lettering import beyond_one, in_lines
from prefvec.report.numerals import factor
from prefvec.report.plain_words import arm_word
from prefvec.report.record import Claim, Interval

_GUTTER, _TITLE, _APART = 142.0, 298.0, 32.0
_KINDS = {
    "random": "random directions",
    "shuffled": "shuffled maps",
    "through_map": "random, through the map",
    "unrelated": "unrelated",
}
"""What kinds of controls are called at the side of a figure."""


_Unplaced = tuple[str, str, Interval | None, list[float]]
"""A row before its place is known: label, style, interval and dots."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a figure with a common horizontal axis."""

    label: str
    y: float
    lines: list[str] = field(default_factory=list)
    under: list[str] = field(default_factory=list)
    arm: str = ""
    outcome: str = ""
    href: str = ""
    text: str = ""
    interval: tuple[float, float, float] | None = None
    reference: float | None = None
    band: tuple[float, float] | None = None
    dots: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class RowFigure:
    """Rows over one axis of ratios: the controls of a claim, or the claims of a question.

    Attributes:
        x_lines: what the axis is of, in lines.
    """

    id: str
    summary: str
    rows: list[Row]
    height: float
    zero: float
    ticks: list[tuple[float, str]]
    x_lines: list[str]
    band: tuple[float, float] | None = None

    @property
    def foot(self) -> float:
        """Pixels under the axis, for its ticks and title."""
        return 44 + beyond_one(self.x_lines)


def controls_figure(claim: Claim) -> RowFigure | None:
    """The odd parts of the arms over those of random, shuffled and unrelated directions."""
    kinds: dict[str, list[float]] = {}
    for control in claim["control_arms"]:
        if control["odd"] is not None:
            kinds.setdefault(control["kind"], []).append(control["odd"])
    if not kinds:
        return None
    arms = [
        (arm, odd)
        for arm in claim["arms"]
        if (odd := arm.get("odd")) and odd["estimate"] is not None
    ]
    bar = max((abs(odd) for kind in kinds.values() for odd in kind), default=0.0)
    values = [v for odds in kinds.values() for v in odds] + [bar, -bar]
    ends = [end for _, odd in arms for end in (odd["estimate"], odd["low"], odd["high"])]
    values += [end for end in ends if end is not None]
    x = ratio_axis(values, (150.0, 430.0))
    styles = arm_styles(claim)
    rows: list[_Unplaced] = [
        (arm_word(arm["name"], arm["label"]), styles[arm["name"]], odd, []) for arm, odd in arms
    ]
    rows += [
        (f"{_KINDS.get(kind, kind)} ({len(odds)})", "control", None, odds)
        for kind, odds in kinds.items()
    ]
    drawn, bottom = _placed(rows, x)
    return RowFigure(
        id=f"controls-{claim['id']}",
        summary=f"Odd parts of {len(arms)} arms and {len(claim['control_arms'])} controls; "
        f"the largest control reaches {factor(math.exp(bar))}.",
        rows=drawn,
        height=bottom + 16,
        zero=x.at(0.0),
        band=(x.at(-bar), x.at(bar)),
        ticks=x.ratio_ticks(apart=44),
        x_lines=in_lines(f"odd part: factor of {measure_of(claim)} at +c", _TITLE),
    )


def _placed(rows: list[_Unplaced], x: Axis) -> tuple[list[Row], float]:
    """The rows one under another, each as tall as its label, and where the last one ends."""
    drawn, top = list[Row](), 10.0
    for label, style, odd, odds in rows:
        broken = in_lines(label, _GUTTER)
        tall = _APART + beyond_one(broken)
        drawn.append(
            Row(
                label=label,
                lines=broken,
                y=top + tall / 2,
                arm=style,
                interval=places(odd, x),
                dots=[x.at(each) for each in odds],
            )
        )
        top += tall
    return drawn, top


def places(logs: Interval | None, x: Axis) -> tuple[float, float, float] | None:
    """Pixels of an estimate and its interval; an end that is not known lies on the estimate."""
    if logs is None or logs["estimate"] is None:
        return None
    middle = logs["estimate"]
    low, high = (middle if end is None else end for end in (logs["low"], logs["high"]))
    return x.at(middle), x.at(low), x.at(high)
