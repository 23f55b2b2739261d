"""From an assessment and its Holm p-value to the verdict, with its lines and its sentence."""

from dataclasses import replace

from prefvec.assessment import Assessment
from prefvec.criteria import Fails, Works
from prefvec.doses import DoseResponse
from prefvec.estimates import Ratio, clustered_mean, mean_of, ratio_of_means, told
from prefvec.failures import LABELS
from prefvec.inequalities import Inequality
from prefvec.verdict import Component, Effect, Outcome, Verdict


def conclude(assessment: Assessment, holm_pvalue: float) -> Verdict:
    """Give the verdict on a claim.

    Args:
        assessment: what was measured.
        holm_pvalue: its p-value after Holm over the declared family (`families.resolve`).
    """
    outcome = assessment.outcome(holm_pvalue)
    arm = assessment.arm
    return Verdict(
        claim=assessment.claim,
        criterion=assessment.criterion,
        outcome=outcome,
        label=_label(assessment, outcome),
        sentence=_sentence(assessment, outcome, holm_pvalue),
        effect=Effect.of(mean_of(arm.odd)) if arm is not None else None,
        components=tuple(_components(assessment, holm_pvalue)),
    )


def prompts_to_decide(assessment: Assessment, holm_pvalue: float) -> int | None:
    """About how many more prompts would decide an inconclusive claim, either way.

    For a power of 0.8 if means and spreads are as measured: the prompts that every part of the
    support not yet significant would need, or the fewest that a refutation would. None where no
    feasible number would, as with a failed control.
    """
    if assessment.arm is None:
        return None
    alpha, present = assessment.criterion.alpha, len(assessment.arm.effects)
    refuting = [part.prompts_needed(assessment.refuting_alpha) for part in assessment.refuting]
    paths = [needed for needed in refuting if needed is not None]
    if assessment.relevant and all(c.passed is True or c.tested for c in assessment.controls):
        # Holm's correction is kept as it came out: the level that one raw p-value had to reach.
        strict = alpha * min(1.0, assessment.pvalue / holm_pvalue)
        undecided = [(part, strict) for part in assessment.support if not part.holds(strict)]
        undecided += [
            (part, alpha) for c in assessment.controls for part in c.tested if not part.holds(alpha)
        ]
        needs = [part.prompts_needed(level) for part, level in undecided]
        if needs and None not in needs:
            paths.append(max(needed for needed in needs if needed is not None))
    return max(1, min(paths) - present) if paths else None


def share_of_native(assessment: Assessment) -> Ratio | None:
    """The arm's odd part as a share of the native one, where the claim compares them."""
    if assessment.arm is None or assessment.native is None:
        return None
    return ratio_of_means(assessment.arm.odd, assessment.native.odd)


def _label(assessment: Assessment, outcome: Outcome) -> str | None:
    if outcome is Outcome.SUPPORTED:
        return assessment.label
    criterion, share = assessment.criterion, share_of_native(assessment)
    if (
        isinstance(criterion, Works)
        and outcome in (Outcome.REFUTED, Outcome.INCONCLUSIVE)
        and share is not None
        and criterion.partial_from <= share.ratio < criterion.share_of_native
    ):
        return "partial"
    return None


def _sentence(assessment: Assessment, outcome: Outcome, holm_pvalue: float) -> str:
    arm = assessment.arm
    lacking = "; ".join(assessment.shortfalls(holm_pvalue))
    if outcome is Outcome.NOT_APPLICABLE or outcome is Outcome.INVALID or arm is None:
        return f"{lacking.rstrip('.')}."
    said = [_measured(assessment, arm)]
    label = _label(assessment, outcome)
    if label == "partial":
        said.append("This is a partial transfer.")
    elif label is not None:
        said.append(f"The failure is {label}: {LABELS[label]}.")
    if (refuted := assessment.refuted_by) is not None:
        said.append(f"Refuted by: {refuted.name} ({refuted.estimate.summary()}).")
    elif outcome is Outcome.INCONCLUSIVE:
        said.append(f"Not shown: {lacking}.")
        more = prompts_to_decide(assessment, holm_pvalue)
        said.append(
            f"About {more} more prompts would decide."
            if more is not None
            else "No feasible number of prompts would decide this."
        )
    return " ".join(said)


