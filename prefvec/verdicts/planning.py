"""What the prompts of a claim can show, and how many more would decide it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.power import POWER, minimum_detectable, power_at, prompts_needed
from prefvec.statistics.scales import told
from prefvec.verdicts.assessment import Assessment
from prefvec.vocabulary import Scale


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What one deciding contrast can show with the prompts and the spread there are.

    Attributes:
        name: the inequality.
        decides: what it decides, "support" or "refutation".
        alpha: its level, before Holm.
        minimum_detectable: the true value nearest the threshold that would be shown with power
            `POWER`, on `scale`; None if none would.
        told: that value in words, and to which side it goes on.
        scale: "share" where the contrast is against a share of native.
        planned_power: the power under the effect that runs are planned for, if one is.
    """

    name: str
    decides: str
    alpha: float
    minimum_detectable: float | None
    told: str
    scale: Scale
    planned_power: float | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The power of a claim's tests.

    Attributes:
        prompts: how many there are, or of another unit.
        unit: what they are, in the plural.
        alpha: the level of the tests in support, before Holm.
        contrasts: the deciding ones; the first is the claim's main one.
        more_prompts: about how many more would decide an inconclusive claim; None where it is
            decided, or no feasible number would.
        to_decide: what would decide an inconclusive claim, in a sentence; else None.
    """

    prompts: int
    unit: str
    alpha: float
    contrasts: tuple[Reach, ...]
    more_prompts: int | None = None
    to_decide: str | None = None

    @property
    def planned_power(self) -> float | None:
        """The power of the least sure part of the support under the planned effect."""
        powers = [r.planned_power for r in self.contrasts if r.planned_power is not None]
        return min(powers) if powers else None

    @property
    def sentence(self) -> str:
        """What the prompts can show of the main contrast, either way."""
        against = next((r for r in self.contrasts if r.decides == "refutation"), None)
        ways = [self.contrasts[0]] if against is None else [self.contrasts[0], against]
        reach = " and ".join(f"“{way.name}” at {way.told}" for way in ways)
        planned = (
            f"; the planned effect with one of {self.planned_power:.2f}"
            if self.planned_power is not None
            else ""
        )
        return (
            f"Measured on {self.prompts} {self.unit}, of this spread, which show with a power of "
            f"{POWER:g} {reach}{planned}."
        )

    def record(self) -> dict[str, Any]:
        """The plan as plain Python types; the main contrast's numbers stand at the top."""
        main = self.contrasts[0]
        return {
            "prompts": self.prompts,
            "unit": self.unit,
            "alpha": self.alpha,
            "power": POWER,
            "minimum_detectable": main.minimum_detectable,
            "told": main.told,
            "scale": main.scale,
            "planned_power": self.planned_power,
            "more_prompts": self.more_prompts,
            "to_decide": self.to_decide,
            "sentence": self.sentence,
            "contrasts": [asdict(reach) for reach in self.contrasts],
        }


def plan(
    assessment: Assessment, more_prompts: int | None = None, to_decide: str | None = None
) -> Plan | None:
    """The power of a claim's deciding contrasts; None for a claim that is not valid.

    Args:
        assessment: of the claim.
        more_prompts: what `prompts_to_decide` says of it, if it is inconclusive.
        to_decide: the same in a sentence, or why no number of prompts would.
    """
    if not assessment.valid or not assessment.support:
        return None
    alpha = assessment.criterion.alpha
    reaches = [_reach(part, "support", alpha) for part in _main_first(assessment.support)]
    reaches += [
        _reach(part, "refutation", assessment.refuting_alpha)
        for part in _main_first(assessment.refuting)
    ]
    return Plan(
        prompts=assessment.n,
        unit=assessment.unit,
        alpha=alpha,
        contrasts=tuple(reaches),
        more_prompts=more_prompts,
        to_decide=to_decide,
    )


def prompts_to_decide(assessment: Assessment, holm_pvalue: float) -> int | None:
    """About how many more prompts would decide an inconclusive claim, either way.

    For a power of 0.8 if means and spreads are as measured: the prompts that every part of the
    support not yet significant would need, or the fewest that a refutation would. None where no
    feasible number would, as with a failed control.

    Args:
        assessment: of the claim.
        holm_pvalue: its p-value after Holm over its declared families.
    """
    if not assessment.support:
        return None
    alpha, present = assessment.criterion.alpha, assessment.n
    refuting = [
        prompts_needed(part, assessment.refuting_alpha)
        for part in assessment.refuting
        if assessment.refutable
    ]
    paths = [needed for needed in refuting if needed is not None]
    if assessment.relevant and all(c.passed is True or c.tested for c in assessment.controls):
        # Holm's correction is kept as it came out: the level that one raw p-value had to reach.
        strict = alpha * min(1.0, assessment.pvalue / holm_pvalue)
        undecided = [(part, strict) for part in assessment.support if not part.holds(strict)]
        undecided += [
            (part, alpha) for c in assessment.controls for part in c.tested if not part.holds(alpha)
        ]
        needs = [prompts_needed(part, level) for part, level in undecided]
        if needs and None not in needs:
            paths.append(max(needed for needed in needs if needed is not None))
    return max(1, min(paths) - present) if paths else None


def _main_first(parts: Sequence[Inequality]) -> list[Inequality]:
    """The contrast against native first, where there is one; else as the rule states them."""
    return sorted(parts, key=lambda part: part.share is None)


def _reach(part: Inequality, decides: str, alpha: float) -> Reach:
    minimum = minimum_detectable(part, alpha)
    scale: Scale = part.scale
    of_native, or_further = "", " or more" if part.alternative == "greater" else " or less"
    if part.share is not None and minimum is not None:
        minimum, scale, of_native = part.as_share(minimum), "share", f" of {part.whole_of}"
    return Reach(
        name=part.name,
        decides=decides,
        alpha=alpha / part.multiplicity,
        minimum_detectable=minimum,
        told="no size" if minimum is None else told(minimum, scale) + of_native + or_further,
        scale=scale,
        planned_power=None if part.planned is None else power_at(part, part.planned, alpha),
    )
