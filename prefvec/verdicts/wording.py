"""What words: an assessment and its corrected p-value as a verdict in sentences.

Nothing is decided here: the outcome is `Assessment.outcome`'s, the p-value `holm.adjusted`'s.
"""

import re
from collections.abc import Iterator

from prefvec.statistics.estimates import mean_of
from prefvec.statistics.scales import told, told_p
from prefvec.verdicts.assessment import AT_CHANCE_LEVEL, OTHER_WAY, PARTIAL, Assessment
from prefvec.verdicts.components import components, significant_direction
from prefvec.verdicts.criteria import Fails, Spares
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.exposure import SHOWN, TRANSFERS
from prefvec.verdicts.failures import LABELS
from prefvec.verdicts.planning import plan, prompts_to_decide
from prefvec.verdicts.verdict import Effect, Outcome, Verdict

PROMPTS_TO_CALL_INERT = 48
"""A true zero is found equivalent to 0 in 12 % of runs with 12 prompts, in 93 % with 48."""


def conclude(assessment: Assessment, holm_pvalue: float) -> Verdict:
    """Give the verdict on a claim, in words and numbers.

    Args:
        assessment: what was measured.
        holm_pvalue: its p-value after Holm over its declared families (`holm.adjusted`).

    Example:
        >>> from prefvec.verdicts.assessment import not_applicable
        >>> undefined = not_applicable("raw", Fails(), "The streams have unequal widths")
        >>> conclude(undefined, holm_pvalue=1.0).summary()
        'NOT APPLICABLE: The streams have unequal widths.'
    """
    outcome = assessment.outcome(holm_pvalue)
    open_ = outcome is Outcome.INCONCLUSIVE
    countable = open_ and not assessment.disagreement
    more = prompts_to_decide(assessment, holm_pvalue) if countable else None
    to_decide = _way_out(assessment, more) if open_ else None
    planned = plan(assessment, more, to_decide)
    return Verdict(
        claim=assessment.claim,
        criterion=assessment.criterion,
        outcome=outcome,
        label=assessment.label_of(outcome),
        sentence=" ".join(_sentences(assessment, outcome, holm_pvalue, to_decide)),
        effect=_effect(assessment),
        measure=assessment.arm.measure.quantity if assessment.arm is not None else None,
        components=tuple(components(assessment, holm_pvalue, planned)),
        power=planned.record() if planned is not None else None,
        remarks=tuple(_remarks(assessment)),
    )


def _effect(assessment: Assessment) -> Effect | None:
    """The size of what the claim is about; None where it is no factor, or was not measured."""
    contrast, arm = assessment.contrast, assessment.arm
    if contrast is not None:
        estimate = contrast.estimate
        is_factor = estimate.unit == "log"
        return Effect.measured(estimate, contrast.what, "contrast") if is_factor else None
    if arm is None:
        return None
    what = f"{arm.measure.quantity}, odd part at the full dose"
    return Effect.measured(mean_of(arm.odd), what, "arm")


def _sentences(
    assessment: Assessment, outcome: Outcome, holm_pvalue: float, to_decide: str | None
) -> Iterator[str]:
    if outcome is Outcome.NOT_APPLICABLE:
        yield f"{assessment.not_applicable.rstrip('.')}."
        return
    if outcome is Outcome.INVALID:
        yield from (p.sentence for p in assessment.preconditions if not p.passed)
        return
    yield _measured(assessment)
    label = assessment.label_of(outcome)
    if label is not None:
        yield _told_label(assessment, label)
    if outcome is Outcome.SUPPORTED:
        yield _weakest(assessment, holm_pvalue)
    elif outcome is Outcome.REFUTED:
        yield _refuted(assessment)
    else:
        yield f"Not shown: {'; '.join(assessment.shortfalls(holm_pvalue))}."
        assert to_decide is not None
        yield to_decide


def _told_label(assessment: Assessment, label: str) -> str:
    if label == PARTIAL:
        return f"This is a partial transfer: {_partial(assessment)}."
    if label == OTHER_WAY:
        return "It steers the other way: its negative does what was to be shown."
    if label in LABELS:
        return f"The failure is {label}: {LABELS[label]}."
    if label in (TRANSFERS, SHOWN):
        assert assessment.exposure is not None
        return f"It {label}: {assessment.exposure.meaning}."
    against, beyond = assessment.clearest_against, assessment.only_beyond
    assert label == AT_CHANCE_LEVEL
    assert against is not None
    assert beyond is not None
    return (
        f"This is at chance level: {against.name} ({against.measured}, {told_p(against.pvalue)}), "
        f"and random directions do as much (p_chance = {beyond.pvalue:.3f})."
    )


