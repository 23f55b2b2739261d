"""What comes of simulated claims: from a true effect to counts of outcomes, by the real rules."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, islice

from prefvec.calibration.simulation import COHERENT, NATIVE, Scenes
from prefvec.statistics.inequalities import Inequality, flipped_together
from prefvec.verdicts.assessment import Assessment, not_applicable
from prefvec.verdicts.controls import Controls
from prefvec.verdicts.criteria import Fails, Steers, Works
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.holm import adjusted
from prefvec.verdicts.rules import assess_fails, assess_steers, assess_works
from prefvec.verdicts.verdict import Outcome

Play = Callable[[Scenes], Counter[str]]
"""From simulated experiments to counts of what came of them."""

Effect = tuple[float, float]
"""The true mean of d at +c and at −c."""

NOTHING: Effect = (0.0, 0.0)
CONTESTED = "REFUTED, else SUPPORTED"
"""Counted beside the outcomes: refuted runs whose support held too, so that order decided."""

ANY_SIGNIFICANT = "one or more significant"
ALPHA = Steers().alpha
RANDOM_SPREAD = 0.4
"""Of the true odd parts of random directions, where one of them poses as the vector."""

FAMILY = 10
"""Claims of a family."""


def steering(up: float, down: float, *, at_half: float = 0.5, coherent: float = COHERENT) -> Play:
    """A claim that a vector of this true effect steers."""

    def play(scenes: Scenes) -> Counter[str]:
        arms = scenes.arm("native", up, down, at_half=at_half, coherent=coherent)
        return tally(steering_claims(arms, scenes.controls(kinds=1)))

    return play


def one_of_the_random(scenes: Scenes) -> Counter[str]:
    """A claim that a direction steers which is as strong, by chance, as the random ones."""
    odd = RANDOM_SPREAD * scenes.rng.standard_normal(scenes.runs)
    controls = scenes.controls(kinds=1, spread=RANDOM_SPREAD)
    return tally(steering_claims(scenes.arm("native", odd, -odd), controls))


def failing(raw: Effect, native: Effect = NATIVE) -> Play:
    """A claim that raw transfer of this true effect fails."""

    def play(scenes: Scenes) -> Counter[str]:
        natives = scenes.arm("native", *native)
        positive = steering_claims(natives, scenes.controls(kinds=1))
        return tally(raw_claims(scenes.arm("raw", *raw), natives, positive))

    return play


def working(
    adapted: Effect,
    *,
    raw: Effect = NOTHING,
    native: Effect = NATIVE,
    own_dose: Effect | None = None,
    coherent: float = COHERENT,
    rival: Effect | None = None,
    unrelated: Effect | None = None,
) -> Play:
    """A claim that adapted transfer of this true effect works.

    Args:
        adapted: its effect at +c and −c.
        raw: that of the copied vector.
        native: that of the target's own vector at the same norm.
        own_dose: that of the target's own vector at its own best dose, if it is another.
        coherent: share of coherent answers under the adapted vector.
        rival: the effect of one more random direction.
        unrelated: the effect of one more unrelated concept.
    """

    def play(scenes: Scenes) -> Counter[str]:
        adapteds = scenes.arm("adapted", *adapted, coherent=coherent)
        natives, raws = scenes.arm("native", *native), scenes.arm("raw", *raw)
        controls = scenes.controls()
        own = natives if own_dose is None else scenes.arm("native", *own_dose)
        positive = steering_claims(own, controls)
        if rival is not None:
            controls = _with(controls, scenes.arm("rival", *rival, doses=(-1.0, 1.0)), "random")
        if unrelated is not None:
            others = scenes.arm("unrelated", *unrelated, doses=(-1.0, 1.0))
            controls = _with(controls, others, "unrelated")
        return tally(transfer_claims(adapteds, natives, raws, positive, controls, Works()))

    return play


def copying(copied: Effect, *, native: Effect = NATIVE, own_dose: Effect | None = None) -> Play:
    """A claim that a vector works as it was copied, within a family; see `working`."""

    def play(scenes: Scenes) -> Counter[str]:
        copies, natives = scenes.arm("raw", *copied), scenes.arm("native", *native)
        controls = scenes.controls(kinds=2)
        own = natives if own_dose is None else scenes.arm("native", *own_dose)
        positive = steering_claims(own, controls)
        criterion = Works(mapped=False)
        return tally(transfer_claims(copies, natives, None, positive, controls, criterion))

    return play


def _with(controls: list[Controls], more: Sequence[DoseResponse], kind: str) -> list[Controls]:
    """The controls with one more of a kind."""
    return [
        Controls(
            random=(*given.random, arm) if kind == "random" else given.random,
            shuffled=given.shuffled,
            unrelated=(*given.unrelated, arm) if kind == "unrelated" else given.unrelated,
        )
        for given, arm in zip(controls, more, strict=True)
    ]


def unequal_widths(scenes: Scenes) -> Counter[str]:
    """A claim about coordinates that the target does not have."""
    claims = [not_applicable("fails", Fails(), "The widths differ") for _ in range(scenes.runs)]
    return tally(claims)


def family_of_claims(raw: Effect) -> Play:
    """Ten claims that raw transfer of this true effect fails, against one native vector."""

    def play(scenes: Scenes) -> Counter[str]:
        natives = scenes.arm("native", *NATIVE)
        positive = steering_claims(natives, scenes.controls(kinds=1))
        members = [
            flipped(raw_claims(scenes.arm("raw", *raw), natives, positive), refuting=False)
            for _ in range(FAMILY)
        ]
        return _by_holm(
            [[claim.pvalue for claim in claims] for claims in zip(*members, strict=True)]
        )

    return play


def family_of_nulls(scenes: Scenes) -> Counter[str]:
    """Ten true nulls that are independent, for odd parts share no unsteered answers."""
    members = [
        flipped_together([Inequality.above("odd part", arm.odd) for arm in scenes.arm("null")])
        for _ in range(FAMILY)
    ]
    return _by_holm([[part.pvalue for part in parts] for parts in zip(*members, strict=True)])


def _by_holm(runs: list[list[float]]) -> Counter[str]:
    """In how many runs something is significant after Holm over its family, all of it being false.

    Args:
        runs: the p-values of the family's members, run by run.
    """
    wrong = 0
    for pvalues in runs:
        family = {str(member): pvalue for member, pvalue in enumerate(pvalues)}
        wrong += any(adjusted(member, [family]) <= ALPHA for member in family)
    return Counter({ANY_SIGNIFICANT: wrong, "none significant": len(runs) - wrong})


def steering_claims(arms: Sequence[DoseResponse], controls: Sequence[Controls]) -> list[Assessment]:
    """`steers` of each run, its sign flips done."""
    return flipped(
        [
            assess_steers("steers", arm, controls=given, criterion=Steers(), identity_holds=True)
            for arm, given in zip(arms, controls, strict=True)
        ]
    )


def raw_claims(
    raws: Sequence[DoseResponse],
    natives: Sequence[DoseResponse],
    positive: Sequence[Assessment],
) -> list[Assessment]:
    """`fails` of each run."""
    return [
        assess_fails(
            "fails",
            raw,
            native=native,
            positive_control=control,
            criterion=Fails(),
            identity_holds=True,
        )
        for raw, native, control in zip(raws, natives, positive, strict=True)
    ]


def transfer_claims(
    arms: Sequence[DoseResponse],
    natives: Sequence[DoseResponse],
    raws: Sequence[DoseResponse] | None,
    positive: Sequence[Assessment],
    controls: Sequence[Controls],
    criterion: Works,
) -> list[Assessment]:
    """`works` of each run."""
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
        )
        for arm, native, raw, control, given in zip(
            arms, natives, raws or [None] * len(arms), positive, controls, strict=True
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
    """Each outcome before Holm, the labels of supported failures, and what was contested."""
    counts: Counter[str] = Counter()
    for claim in flipped(claims):
        outcome = claim.outcome(claim.pvalue)
        counts[outcome.word] += 1
        if outcome is Outcome.SUPPORTED and claim.label is not None:
            counts[claim.label] += 1
        if outcome is Outcome.REFUTED:
            unopposed = replace(claim, refuting=()).outcome(claim.pvalue)
            counts[CONTESTED] += unopposed is Outcome.SUPPORTED
    return counts
