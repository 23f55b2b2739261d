"""What a claim came to: the outcome, the numbers that decided it, and one sentence."""

import math
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Literal

from prefvec.statistics.estimates import Estimate
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told_p
from prefvec.verdicts.criteria import Criterion
from prefvec.vocabulary import About, Alternative, Role, Scale


class Outcome(Enum):
    """The five ends of a claim; the first that applies, in this order, is the one."""

    NOT_APPLICABLE = "The claim is undefined here, so nothing was tested."
    INVALID = "The measurement cannot tell, so nothing follows from it."
    REFUTED = "The evidence is against the claim."
    SUPPORTED = "The evidence is for the claim."
    INCONCLUSIVE = "The evidence is neither for nor against the claim."

    @property
    def word(self) -> str:
        """The outcome as reports write it.

        Example:
            >>> Outcome.NOT_APPLICABLE.word
            'NOT APPLICABLE'
        """
        return self.name.replace("_", " ")


@dataclass(frozen=True, kw_only=True, eq=False)
class Component:
    """One line of a verdict.

    Attributes:
        name: what was asked.
        sentence: what was needed and what was measured.
        role: what it is to the verdict.
        about: what sets it apart from other lines of its role, where something does.
        passed: whether it came out as needed; None where nothing was needed or it is undecided.
        tested: the inequality behind it, if it is one.
        alpha: the level it was tested at, before Holm.
        pvalue: of a line that shows one and tests no inequality: two-sided, or p_chance.
        holm: p-value of the inequality after Holm over the claim's family.
        estimate: the number, on `scale`.
        low, high: the ends of its 95 % interval; of a tested inequality the one-sided 95 % limit
            on the tested side alone, so that no line is at odds with its own interval.
        threshold: what it was compared with.
        mean, spread: of the family of controls that it was ranked among: mean odd part and root
            mean square, on `scale`.
    """

    name: str
    sentence: str
    role: Role
    about: About | None = None
    passed: bool | None = None
    tested: Inequality | None = None
    alpha: float | None = None
    pvalue: float | None = None
    holm: float | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    alternative: Alternative | None = None
    scale: Scale | None = None
    mean: float | None = None
    spread: float | None = None

    @classmethod
    def of_inequality(
        cls,
        tested: Inequality,
        role: Role,
        alpha: float,
        *,
        passed: bool | None,
        holm: float | None = None,
    ) -> "Component":
        """A tested inequality as a component, with its level before Holm."""
        above = tested.alternative == "greater"
        pvalue = told_p(tested.pvalue) + (f", Holm {told_p(holm)}" if holm is not None else "")
        return cls(
            name=tested.name,
            sentence=f"Needed {tested.needed}; measured {tested.measured}, {pvalue}.",
            role=role,
            passed=passed,
            tested=tested,
            alpha=alpha,
            holm=holm,
            estimate=tested.estimate.estimate,
            low=tested.bound if above else None,
            high=None if above else tested.bound,
            threshold=tested.threshold,
            alternative=tested.alternative,
            scale=tested.scale,
        )

    @classmethod
    def of_estimate(cls, name: str, measured: Estimate, remark: str = "") -> "Component":
        """An estimate that is shown and decides nothing."""
        low, high = measured.confidence_interval()
        return cls(
            name=name,
            sentence=f"Measured {measured.summary()}{remark}.",
            role="shown",
            estimate=measured.estimate,
            low=low,
            high=high,
            scale=measured.unit,
        )

    @property
    def signflip_disagrees(self) -> bool:
        """Whether paired t and sign-flip permutation part ways at the level."""
        if self.tested is None or self.alpha is None:
            return False
        return self.tested.signflip_disagrees(self.alpha)

    @property
    def bca_disagrees(self) -> bool:
        """Whether the intervals by t and by BCa bootstrap part ways about the threshold."""
        return self.tested is not None and self.tested.bca_disagrees

    def record(self) -> dict[str, Any]:
        """The component as plain Python types; numbers that are not finite become None."""
        tested = self.tested
        bca = tested.bca if tested is not None else None
        return {
            "name": self.name,
            "sentence": self.sentence,
            "role": self.role,
            "about": self.about,
            "inequality": tested.name if tested is not None else None,
            "estimate": _finite(self.estimate),
            "low": _finite(self.low),
            "high": _finite(self.high),
            "threshold": _finite(self.threshold),
            "alternative": self.alternative,
            "scale": self.scale,
            "mean": _finite(self.mean),
            "spread": _finite(self.spread),
            "alpha": self.alpha,
            "pvalue": tested.pvalue if tested is not None else self.pvalue,
            "pvalue_t": tested.pvalue_t if tested is not None else None,
            "pvalue_signflip": tested.pvalue_signflip if tested is not None else None,
            "holm": self.holm,
            "bca_low": bca[0] if bca is not None else None,
            "bca_high": bca[1] if bca is not None else None,
            "signflip_disagrees": self.signflip_disagrees,
            "bca_disagrees": self.bca_disagrees,
            "passed": self.passed,
        }


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The size of what happened, as a factor with its interval.

    Attributes:
        factor, low, high: a ratio; 1 is no effect.
        what: of what, in words.
        of: whether it is the odd part of the claim's arm or a contrast.
    """

    factor: float
    low: float
    high: float
    what: str
    of: Literal["arm", "contrast"]

    @classmethod
    def measured(cls, measured: Estimate, what: str, of: Literal["arm", "contrast"]) -> "Effect":
        """The factor of an estimate on the log scale."""
        low, high = measured.confidence_interval()
        return cls(
            factor=math.exp(measured.estimate),
            low=math.exp(low),
            high=math.exp(high),
            what=what,
            of=of,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Verdict:
    """The outcome of one claim and everything that decided it.

    Attributes:
        claim: the claim's id.
        criterion: what it had to show.
        outcome: one of five.
        label: a finer word for some outcomes, such as "inert" or "partial".
        sentence: the verdict in one or two sentences, with numbers.
        effect: the odd part of the claim's arm; None where nothing was measured.
        measure: what the arm's effects are factors of, e.g. "words per answer"; None likewise.
        components: the lines of the verdict.
        power: what the prompts could show (`planning.Plan`), as plain Python types.
        remarks: what else a reader should know.
    """

    claim: str
    criterion: Criterion
    outcome: Outcome
    sentence: str
    label: str | None = None
    effect: Effect | None = None
    measure: str | None = None
    components: tuple[Component, ...] = ()
    power: dict[str, Any] | None = None
    remarks: tuple[str, ...] = ()

    def summary(self) -> str:
        """Such as "SUPPORTED: the raw vector (inert) …"."""
        label = f" ({self.label})" if self.label else ""
        return f"{self.outcome.word}{label}: {self.sentence}"

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """The remarks, and where two methods tell different stories of one line."""
        found = list(self.remarks)
        if self.outcome in (Outcome.INVALID, Outcome.NOT_APPLICABLE):
            return tuple(found)
        for line in self.components:
            if line.signflip_disagrees:
                found.append(
                    f"“{line.name}”: of paired t and sign-flip permutation one is significant at "
                    f"{line.alpha:g} and the other is not; the larger p-value decides."
                )
            if line.bca_disagrees:
                found.append(
                    f"“{line.name}”: the 95 % intervals by t and by BCa bootstrap disagree about "
                    "the threshold; the tests decide."
                )
        return tuple(found)

    def record(self) -> dict[str, Any]:
        """The verdict as plain Python types, for JSON."""
        return {
            "id": self.claim,
            "kind": self.criterion.kind,
            "outcome": self.outcome.word,
            "label": self.label,
            "sentence": self.sentence,
            "effect": vars(self.effect).copy() if self.effect is not None else None,
            "measure": self.measure,
            "criterion": {
                "sentence": self.criterion.sentence,
                "parameters": self.criterion.parameters,
            },
            "components": [component.record() for component in self.components],
            "power": self.power,
            "notes": list(self.notes),
        }


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
