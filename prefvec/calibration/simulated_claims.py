"""What comes of simulated claims: from a true effect to counts of outcomes, by the real rules."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from prefvec.calibration.judged_runs import (
    Carried,
    flipped,
    raw_claims,
    steering_claims,
    tally,
    transfer_claims,
)
from prefvec.calibration.simulation import (
    COHERENT,
    NATIVE,
    JudgedCell,
    PerRun,
    Scenes,
)
from prefvec.statistics.inequalities import Inequality, flipped_together
from prefvec.verdicts.assessment import not_applicable
from prefvec.verdicts.criteria import GOING_ON, Fails, Steers, Works
from prefvec.verdicts.holm import adjusted

Play = Callable[[Scenes], Counter[str]]
"""From simulated experiments to counts of what came of them."""

Effect = tuple[float, float]
"""The true mean of d at +c and at −c."""

Coherence = float | tuple[float, float]
"""Share of answers that are coherent, or that at +c and that at −c."""

Family = Literal["random", "shuffled", "through"]
"""A family of controls."""

NOTHING: Effect = (0.0, 0.0)
CELL = JudgedCell()
ANY_SIGNIFICANT = "one or more significant"
ALPHA = Steers().alpha

NATIVE_SHIFT = 1.5
"""The planned shift of the log-odds of going on by the target's own vector."""

FAMILY = 10
"""Claims of a family."""


def steering(
    up: float,
    down: float,
    *,
    at_half: float = 0.5,
    coherent: Coherence = COHERENT,
    going_on: float | None = None,
    cut: float = 0.0,
    cell: JudgedCell = CELL,
) -> Play:
    """A claim that a vector of this true effect steers.

    Args:
        up: at +c.
        down: at −c.
        at_half: share of the full dose's effect that half of it has.
        coherent: share of coherent answers.
        going_on: its true shift of the log-odds of going on, for a claim that asks for one.
        cut: share of the unsteered answers that the cap cut off.
        cell: what chance does there.
    """
    criterion = Steers(going_on_at_least=None if going_on is None else GOING_ON)

    def play(scenes: Scenes) -> Counter[str]:
        arms = scenes.arm(
            "native",
            up,
            down,
            at_half=at_half,
            coherent=coherent,
            going_on=going_on,
            censored=cut,
        )
        return tally(steering_claims(arms, scenes.controls(kinds=1, cell=cell), criterion))

    return play


def steering_by_chance(cell: JudgedCell) -> Play:
    """A claim that a vector steers which is one of the random directions."""

    def play(scenes: Scenes) -> Counter[str]:
        arms = scenes.arm("native", *_beside(scenes, NOTHING, cell, "random"))
        return tally(steering_claims(arms, scenes.controls(kinds=1, cell=cell)))

    return play


def failing(raw: Effect, *, cell: JudgedCell = CELL, by_chance: bool = False) -> Play:
    """A claim that raw transfer fails.

    Args:
        raw: the true effect of the copied vector.
        cell: what the target's own vector does there, and chance.
        by_chance: whether to its effect is added that of one of the random directions.
    """

    def play(scenes: Scenes) -> Counter[str]:
        natives = scenes.arm("native", *cell.native)
        raws = scenes.arm("raw", *_beside(scenes, raw, cell, "random" if by_chance else None))
        controls = scenes.controls(kinds=1, cell=cell)
        positive = steering_claims(natives, controls)
        return tally(raw_claims(raws, natives, positive, controls))

    return play


