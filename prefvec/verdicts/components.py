"""The lines of a verdict: what was tested and required, and what is shown beside it.

They tell what `assessment` decided and decide nothing.
"""

from collections.abc import Iterator
from dataclasses import replace

from prefvec.statistics.estimates import Estimate, Ratio, Share, clustered_mean, mean_of
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told, told_dose
from prefvec.statistics.survival import EndingHazard
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.controls import ControlCheck
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.exposure import Exposure
from prefvec.verdicts.planning import Plan
from prefvec.verdicts.verdict import Component


def components(assessment: Assessment, holm_pvalue: float, plan: Plan | None) -> list[Component]:
    """All lines, those that decide first.

    Args:
        assessment: of the claim.
        holm_pvalue: its p-value after Holm over its declared families.
        plan: the power of its tests.
    """
    return [
        *_tests(assessment, holm_pvalue),
        *_filter(assessment),
        *_required(assessment),
        *_refutations(assessment),
        *_labels(assessment),
        *_shown(assessment),
        *assessment.also_shown,
        *_power(plan),
    ]


def _tests(assessment: Assessment, holm_pvalue: float) -> Iterator[Component]:
    alpha = assessment.criterion.alpha
    factor = holm_pvalue / assessment.pvalue if assessment.pvalue > 0 else 1.0
    for part in assessment.support:
        if not assessment.valid:  # it counts as p = 1 in its family, and decides nothing
            yield Component.of_inequality(part, "shown", alpha, passed=None)
            continue
        holm = min(1.0, part.pvalue * factor)
        yield Component.of_inequality(part, "test", alpha, passed=holm <= alpha, holm=holm)


def _filter(assessment: Assessment) -> Iterator[Component]:
    for size in assessment.sizes:
        low, high = size.measured.confidence_interval()
        yield Component(
            name=f"{size.name.partition(' ')[2]} large enough to matter",
            sentence=f"Needed at least {told(size.needed, 'log')}; "
            f"measured {size.measured.summary()}.",
            role="filter",
            passed=size.reached,
            estimate=size.measured.estimate,
            low=low,
            high=high,
            threshold=size.needed,
            alternative="greater",
            scale="log",
        )


def _required(assessment: Assessment) -> Iterator[Component]:
    for condition in assessment.preconditions:
        yield Component(
            name=condition.name,
            sentence=condition.sentence,
            role="precondition",
            about=condition.about,
            passed=condition.passed,
        )
    for check in assessment.controls:
        yield _control(check)


def _control(check: ControlCheck) -> Component:
    return Component(
        name=check.name,
        sentence=check.sentence,
        role="control",
        passed=check.passed,
        pvalue=check.pvalue,
        estimate=check.estimate,
        threshold=check.threshold,
        alternative="greater",
        scale="log",
        mean=check.mean,
        spread=check.spread,
    )


def _refutations(assessment: Assessment) -> Iterator[Component]:
    for part in assessment.refuting:
        decided = part is assessment.refuted_by
        line = Component.of_inequality(
            part,
            "test" if decided else "shown",
            assessment.refuting_alpha,
            passed=True if decided else None,
        )
        name = ("refuted: " if decided else "would refute: ") + part.name
        yield replace(line, name=name, about="refutation")
    if (beyond := assessment.only_beyond) is not None:
        name = ("refuted" if assessment.refuted_by else "would refute") + f" only {beyond.name}"
        yield replace(_control(beyond), name=name, role="shown")


def _labels(assessment: Assessment) -> Iterator[Component]:
    """The tests behind a finer word, such as "inert" or "partial"."""
    if not assessment.valid:
        return
    if assessment.failure is not None:
        for part, alpha in assessment.failure.tests:
            yield _told_apart(part, alpha)
    exposure = assessment.exposure
    if exposure is not None and exposure.above is not None:
        line = _told_apart(exposure.above, assessment.criterion.alpha)
        yield replace(line, name=f"transfers: {line.name}")
    if (part := assessment.beyond_partial) is not None:
        line = _told_apart(part, assessment.criterion.alpha)
        yield replace(line, name=f"partial: {part.name}")


