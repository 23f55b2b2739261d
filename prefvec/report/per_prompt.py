"""What steering did to each prompt: a table that sorts, and pairs of −c and +c."""

import math
from dataclasses import dataclass

from prefvec.report.arm_styles import at_full_dose, main_arm
from prefvec.report.axes import Axis, ratio_axis
from prefvec.report.blessing import odd_parts
from prefvec.report.effects import measure_of
from prefvec.report.numerals import factor
from prefvec.report.record import Claim

# A canvas 320 wide and 300 high: −c at the left, +c at the right.
_LEFT, _RIGHT = 70, 250
_Y = (262.0, 12.0)


@dataclass(frozen=True, kw_only=True)
class PromptRow:
    """One prompt under the claim's own arm; the numbers are log ratios against unsteered."""

    prompt: str
    minus: float
    plus: float
    native: float | None

    @property
    def odd(self) -> float:
        """Steering: half the difference of the two doses."""
        return (self.plus - self.minus) / 2

    @property
    def even(self) -> float:
        """Disturbance: half their sum."""
        return (self.plus + self.minus) / 2

    @property
    def cells(self) -> list[str]:
        """Each number as people read it."""
        values = (self.minus, self.plus, self.odd, self.even, self.native)
        return [factor(None if value is None else math.exp(value)) for value in values]


@dataclass(frozen=True, kw_only=True)
class PromptTable:
    """The prompts of a claim, those moved most first, with the paths of their paired plot."""

    id: str
    label: str
    measure: str
    rows: list[PromptRow]
    has_native: bool
    right_way: str
    wrong_way: str
    zero: float
    ticks: list[tuple[float, str]]

    @property
    def moved_wrong(self) -> int:
        """How many prompts moved the wrong way."""
        return sum(row.odd < 0 for row in self.rows)


def prompt_table(claim: Claim) -> PromptTable | None:
    """The table of a claim's own arm; None where no prompt was measured both ways."""
    main = main_arm(claim)
    doses = at_full_dose(main) if main else {}
    if not main or not doses:
        return None
    native = odd_parts(claim, "native") if main["name"] != "native" else {}
    rows = [
        PromptRow(prompt=prompt, minus=minus, plus=plus, native=native.get(prompt))
        for prompt, (minus, plus) in doses.items()
    ]
    rows.sort(key=lambda row: row.odd, reverse=True)
    y = ratio_axis([value for row in rows for value in (row.minus, row.plus)], _Y)
    return PromptTable(
        id=f"prompts-{claim['id']}",
        label=main["label"],
        measure=measure_of(claim),
        rows=rows,
        has_native=bool(native),
        right_way=_pairs([row for row in rows if row.odd >= 0], y),
        wrong_way=_pairs([row for row in rows if row.odd < 0], y),
        zero=y.at(0.0),
        ticks=y.ratio_ticks(apart=24),
    )


def _pairs(rows: list[PromptRow], y: Axis) -> str:
    return "".join(f"M{_LEFT} {y.at(r.minus):g}L{_RIGHT} {y.at(r.plus):g}" for r in rows)