def working(
    adapted: Effect,
    *,
    raw: Effect = NOTHING,
    cell: JudgedCell = CELL,
    coherent: Coherence = COHERENT,
    by_chance: Family | None = None,
    unrelated: Effect | None = None,
    target_only: Effect | None = None,
    going_on: float | None = None,
) -> Play:
    """A claim that adapted transfer works.

    Args:
        adapted: the true effect of the carried vector at +c and −c.
        raw: that of the copied vector.
        cell: what the target's own vector does there, and chance.
        coherent: share of coherent answers under the adapted vector.
        by_chance: the family of controls, one of which is added to its effect.
        unrelated: the effect of one more unrelated concept.
        target_only: that of what the target reads from the rows it was shown, if it was.
        going_on: its true shift of the log-odds of going on, for a claim that asks for one; that
            of the target's own vector is `NATIVE_SHIFT`.
    """
    criterion = Works(going_on_at_least=None if going_on is None else GOING_ON)

    def play(scenes: Scenes) -> Counter[str]:
        effect = _beside(scenes, adapted, cell, by_chance)
        adapteds = scenes.arm("adapted", *effect, coherent=coherent, going_on=going_on)
        shift = None if going_on is None else NATIVE_SHIFT
        natives = scenes.arm("native", *cell.native, going_on=shift)
        controls = scenes.controls(cell=cell)
        positive = steering_claims(natives, controls)
        if unrelated is not None:
            others = scenes.arm("unrelated", *unrelated, doses=(-1.0, 1.0))
            controls = [
                replace(given, unrelated=(*given.unrelated, arm))
                for given, arm in zip(controls, others, strict=True)
            ]
        arms = Carried(
            arms=adapteds,
            natives=natives,
            raws=scenes.arm("raw", *raw),
            alone=None if target_only is None else scenes.arm("target-only", *target_only),
        )
        return tally(transfer_claims(arms, positive, controls, criterion))

    return play


def copying(copied: Effect, *, cell: JudgedCell = CELL) -> Play:
    """A claim that a vector works as it was copied, within a family; see `working`."""

    def play(scenes: Scenes) -> Counter[str]:
        arms = Carried(arms=scenes.arm("raw", *copied), natives=scenes.arm("native", *cell.native))
        controls = scenes.controls(kinds=2, cell=cell)
        positive = steering_claims(arms.natives, controls)
        return tally(transfer_claims(arms, positive, controls, Works(mapped=False)))

    return play


def _beside(
    scenes: Scenes, effect: Effect, cell: JudgedCell, family: Family | None
) -> tuple[PerRun, PerRun]:
    """An effect with that of one more of a family of controls."""
    if family is None:
        return effect
    spread = {"random": cell.spread, "shuffled": cell.shuffled, "through": cell.through}[family]
    odd = scenes.by_chance(spread, cell.common if family == "shuffled" else 0.0)
    return effect[0] + odd, effect[1] - odd


def unequal_widths(scenes: Scenes) -> Counter[str]:
    """A claim about coordinates that the target does not have."""
    claims = [not_applicable("fails", Fails(), "The widths differ") for _ in range(scenes.runs)]
    return tally(claims)


def family_of_claims(raw: Effect) -> Play:
    """Ten claims that raw transfer of this true effect fails, against one native vector."""

    def play(scenes: Scenes) -> Counter[str]:
        natives = scenes.arm("native", *NATIVE)
        controls = scenes.controls(kinds=1)
        positive = steering_claims(natives, controls)
        members = [
            flipped(
                raw_claims(scenes.arm("raw", *raw), natives, positive, controls), refuting=False
            )
            for _ in range(FAMILY)
        ]
        return _by_holm(
            [[claim.pvalue for claim in claims] for claims in zip(*members, strict=True)]
        )

    return play


def family_of_nulls(scenes: Scenes) -> Counter[str]:
    """Ten true nulls that are independent, for odd parts share no unsteered answers."""
    members = [
        flipped_together([Inequality.above("odd part", arm.odd) for arm in scenes.arm("null")])
        for _ in range(FAMILY)
    ]
    return _by_holm([[part.pvalue for part in parts] for parts in zip(*members, strict=True)])


def _by_holm(runs: list[list[float]]) -> Counter[str]:
    """In how many runs something is significant after Holm over its family, all of it being false.

    Args:
        runs: the p-values of the family's members, run by run.
    """
    wrong = 0
    for pvalues in runs:
        family = {str(member): pvalue for member, pvalue in enumerate(pvalues)}
        wrong += any(adjusted(member, [family]) <= ALPHA for member in family)
    return Counter({ANY_SIGNIFICANT: wrong, "none significant": len(runs) - wrong})