def _told_apart(part: Inequality, alpha: float) -> Component:
    holds = part.holds(alpha)
    line = Component.of_inequality(part, "shown", alpha, passed=True if holds else None)
    verb = "holds" if holds else "does not hold"
    return replace(line, sentence=f"{line.sentence.rstrip('.')}; {verb} at {alpha:g}.")


def _shown(assessment: Assessment) -> Iterator[Component]:
    arm, native = assessment.arm, assessment.native
    if arm is None:
        return
    if assessment.has_wrong_way:
        yield _wrong_way(arm.wrong_way)
    yield Component.of_estimate("odd part", mean_of(arm.odd))
    yield Component.of_estimate("even part (disturbance)", mean_of(arm.even))
    if arm.clusters is not None:
        clustered = clustered_mean(arm.odd, arm.clusters)
        remark = f", errors clustered over {clustered.df + 1:g} entities"
        yield Component.of_estimate("odd part, clustered by entity", clustered, remark)
    if arm.going_on is not None:
        shift = mean_of(arm.going_on.dropna())
        name = f"odds of {arm.measure.outcome_of_odds} at sentence ends, odd part"
        yield Component.of_estimate(name, shift)
    yield _cut_off(arm)
    if (hazard := arm.ending_hazard) is not None:
        yield _hazard(hazard)
    yield from _coherence(arm, "")
    if native is not None:
        yield Component.of_estimate("odd part of native", mean_of(native.odd))
        yield from _coherence(native, " of native")
    if (share := assessment.share_of_native) is not None:
        yield _share(share)
    exposure = assessment.exposure
    if exposure is not None and exposure.share is not None:
        yield replace(_share(exposure.share), name=f"share of native{_exposed(exposure)}")


def _exposed(exposure: Exposure) -> str:
    return f" of the target alone ({'exposed' if exposure.exposed else 'not exposed'})"


def _cut_off(arm: DoseResponse) -> Component:
    plain = float(arm.censored[0.0])
    return Component(
        name="answers cut off",
        sentence=f"Measured {told(plain, 'share')} of the unsteered answers cut off at the cap, "
        f"and at most {told(arm.most_censored, 'share')} at any dose; voids nothing.",
        role="shown",
        estimate=arm.most_censored,
        scale="share",
    )


def _wrong_way(wrong: Share) -> Component:
    return Component(
        name="prompts moved the wrong way",
        sentence=f"Measured {wrong.summary()}.",
        role="shown",
        estimate=wrong.share,
        low=wrong.low,
        high=wrong.high,
        scale="share",
    )


def _coherence(arm: DoseResponse, whose: str) -> Iterator[Component]:
    for dose in (arm.full_dose, -arm.full_dose):
        at = f"coherence difference{whose} at {told_dose(dose)}"
        yield Component.of_estimate(at, arm.coherence_at(dose))


def _hazard(hazard: EndingHazard) -> Component:
    shown = Component(name="hazard of ending", sentence=hazard.sentence, role="shown")
    if hazard.estimate is None:
        return shown
    low, high = hazard.estimate.confidence_interval()
    return replace(
        shown,
        estimate=hazard.estimate.estimate,
        low=low,
        high=high,
        scale="log",
        pvalue=hazard.pvalue,
    )


def _share(share: Ratio) -> Component:
    if share.low is None:
        said = "Undefined: the native effect does not differ from none."
        return Component(name="share of native", sentence=said, role="shown")
    return Component(
        name="share of native",
        sentence=f"Measured {share.summary()}; the contrast decides, not this ratio.",
        role="shown",
        estimate=share.ratio,
        low=share.low,
        high=share.high,
        scale="share",
    )


def _power(plan: Plan | None) -> Iterator[Component]:
    if plan is not None:
        main = plan.contrasts[0]
        yield Component(
            name=f"smallest effect these {plan.unit} show",
            sentence=plan.sentence,
            role="shown",
            about="power",
            estimate=main.minimum_detectable,
            scale=main.scale,
        )


def significant_direction(estimate: Estimate) -> int:
    """1 or −1 where the 95 % interval lies on one side of 0, else 0.

    Example:
        >>> significant_direction(mean_of([-0.4, -0.1, -0.3, -0.2]))
        -1
    """
    low, high = estimate.confidence_interval()
    return int(low > 0) - int(high < 0)