def _measured(assessment: Assessment, arm: DoseResponse) -> str:
    moved = mean_of(arm.odd).summary()
    share = share_of_native(assessment)
    of_native = f", {share.summary()} of native" if share is not None else ""
    return (
        f"With {arm.label}, answers change by {moved}{of_native} at the full dose; "
        f"{arm.wrong_way.summary()} of the prompts moved the wrong way."
    )


def _components(assessment: Assessment, holm_pvalue: float) -> list[Component]:
    alpha, factor = assessment.criterion.alpha, 1.0
    if assessment.pvalue > 0:
        factor = holm_pvalue / assessment.pvalue
    found: list[Component] = []
    for part in assessment.support:
        holm = min(1.0, part.pvalue * factor)
        found.append(Component.of_inequality(part, "test", passed=holm <= alpha, holm=holm))
    found += _filter(assessment)
    found += [
        Component(name=p.name, sentence=p.sentence, role="precondition", passed=p.passed)
        for p in assessment.preconditions
    ]
    found += [
        Component(
            name=check.name,
            sentence=check.sentence,
            role="control",
            passed=check.passed,
            estimate=check.estimate,
            threshold=check.threshold,
            alternative="greater",
            scale="log",
        )
        for check in assessment.controls
    ]
    found += [
        _refutation(part, decided=part is assessment.refuted_by) for part in assessment.refuting
    ]
    return found + _shown(assessment)


def _filter(assessment: Assessment) -> list[Component]:
    arm, criterion = assessment.arm, assessment.criterion
    if arm is None or isinstance(criterion, Fails):
        return []
    odd, needed = mean_of(arm.odd), told(criterion.at_least, "log")
    low, high = odd.confidence_interval()
    return [
        Component(
            name="odd part large enough to matter",
            sentence=f"Needed at least {needed}; measured {odd.summary()}.",
            role="filter",
            passed=assessment.relevant,
            estimate=odd.estimate,
            low=low,
            high=high,
            threshold=criterion.at_least,
            alternative="greater",
            scale="log",
        )
    ]


def _refutation(part: Inequality, *, decided: bool) -> Component:
    line = Component.of_inequality(
        part, "test" if decided else "shown", passed=True if decided else None
    )
    prefix = "refuted: " if decided else "would refute: "
    return replace(line, name=prefix + part.name)


def _shown(assessment: Assessment) -> list[Component]:
    arm = assessment.arm
    if arm is None:
        return []
    wrong = arm.wrong_way
    found = [
        Component(
            name="prompts moved the wrong way",
            sentence=f"Measured {wrong.summary()}.",
            role="shown",
            estimate=wrong.share,
            low=wrong.low,
            high=wrong.high,
            scale="share",
        ),
        Component.of_estimate("odd part", mean_of(arm.odd)),
        Component.of_estimate("even part (disturbance)", mean_of(arm.even)),
    ]
    if arm.clusters is not None:
        clustered = clustered_mean(arm.odd, arm.clusters)
        remark = f", errors clustered over {clustered.df + 1:g} entities"
        found.append(Component.of_estimate("odd part, clustered by entity", clustered, remark))
    if assessment.native is not None:
        found.append(Component.of_estimate("odd part of native", mean_of(assessment.native.odd)))
    if (share := share_of_native(assessment)) is not None:
        found.append(
            Component(
                name="share of native",
                sentence=f"Measured {share.summary()}; the contrast decides, not this ratio.",
                role="shown",
                estimate=share.ratio,
                low=share.low,
                high=share.high,
                scale="share",
            )
        )
    return found
