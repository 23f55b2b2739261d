"""The real rules on simulated arms of many runs at once, and counts of what came of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from prefvec.statistics.inequalities import flipped_together
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.controls import Controls
from prefvec.verdicts.criteria import Fails, Steers, Works
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.rules import assess_fails, assess_steers, assess_works
from prefvec.verdicts.verdict import Outcome

CONTESTED = "REFUTED, else SUPPORTED"
"""Counted beside the outcomes: refuted runs whose support held too, so that order decided."""


def steering_claims(
    arms: Sequence[DoseResponse],
    controls: Sequence[Controls],
    criterion: Steers | None = None,
) -> list[Assessment]:
    """`steers` of each run, its sign flips done."""
    asked = criterion or Steers()
    return flipped(
        [
            assess_steers("steers", arm, controls=given, criterion=asked, identity_holds=True)
            for arm, given in zip(arms, controls, strict=True)
        ]
    )


def raw_claims(
    raws: Sequence[DoseResponse],
    natives: Sequence[DoseResponse],
    positive: Sequence[Assessment],
    controls: Sequence[Controls],
) -> list[Assessment]:
    """`fails` of each run."""
    return [
        assess_fails(
            "fails",
            raw,
            native=native,
            random=given.random,
            positive_control=control,
            criterion=Fails(),
            identity_holds=True,
        )
        for raw, native, control, given in zip(raws, natives, positive, controls, strict=True)
    ]


@dataclass(frozen=True, kw_only=True, eq=False)
class Carried:
    """The arms of claims that a transfer works, one of each run.

    Attributes:
        arms: the carried vector.
        natives: the target's own.
        raws: the copied one, where the claim is not about it.
        alone: what the target reads from the rows it was shown, if it was.
    """

    arms: Sequence[DoseResponse]
    natives: Sequence[DoseResponse]
    raws: Sequence[DoseResponse] | None = None
    alone: Sequence[DoseResponse] | None = None


def transfer_claims(
    carried: Carried,
    positive: Sequence[Assessment],
    controls: Sequence[Controls],
    criterion: Works,
) -> list[Assessment]:
    """`works` of each run."""
    none = [None] * len(carried.arms)
    return [
        assess_works(
            "works",
            arm,
            native=native,
            raw=raw,
            positive_control=control,
            controls=given,
            criterion=criterion,
            identity_holds=True,
            target_only=alone,
        )
        for arm, native, raw, alone, control, given in zip(
            carried.arms,
            carried.natives,
            carried.raws or none,
            carried.alone or none,
            positive,
            controls,
            strict=True,
        )
    ]


def flipped(claims: Sequence[Assessment], *, refuting: bool = True) -> list[Assessment]:
    """The same claims, the sign flips of all their tests done at once, which is much faster.

    Args:
        claims: one of each run.
        refuting: whether what would refute them is asked for too.
    """
    parts = [(*claim.support, *(claim.refuting if refuting else ())) for claim in claims]
    done = iter(flipped_together(list(chain.from_iterable(parts))))
    return [
        replace(
            claim,
            support=tuple(islice(done, len(claim.support))),
            refuting=tuple(islice(done, len(claim.refuting))) if refuting else claim.refuting,
        )
        for claim in claims
    ]


def tally(claims: Sequence[Assessment]) -> Counter[str]:
    """Each outcome before Holm, its labels, and what was contested."""
    counts: Counter[str] = Counter()
    for claim in flipped(claims):
        outcome = claim.outcome(claim.pvalue)
        counts[outcome.word] += 1
        if (label := claim.label_of(outcome)) is not None:
            counts[label] += 1
        if outcome is Outcome.REFUTED:
            unopposed = replace(claim, refuting=()).outcome(claim.pvalue)
            counts[CONTESTED] += unopposed is Outcome.SUPPORTED
    return counts