def _measured(assessment: Assessment) -> str:
    contrast, arm = assessment.contrast, assessment.arm
    if contrast is not None:
        what = contrast.what[0].upper() + contrast.what[1:]
        return f"{what} is {contrast.estimate.summary()} ({assessment.n} {contrast.unit})."
    assert arm is not None
    moved, share = mean_of(arm.odd).summary(), assessment.share_of_native
    of_native = wrong_way = ""
    if share is not None and share.low is not None:
        of_native = f", {share.summary()} of native"
    if assessment.has_wrong_way:
        wrong_way = f"; {arm.wrong_way.summary()} of the prompts moved the wrong way"
    told_first = "".join(f"{each}; " for each in (arm.words_told, arm.false_told) if each)
    return (
        f"With {arm.label}, {told_first}{_changed(arm)} by {moved} at the full dose (odd part, "
        f"{len(arm.effects)} prompts){of_native}{wrong_way}."
    )


def _changed(arm: DoseResponse) -> str:
    """What changed, as the subject and verb of a sentence."""
    article = "" if arm.measure.form == "amount" else "the "
    return f"{article}{arm.measure.quantity} change"


def _partial(assessment: Assessment) -> str:
    part = assessment.beyond_partial
    assert part is not None
    full = told(assessment.criterion.parameters["rho"], "share")
    return f"{part.name} ({part.measured}, {told_p(part.pvalue)}), on average less than {full}"


def _weakest(assessment: Assessment, holm_pvalue: float) -> str:
    part = max(assessment.support, key=lambda part: (part.pvalue, part.pvalue_t or 0.0))
    which = "Shown" if len(assessment.support) == 1 else "All criteria met; weakest"
    return f"{which}: {part.name} ({part.measured}, Holm {told_p(holm_pvalue)})."


def _refuted(assessment: Assessment) -> str:
    part = assessment.refuted_by
    assert part is not None
    level = f"{assessment.refuting_alpha:.3g}"
    return f"Refuted by: {part.name} ({part.measured}, {told_p(part.pvalue)} at level {level})."


def _way_out(assessment: Assessment, more: int | None) -> str:
    if more is not None:
        units = re.sub(r"s\b", "", assessment.unit) if more == 1 else assessment.unit
        return f"About {more} more {units} would decide, if means and spread stay as they are."
    if assessment.disagreement:
        why = "it hangs on who is asked, and how"
    elif any(check.passed is not True and not check.tested for check in assessment.controls):
        why = "a control stands in the way"
    elif assessment.at_chance_level:
        why = "chance does as much, which more prompts do not change"
    elif small := [size for size in assessment.sizes if not size.reached]:
        what, least = small[0].name.partition(" ")[2], told(small[0].needed, "log")
        why = f"the {what} lies below {least}, and too near it to be called smaller"
    else:
        why = "what is not shown lies beyond its threshold, or too near it"
    return f"No feasible number of {assessment.unit} would decide this: {why}."


def _remarks(assessment: Assessment) -> Iterator[str]:
    """What a reader should know besides, and what decides nothing."""
    arm = assessment.arm
    if arm is None:
        return
    hazard, odd = arm.ending_hazard, mean_of(arm.odd)
    if assessment.contrast is None and hazard is not None and hazard.estimate is not None:
        by_length = significant_direction(odd)
        if by_length != hazard.direction:
            yield (
                f"The odd part ({odd.summary()}) {_told_direction(by_length)}, the hazard of "
                f"ending, which knows of the cap, {_told_direction(hazard.direction)}; the odd "
                "part decides."
            )
    n = len(arm.effects)
    if isinstance(assessment.criterion, Fails | Spares) and n < PROMPTS_TO_CALL_INERT:
        yield (
            f"With {n} prompts a true zero is often not found equivalent to nothing; plan at "
            f"least {PROMPTS_TO_CALL_INERT}."
        )


def _told_direction(direction: int) -> str:
    return {
        1: "significantly lengthens answers",
        -1: "significantly shortens answers",
        0: "shows no significant change",
    }[direction]
