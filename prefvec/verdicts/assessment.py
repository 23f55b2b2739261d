"""What decides: everything that is tested and required of a claim, and the outcome it gives.

The first outcome that applies is the one. It takes two steps, for support is judged by the Holm
p-value of a whole family: each claim is assessed by itself (`rules`, `contrast_rules`), and has an
outcome once `holm.adjusted` has corrected its p-value. `wording` only says what was decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from prefvec.statistics.estimates import Estimate, Ratio, per_prompt, ratio_of_means
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told, told_p
from prefvec.verdicts.controls import ControlCheck
from prefvec.verdicts.criteria import Criterion, Spares, Steers, Works
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.exposure import Exposure
from prefvec.verdicts.failures import Failure
from prefvec.verdicts.preconditions import Precondition
from prefvec.verdicts.sizes import Size, sizes
from prefvec.verdicts.verdict import Component, Outcome
from prefvec.vocabulary import Alternative

AT_CHANCE_LEVEL = "at chance level"
PARTIAL = "partial"
OTHER_WAY = "steers the other way"


@dataclass(frozen=True, kw_only=True, eq=False)
class Contrast:
    """What a claim about a difference is about, where that is not the odd part of its arm.

    Attributes:
        what: the difference, as the subject of a sentence.
        unit: what one value is of, in the plural: "prompts".
        estimate: its mean, on the scale of the criterion.
    """

    what: str
    unit: str
    estimate: Estimate


@dataclass(frozen=True, kw_only=True, eq=False)
class Assessment:
    """Everything that decides a claim, before Holm.

    Attributes:
        claim: the claim's id.
        criterion: what it must show.
        arm: the arm it is about; None where nothing was measured, or no single arm is.
        contrast: the difference it is about, if it is about one.
        native: the target's own vector at the same cell, where the claim needs one.
        not_applicable: why the claim is undefined here, or "".
        preconditions: without any of these the claim is INVALID.
        support: inequalities that must all hold, by the Holm p of the largest.
        controls: checks that must all pass.
        refuting: inequalities each of which refutes the claim, at α over their number.
        only_beyond: the check without which none of them does; None where they do by themselves.
        failure: what tells the kind of a failure, where the claim is that one fails.
        exposure: what tells how a transfer is to be called, where the claim is that one works.
        also_shown: lines that decide nothing, besides those that every claim of an arm has.
        disagreement: that the outcome is another one by another rubric or judge, as a sentence;
            "" where it is not. What hangs on who is asked, and how, is INCONCLUSIVE.
    """

    claim: str
    criterion: Criterion
    arm: DoseResponse | None = None
    native: DoseResponse | None = None
    not_applicable: str = ""
    preconditions: tuple[Precondition, ...] = ()
    support: tuple[Inequality, ...] = ()
    controls: tuple[ControlCheck, ...] = ()
    refuting: tuple[Inequality, ...] = ()
    only_beyond: ControlCheck | None = None
    failure: Failure | None = None
    exposure: Exposure | None = None
    contrast: Contrast | None = None
    also_shown: tuple[Component, ...] = ()
    disagreement: str = ""

    @property
    def unit(self) -> str:
        """What the tests are over, in the plural."""
        return self.contrast.unit if self.contrast is not None else "prompts"

    @property
    def n(self) -> int:
        """How many units the tests are over; 0 where there is none."""
        return int(self.support[0].values.size) if self.support else 0

    @property
    def has_wrong_way(self) -> bool:
        """Whether its arm is meant to move prompts, and not to leave them alone."""
        return not isinstance(self.criterion, Spares)

    @property
    def valid(self) -> bool:
        """Whether the claim is defined and the measurement can tell."""
        return not self.not_applicable and all(p.passed for p in self.preconditions)

    @cached_property
    def pvalue(self) -> float:
        """Of the conjunction: the largest of its parts; 1 where the claim is not valid."""
        return max(part.pvalue for part in self.support) if self.valid and self.support else 1.0

    def label_of(self, outcome: Outcome) -> str | None:
        """A finer word for an outcome: the kind of a failure or of a transfer, or what it lacks.

        Args:
            outcome: of this assessment.
        """
        if outcome is Outcome.SUPPORTED:
            kind = self.failure or self.exposure
            return kind.label if kind is not None else None
        if outcome is Outcome.INCONCLUSIVE and self.at_chance_level:
            return AT_CHANCE_LEVEL
        if outcome is Outcome.REFUTED and self.other_way:
            return OTHER_WAY
        unsupported = outcome in (Outcome.REFUTED, Outcome.INCONCLUSIVE)
        return PARTIAL if unsupported and self.partial else None

    @property
    def other_way(self) -> bool:
        """Whether a vector that was to steer does so, significantly and by D, the wrong way."""
        arm, criterion = self.arm, self.criterion
        if arm is None or not isinstance(criterion, Steers):
            return False
        falls = Inequality.below("slope over the doses negative", arm.slope)
        opposite = arm.mean_odd <= -criterion.at_least
        return opposite and falls.holds(criterion.alpha)

    @cached_property
    def share_of_native(self) -> Ratio | None:
        """The arm's odd part as a share of the native one, where the claim compares them."""
        if self.arm is None or self.native is None:
            return None
        return ratio_of_means(self.arm.odd, self.native.odd)

    @cached_property
    def beyond_partial(self) -> Inequality | None:
        """That the arm does more than the share from which a transfer is partial."""
        if self.arm is None or self.native is None or not isinstance(self.criterion, Works):
            return None
        return against_native("greater", self.arm, self.native, self.criterion.partial_from)

    @property
    def partial(self) -> bool:
        """Whether the arm does significantly more than that share, and less than a full transfer.

        Controls must have passed: what they do as well is no transfer, not even a partial one.
        """
        above, share, criterion = self.beyond_partial, self.share_of_native, self.criterion
        return (
            isinstance(criterion, Works)
            and self.valid
            and above is not None
            and share is not None
            and share.ratio < criterion.share_of_native
            and all(check.passed is True for check in self.controls)
            and above.holds(criterion.alpha)
        )

    @property
    def relevant(self) -> bool:
        """Whether the effect is large enough to matter, a filter and not a test."""
        return all(size.reached for size in self.sizes)

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """The sizes that the criterion asks for."""
        if self.arm is None or not isinstance(self.criterion, Steers | Works):
            return ()
        return sizes(self.arm, self.criterion)

    @property
    def clearest_against(self) -> Inequality | None:
        """The refuting inequality with the smallest p-value, if it holds at α over their number."""
        if not self.valid or not self.refuting:
            return None
        clearest = min(self.refuting, key=lambda inequality: inequality.pvalue)
        return clearest if clearest.holds(self.refuting_alpha) else None

    @property
    def refutable(self) -> bool:
        """Whether a refuting inequality that holds refutes: not where chance does as much."""
        return self.only_beyond is None or self.only_beyond.passed is True

    @property
    def refuted_by(self) -> Inequality | None:
        """What refutes the claim, if something does."""
        return self.clearest_against if self.refutable else None

    @property
    def at_chance_level(self) -> bool:
        """Whether something would refute the claim that random directions do as well."""
        beyond = self.only_beyond
        return beyond is not None and beyond.passed is False and self.clearest_against is not None

    @property
    def refuting_alpha(self) -> float:
        """α over the number of alternatives that would refute."""
        return self.criterion.alpha / max(1, len(self.refuting))

    def outcome(self, holm_pvalue: float) -> Outcome:
        """The first outcome that applies.

        Args:
            holm_pvalue: `pvalue` after Holm over its declared families (`holm.adjusted`).
        """
        if self.not_applicable:
            return Outcome.NOT_APPLICABLE
        if not self.valid:
            return Outcome.INVALID
        if self.disagreement:
            return Outcome.INCONCLUSIVE
        if self.refuted_by is not None:
            return Outcome.REFUTED
        established = holm_pvalue <= self.criterion.alpha and self.relevant
        if established and all(check.passed is True for check in self.controls):
            return Outcome.SUPPORTED
        return Outcome.INCONCLUSIVE

    def shortfalls(self, holm_pvalue: float) -> list[str]:
        """What keeps the claim from being supported, as phrases with numbers.

        Args:
            holm_pvalue: `pvalue` after Holm over its declared families (`holm.adjusted`).
        """
        if self.not_applicable:
            return [self.not_applicable]
        if not self.valid:
            return [_inside(p.sentence) for p in self.preconditions if not p.passed]
        if self.disagreement:
            return [_inside(self.disagreement)]
        alpha = self.criterion.alpha
        found = [
            f"{part.name} ({part.measured}, {told_p(part.pvalue)})"
            for part in self.support
            if not part.holds(alpha)
        ]
        if not found and holm_pvalue > alpha:
            found = [f"the tests together, after Holm over the family ({told_p(holm_pvalue)})"]
        found += [size.shortfall for size in self.sizes if not size.reached]
        return found + [
            f"{check.name} ({_inside(check.sentence)})"
            for check in self.controls
            if check.passed is not True
        ]


