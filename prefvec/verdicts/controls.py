"""Controls: what a direction that should do nothing, or something else, does all the same."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prefvec.statistics.estimates import prediction_limit
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told, told_p
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.preconditions import unreadable

CONTROLS = 8
"""Random directions, and shuffled maps, that a verdict needs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Controls:
    """The control arms of one claim, at its arm's site and norm, over its prompts.

    Attributes:
        random: random directions; at least `CONTROLS`.
        shuffled: the vector through maps fitted on shuffled pairs; as many for adapters.
        unrelated: other concepts through the real adapter, or copied raw where the claim's own
            vector is; at least one for a vector from elsewhere.
    """

    random: tuple[DoseResponse, ...]
    shuffled: tuple[DoseResponse, ...] = ()
    unrelated: tuple[DoseResponse, ...] = ()

    @property
    def all(self) -> tuple[DoseResponse, ...]:
        """Every control arm."""
        return self.random + self.shuffled + self.unrelated

    def record(self) -> list[dict[str, Any]]:
        """The control arms as plain Python types; parts on the log scale, shares of 1."""
        kinds = {"random": self.random, "shuffled": self.shuffled, "unrelated": self.unrelated}
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
        tested: the inequalities behind it, if it was tested over prompts.
    """

    name: str
    passed: bool | None
    sentence: str
    estimate: float
    threshold: float
    tested: tuple[Inequality, ...] = ()


def beyond(arm: DoseResponse, controls: Sequence[DoseResponse], kind: str) -> ControlCheck:
    """Whether an arm's mean odd part exceeds every |odd part| of a group and its prediction limit.

    Args:
        arm: the claim's arm.
        controls: the group; fewer than `CONTROLS`, or ones whose effect is hidden, tell nothing.
        kind: what they are, in the plural.
    """
    name = f"beyond {kind}"
    if len(controls) < CONTROLS:
        few = f"Needed {CONTROLS} {kind}; measured {len(controls)}, too few to tell."
        return _undecided(name, few, arm)
    if hidden := _hidden(controls):
        return _undecided(name, hidden, arm)
    odd_parts = [control.mean_odd for control in controls]
    largest, limit = max(map(abs, odd_parts)), prediction_limit(odd_parts)
    return ControlCheck(
        name=name,
        passed=arm.mean_odd > max(largest, limit),
        sentence=(
            f"Needed above the largest of {len(controls)} {kind}, either way "
            f"({told(largest, 'log')}), and their prediction limit ({told(limit, 'log')}); "
            f"measured {told(arm.mean_odd, 'log')}."
        ),
        estimate=arm.mean_odd,
        threshold=max(largest, limit),
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
            f"Needed {closest.name}; measured {closest.estimate.summary()} above it, "
            f"{told_p(closest.pvalue)}."
        ),
        estimate=closest.estimate.estimate,
        threshold=0.0,
        tested=tested,
    )


def strongest_above(arm: DoseResponse, controls: Controls, share: float) -> Inequality:
    """The control that most clearly does more than a share of what the arm does.

    Each control is taken both ways round, and the p-value is multiplied by the number of
    comparisons (Bonferroni).

    Args:
        arm: the claim's arm.
        controls: of all kinds, at least one, over the same prompts.
        share: of the arm's odd part, as a fraction of 1.
    """
    rivals = [
        Inequality.above(
            f"{control.label}{way} above {told(share, 'share')} of the arm's odd part",
            sign * control.odd.to_numpy() - share * arm.odd.to_numpy(),
        )
        for control in controls.all
        for sign, way in ((1, ""), (-1, ", reversed,"))
    ]
    worst = min(rivals, key=_by_t)
    return Inequality(name=worst.name, values=worst.values, multiplicity=len(rivals))


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


def _by_t(rival: Inequality) -> float:
    return rival.pvalue_t if rival.pvalue_t is not None else rival.pvalue_signflip
