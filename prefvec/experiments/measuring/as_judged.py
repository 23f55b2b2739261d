"""A claim as a judge has it: the judge's card first, then the same claim by every rubric and judge.

What decides is the judge with the first rubric. The claim is measured again with the second rubric,
and with the second judge if one is named: an outcome that changes between them is none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from prefvec.errors import PrefvecError
from prefvec.experiments.claims import Claim
from prefvec.experiments.judged import View, cards, known, rubrics_of, views
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import criterion_of, trait_of
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.pairs import Pair
from prefvec.judging.card import JudgeCard
from prefvec.judging.correction import Corrected, corrected_odd
from prefvec.text.rubrics import by_judge
from prefvec.verdicts.assessment import Assessment, invalid
from prefvec.verdicts.preconditions import Precondition
from prefvec.verdicts.verdict import Component, Outcome

Kind = Callable[[Claim, Pair, Lab], Measured]
"""Measures a claim by its kind, in whatever lab it is given."""


def is_judged(claim: Claim, lab: Lab) -> bool:
    """Whether a claim needs a judge."""
    return claim.judged or by_judge(trait_of(claim, lab).measure)


def measure_as_judged(claim: Claim, pair: Pair, lab: Lab, kind: Kind) -> Measured:
    """Measure a claim by the run's judges, once these have passed their cards.

    Args:
        claim: the claim.
        pair: the models it is about.
        lab: of the run.
        kind: measures such a claim.

    Raises:
        PrefvecError: if no judge is named or can be asked, if its budget is spent, or for a claim
            about many models.
    """
    if claim.over_all_pairs:
        raise PrefvecError(
            f"The claim {claim.id!r} is about many models at once, and a judge must prove itself "
            "on each of them. State it of one pair."
        )
    trait = trait_of(claim, lab)
    seen, found = views(lab, trait.name), cards(lab, trait.name, pair.target)
    told = tuple(_told(card, pair.target, trait.name) for card in found)
    beside = tuple(
        {
            "known": judge.known,
            "as_known": judge.found,
            "card": _told(judge.card, pair.target, trait.name),
        }
        for judge in known(lab, trait.name, pair.target)
    )
    passed = [_passes(view, card) for view, card in zip(seen, found, strict=True)]
    if not all(condition.passed for condition in passed):
        failed = invalid(claim.name(pair), criterion_of(claim, lab), passed)
        return Measured(assessment=failed, cards=told, known_judges=beside, complete=False)
    measured = [kind(claim, pair, view.lab) for view in seen]
    conditions = [*passed, *(_readable(v, m) for v, m in zip(seen, measured, strict=True))]
    main, outcomes = measured[0], [_outcome(each.assessment) for each in measured]
    assessment = replace(
        main.assessment,
        preconditions=(*main.assessment.preconditions, *conditions),
        disagreement=_disagreement(seen, outcomes),
        also_shown=(
            *main.assessment.also_shown,
            _agreement(seen, outcomes),
            *_corrections(seen[0], found[0], main.arms, rubrics_of(trait).higher),
        ),
    )
    return replace(main, assessment=assessment, cards=told, known_judges=beside)


def _passes(view: View, card: JudgeCard) -> Precondition:
    return Precondition(
        name=f"the judge's card: {view.name}", passed=card.passed, sentence=card.sentence
    )


def _readable(view: View, measured: Measured) -> Precondition:
    """Whether marks could be read in every arm that the claim rests on, controls included."""
    arms = {answer.arm for arm in measured.arms for answer in arm.completions}
    controls = measured.controls.all if measured.controls is not None else ()
    arms |= {control.arm for control in controls} | {"unsteered"}
    arms |= {f"prompted {arm.under}" for arm in measured.arms if arm.under is not None}
    failures = view.marking.failures(arms)
    return Precondition(
        name=f"marks can be read: {view.name}",
        passed=failures.passed,
        sentence=failures.sentence,
    )


def _outcome(assessment: Assessment) -> Outcome:
    """By itself, before Holm: families are corrected alike whoever judges."""
    return assessment.outcome(assessment.pvalue)


def _disagreement(seen: Sequence[View], outcomes: Sequence[Outcome]) -> str:
    """That another view comes to another outcome, as a sentence; "" where none does."""
    for view, outcome in zip(seen[1:], outcomes[1:], strict=True):
        if outcome is not outcomes[0]:
            return (
                f"By {seen[0].name} the claim is {outcomes[0].word}, and by {view.name} "
                f"{outcome.word}, before Holm."
            )
    return ""


def _agreement(seen: Sequence[View], outcomes: Sequence[Outcome]) -> Component:
    told = ", ".join(
        f"{outcome.word} by {view.name}" for view, outcome in zip(seen, outcomes, strict=True)
    )
    return Component(
        name="the same by every rubric and judge",
        sentence=f"Needed one outcome; measured {told}, before Holm.",
        role="control",
        passed=not _disagreement(seen, outcomes),
    )


def _corrections(
    view: View, card: JudgeCard, arms: Sequence[Arm], higher: int
) -> Iterator[Component]:
    """Of each arm, the odd part of the share judged positive: plain, and without the errors."""
    for arm in arms:
        found = _corrected(view, card, arm, higher)
        if found is not None:
            low, high = found.corrected.confidence_interval()
            yield Component(
                name=f"share judged positive, odd part of {arm.doses.label}",
                sentence=f"Measured {found.sentence} for the judge's errors (Rogan–Gladen).",
                role="shown",
                estimate=found.corrected.estimate,
                low=low,
                high=high,
                scale="share",
            )


def _corrected(view: View, card: JudgeCard, arm: Arm, higher: int) -> Corrected | None:
    full = arm.doses.full_dose
    by_dose = {
        sign: view.marking.shares(a for a in arm.completions if a.coefficient == sign * full)
        for sign in (1.0, -1.0)
    }
    prompts = [prompt for prompt in by_dose[1.0] if prompt in by_dose[-1.0]]
    if len(prompts) < 2:
        return None
    high = {sign: np.array([of[p] for p in prompts]) for sign, of in by_dose.items()}
    positive = high if higher > 0 else {sign: 1 - share for sign, share in high.items()}
    return corrected_odd(positive, card.sensitivity, card.specificity)


def _told(card: JudgeCard, model: str, trait: str) -> dict[str, Any]:
    return {**card.record(), "model": model, "trait": trait}