def against_native(
    alternative: Alternative,
    arm: DoseResponse,
    native: DoseResponse,
    share: float,
    planned: float | None = None,
) -> Inequality:
    """That an arm's odd part is above, or below, a share of the native one, prompt by prompt.

    Args:
        alternative: which.
        arm: the claim's arm.
        native: the target's own vector.
        share: of the native odd part, as a fraction of 1.
        planned: the share that runs are planned for, likewise; None if they are for none.

    Raises:
        PrefvecError: for fewer than two prompts, or odd parts that are not finite.
    """
    side, whole = "above" if alternative == "greater" else "below", native.mean_odd
    return Inequality(
        name=f"odd part {side} {told(share, 'share')} of native",
        values=per_prompt(arm.odd.to_numpy() - share * native.odd.to_numpy()),
        alternative=alternative,
        planned=None if planned is None else (planned - share) * whole,
        share=share,
        whole=whole,
        whole_of="native",
    )


def _inside(sentence: str) -> str:
    """A sentence as a clause of another."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def not_applicable(claim: str, criterion: Criterion, reason: str) -> Assessment:
    """A claim that is undefined here, and why, as a sentence.

    Example:
        >>> from prefvec.verdicts.criteria import Fails
        >>> undefined = not_applicable("raw", Fails(), "The streams have unequal widths.")
        >>> undefined.outcome(undefined.pvalue).word, undefined.pvalue
        ('NOT APPLICABLE', 1.0)
    """
    return Assessment(claim=claim, criterion=criterion, not_applicable=reason)


def invalid(claim: str, criterion: Criterion, failed: Sequence[Precondition]) -> Assessment:
    """A claim that could not be measured, for example because its model failed a check.

    Args:
        claim: the claim's id.
        criterion: what it had to show.
        failed: what was not met, at least one.
    """
    return Assessment(claim=claim, criterion=criterion, preconditions=tuple(failed))
