"""Controls: what a direction that should do nothing, or something else, does all the same.

What they do can keep a claim from being supported, and never refutes it: a strong control says
that this cell cannot tell a transfer from chance, not that there is none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told, told_p
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.preconditions import unreadable
from prefvec.verdicts.rank import at_least_as_large, limit, p_chance, p_same_sign, quantile, spread

CONTROLS = 19
"""Directions of a family that a verdict needs: the fewest among whose 38 signed effects one may
reach the arm's at 5 %."""

CONTROL_PROMPTS = 24
"""Test prompts that each of them is asked, the first ones: it is the spread over directions that
counts, and the arm is ranked among them over the same prompts."""

RANDOM = "random directions"
SHUFFLED = "shuffled maps"
THROUGH_MAP = "random source directions through the map"


@dataclass(frozen=True, kw_only=True, eq=False)
class Controls:
    """The control arms of one claim, at the judged cell, over its prompts or the same few of them.

    Attributes:
        random: signed permutations of the judged vector's coordinates; at least `CONTROLS`.
        shuffled: the vector through maps fitted on shuffled pairs; as many for adapters.
        through_map: signed permutations of the source's vector through the real map; likewise.
        unrelated: other concepts through the real adapter, or copied raw where the claim's own
            vector is; at least one for a vector from elsewhere.
    """

    random: tuple[DoseResponse, ...]
    shuffled: tuple[DoseResponse, ...] = ()
    through_map: tuple[DoseResponse, ...] = ()
    unrelated: tuple[DoseResponse, ...] = ()

    @property
    def all(self) -> tuple[DoseResponse, ...]:
        """Every control arm."""
        return self.random + self.shuffled + self.through_map + self.unrelated

    def record(self) -> list[dict[str, Any]]:
        """The control arms as plain Python types; parts on the log scale, shares of 1."""
        kinds = {
            "random": self.random,
            "shuffled": self.shuffled,
            "through_map": self.through_map,
            "unrelated": self.unrelated,
        }
        return [
            {
                "name": arm.arm,
                "kind": kind,
                "odd": arm.mean_odd,
                "even": float(arm.even.to_numpy().mean()),
                "censored": arm.most_censored,
                "changed": arm.changed,
            }
            for kind, arms in kinds.items()
            for arm in arms
        ]


@dataclass(frozen=True, kw_only=True, eq=False)
class ControlCheck:
    """Whether an arm stands out from its controls.

    Attributes:
        name: from which controls.
        passed: None if they cannot tell yet.
        sentence: what was needed and what was measured.
        estimate: the arm's mean odd part, or its distance from the control, on the log scale.
        threshold: what it had to exceed, likewise; nan if there is none.
        pvalue: p_chance, where it was ranked among them.
        reached: Q, the 95 % quantile of what the family does, either way; nan likewise.
        mean: the mean odd part of the family; nan if it has no members.
        spread: the root mean square of its odd parts, likewise.
        tested: the inequalities behind it, if it was tested over prompts.
    """

    name: str
    passed: bool | None
    sentence: str
    estimate: float
    threshold: float
    pvalue: float | None = None
    reached: float = math.nan
    mean: float = math.nan
    spread: float = math.nan
    tested: tuple[Inequality, ...] = ()


def beyond_chance(
    arm: DoseResponse, controls: Sequence[DoseResponse], kind: str, alpha: float
) -> ControlCheck:
    """Whether an arm's mean odd part ranks beyond a family of directions, each with either sign.

    The arm is ranked over the prompts that the family was asked.
    Shuffled maps may have an odd part in common, so that their signs are not arbitrary: the arm
    must rank beyond them as they are, too.

    Args:
        arm: the claim's arm.
        controls: the family; fewer than `CONTROLS`, or one whose hook never fired, tell nothing.
        kind: what they are, in the plural.
        alpha: what p_chance may be at most.
    """
    name = f"beyond {kind}"
    if len(controls) < CONTROLS:
        few = f"Needed {CONTROLS} {kind}; measured {len(controls)}, too few to tell."
        return _undecided(name, few, arm)
    if hidden := _hidden(controls):
        return _undecided(name, hidden, arm)
    odd_parts = [control.mean_odd for control in controls]
    effect = arm.mean_odd_over(controls[0].effects.index)
    pvalue, signed = p_chance(effect, odd_parts), 2 * len(odd_parts)
    threshold = limit(odd_parts, alpha)
    if kind == SHUFFLED:
        pvalue = max(pvalue, p_same_sign(effect, odd_parts))
        threshold = max(threshold, *odd_parts)
    below = signed - at_least_as_large(effect, odd_parts)
    mean = sum(odd_parts) / len(odd_parts)
    return ControlCheck(
        name=name,
        passed=pvalue <= alpha,
        sentence=(
            f"Needed p_chance of at most {alpha:g} among {len(controls)} {kind}, either way; "
            f"measured {told(effect, 'log')}, more than {below} of {signed} (their mean "
            f"{told(mean, 'log')}, root mean square {told(spread(odd_parts), 'log')}), "
            f"p_chance = {pvalue:.3f}."
        ),
        estimate=effect,
        threshold=threshold,
        reached=quantile(odd_parts),
        pvalue=pvalue,
        mean=mean,
        spread=spread(odd_parts),
    )


def differs_from_unrelated(
    arm: DoseResponse, unrelated: Sequence[DoseResponse], alpha: float
) -> ControlCheck:
    """Whether an arm does significantly more than other concepts, adapted or copied as it was.

    Which pole of an unrelated concept is called positive is arbitrary, so the arm must exceed
    its odd part both ways round.

    Args:
        arm: the claim's arm.
        unrelated: the other concepts' arms, over the same prompts; without any nothing is told.
        alpha: the level at which the arm must exceed the one that comes closest.
    """
    name = "not what an unrelated concept does"
    if not unrelated:
        none = "Needed an unrelated concept carried in the same way; none was measured."
        return _undecided(name, none, arm)
    if hidden := _hidden(unrelated):
        return _undecided(name, hidden, arm)
    tested = tuple(
        Inequality.above(
            f"odd part above that of {control.label}{way}",
            arm.odd.to_numpy() - sign * control.odd.to_numpy(),
        )
        for control in unrelated
        for sign, way in ((1, ""), (-1, ", reversed"))
    )
    closest = max(tested, key=lambda inequality: inequality.pvalue)
    return ControlCheck(
        name=name,
        passed=True if closest.holds(alpha) else None,
        sentence=(
            f"Needed {closest.name}; measured {closest.measured} above it, "
            f"{told_p(closest.pvalue)}."
        ),
        estimate=closest.estimate.estimate,
        threshold=0.0,
        tested=tested,
    )


def _hidden(controls: Sequence[DoseResponse]) -> str:
    """What hides the effect of a control and so lowers the bar, as a sentence, or ""."""
    for control in controls:
        if why := unreadable(control):
            return f"Needed controls whose effect can be read; measured one that cannot: {why}"
    return ""


def _undecided(name: str, sentence: str, arm: DoseResponse) -> ControlCheck:
    return ControlCheck(
        name=name, passed=None, sentence=sentence, estimate=arm.mean_odd, threshold=math.nan
    )
