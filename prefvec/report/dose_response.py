"""Where things lie in the dose-response of a claim.

Numbers only; templates/figures.svg.j2 draws them as SVG.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from prefvec.report.arm_styles import arm_styles, main_arm
from prefvec.report.axes import Axis, ratio_axis
from prefvec.report.effects import measure_of
from prefvec.report.lettering import in_lines
from prefvec.report.numerals import decimal, ratio_interval
from prefvec.report.plain_words import arm_word
from prefvec.report.record import Arm, Claim, Dose

# A 440 wide canvas, means above (12 to 252), shares below (296 to 352).
_X, _Y, _SHARES = (64.0, 424.0), (252.0, 12.0), (352.0, 296.0)
_TITLE = 436.0


@dataclass(frozen=True, kw_only=True)
class Series:
    """One arm in the dose-response: a line through its means, with intervals.

    Attributes:
        arm: under which colour and mark it is drawn.
        label: what people read.
        points: place of each mean and what it is.
        bars: place and ends of each interval.
        coherent, censored: place of each share.
    """

    arm: str
    label: str
    points: list[tuple[float, float, str]]
    bars: list[tuple[float, float, float]]
    coherent: list[tuple[float, float]]
    censored: list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class DoseFigure:
    """The dose-response of a claim and, under it, coherence and censoring.

    Attributes:
        y_lines: what the upper axis is of, in lines.
    """

    id: str
    summary: str
    series: list[Series]
    y_lines: list[str]
    measure: str
    main: str
    prompts: str
    n_prompts: int
    band: tuple[float, float] | None
    zero: float
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    share_ticks: list[tuple[float, str]]
    chosen: list[float]


def dose_figure(claim: Claim) -> DoseFigure | None:
    """Means with intervals of every arm, one faint line per prompt for the claim's own arm."""
    arms = [arm for arm in claim["arms"] if any(_measured(d) for d in arm["doses"])]
    main = main_arm(claim, arms)
    if main is None:
        return None
    lines = _prompt_lines(main)
    doses = [dose for arm in arms for dose in arm["doses"] if _measured(dose)]
    reach = max((abs(dose["coefficient"]) for dose in doses), default=1.0) or 1.0
    x = Axis(-1.08 * reach, 1.08 * reach, *_X)
    ends = [math.log(end) for d in doses for end in (d["factor"], d["low"], d["high"]) if end]
    smallest = smallest_of_interest(claim)
    spread = _middle([value for line in lines for _, value in line])
    y = ratio_axis([*ends, *spread, *([] if smallest is None else [smallest, -smallest])], _Y)
    shares = Axis(0.0, 1.0, *_SHARES)
    styles = arm_styles(claim)
    series = [
        _series(arm, styles[arm["name"]], i - (len(arms) - 1) / 2, x, y, shares)
        for i, arm in enumerate(arms)
    ]
    coefficients = sorted({0.0, *(dose["coefficient"] for dose in doses)})
    return DoseFigure(
        id=f"dose-{claim['id']}",
        summary=_dose_summary(main, measure_of(claim)),
        series=series,
        y_lines=in_lines(f"{measure_of(claim)}, ratio", _TITLE),
        measure=measure_of(claim),
        main=main["name"],
        prompts="".join(_path([(x.at(c), y.at(value)) for c, value in line]) for line in lines),
        n_prompts=len(lines),
        band=None if smallest is None else (y.at(smallest), y.at(-smallest)),
        zero=y.at(0.0),
        x_ticks=[(x.at(c), _coefficient(c)) for c in coefficients],
        y_ticks=y.ratio_ticks(apart=26),
        share_ticks=[(shares.at(s), f"{s:.0%}".replace("%", " %")) for s in (0.0, 0.5, 1.0)],
        chosen=[x.at(-reach), x.at(reach)],
    )


def _series(arm: Arm, style: str, rank: float, x: Axis, y: Axis, shares: Axis) -> Series:
    doses = sorted((d for d in arm["doses"] if _measured(d)), key=lambda d: d["coefficient"])
    points, bars = [], []
    for dose in doses:
        # Arms stand a little beside each other, so that their intervals can be told apart.
        place = round(x.at(dose["coefficient"]) + 5 * rank, 1)
        named, factor = ratio_interval(dose), dose["factor"]
        assert factor is not None  # or it would not count as measured
        points.append((place, y.at(math.log(factor)), f"{arm['label']}: {named}"))
        if dose["low"] and dose["high"]:
            bars.append((place, y.at(math.log(dose["low"])), y.at(math.log(dose["high"]))))
    if not any(dose["coefficient"] == 0 for dose in doses):
        points.append((x.at(0.0), y.at(0.0), "unsteered: ×1 by definition"))
    points.sort()

    def share(key: str) -> list[tuple[float, float]]:
        known = [dose for dose in doses if dose.get(key) is not None]
        return [(round(x.at(d["coefficient"]) + 5 * rank, 1), shares.at(d[key])) for d in known]

    return Series(
        arm=style,
        label=arm_word(arm["name"], arm["label"]),
        points=points,
        bars=bars,
        coherent=share("coherent"),
        censored=share("censored"),
    )


def _prompt_lines(arm: Arm) -> list[list[tuple[float, float]]]:
    lines = []
    for doses in arm["per_prompt"].values():
        known = {float(c): value for c, value in doses.items() if value is not None}
        if any(known):
            lines.append(sorted({0.0: 0.0, **known}.items()))
    return lines


def _path(points: Iterable[tuple[float, float]]) -> str:
    """A faint line: whole pixels, and each step from the last, or they would fill the page."""
    whole = [(round(x), round(y)) for x, y in points]
    steps = (f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(whole))
    return f"M{whole[0][0]} {whole[0][1]}l{' '.join(steps)}".replace(" -", "-")


def _middle(values: list[float]) -> list[float]:
    """The 2nd and 98th of a hundred: single prompts do not set the scale."""
    ordered = sorted(values)
    if not ordered:
        return []
    return [ordered[round(0.02 * (len(ordered) - 1))], ordered[round(0.98 * (len(ordered) - 1))]]


def _measured(dose: Dose) -> bool:
    ends = (dose["low"], dose["high"])
    whole = all(end is None or end > 0 for end in ends)
    return whole and dose["factor"] is not None and dose["factor"] > 0


def smallest_of_interest(claim: Claim) -> float | None:
    """The smallest effect of interest (log ratio), of criteria that have one."""
    return claim["criterion"]["parameters"].get("D")


def _coefficient(value: float) -> str:
    return "0" if value == 0 else f"{decimal(value, 2).rstrip('0').rstrip('.')}"


def _dose_summary(arm: Arm, measure: str) -> str:
    steps = (f"{_coefficient(d['coefficient'])}: {ratio_interval(d)}" for d in arm["doses"])
    told = "; ".join(steps)
    return f"{measure[:1].upper()}{measure[1:]} against unsteered, {arm['label']}. {told}."
