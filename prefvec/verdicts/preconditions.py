"""What must be so for a measurement to tell anything; without it a claim is INVALID."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prefvec.statistics.estimates import Estimate, prediction_limit
from prefvec.statistics.scales import told
from prefvec.text.traits import PoleName
from prefvec.verdicts.doses import DoseResponse
from prefvec.vocabulary import About


@dataclass(frozen=True, kw_only=True)
class Precondition:
    """One of them, whether it is met, a sentence that says so, and what sets it apart."""

    name: str
    passed: bool
    sentence: str
    about: About | None = None


def identity(holds: bool) -> Precondition:
    """Coefficient 0 must be no steering at all.

    Example:
        >>> identity(True).sentence
        'Coefficient 0 is bit-identical to no hook.'
    """
    return Precondition(
        name="coefficient 0 is the identity",
        passed=holds,
        sentence="Coefficient 0 is bit-identical to no hook."
        if holds
        else "Coefficient 0 changed the model's outputs: the hook does more than add the vector.",
    )


def model_check(name: str, passed: bool, sentence: str) -> Precondition:
    """A check of a model on itself, by the name and sentence of that check."""
    return Precondition(
        name=name,
        passed=passed,
        sentence=sentence if passed else f"The model failed the check “{name}”: {sentence}",
    )


def adapter_learned(r2_held_out: float, r2_shuffled: Sequence[float]) -> Precondition:
    """An adapter must predict held-out activations better than maps of shuffled pairs do.

    Args:
        r2_held_out: of the adapter.
        r2_shuffled: of each shuffled map, on held-out rows of its own shuffle.

    Example:
        >>> adapter_learned(0.62, [0.01, 0.02, -0.03]).sentence
        'Held-out R² is 0.62; maps of shuffled pairs, or the mean alone, reach 0.09.'
    """
    # A map that predicts worse than the mean has learnt nothing, however bad the shuffled ones;
    # and one shuffled map in k + 1 is the best of k + 1 by chance, hence the prediction limit.
    limit = prediction_limit(r2_shuffled) if len(r2_shuffled) > 1 else 0.0
    best = max((0.0, limit, *r2_shuffled))
    learned = r2_held_out > best
    return Precondition(
        name="adapter beats shuffled pairs",
        passed=learned,
        sentence=f"Held-out R² is {r2_held_out:.2f}; maps of shuffled pairs, or the mean alone, "
        f"reach {best:.2f}"
        + ("." if learned else ": the adapter has learnt nothing that it could carry."),
    )


def heeds_trait(
    asked: Mapping[PoleName, Estimate], at_least: float, trait: str, what: str
) -> Precondition:
    """The prompt-only baseline must move what is measured: else there is no trait to steer.

    Args:
        asked: what asking for each pole does, on the log scale (`instruction_effect`).
        at_least: D, which the odd part of asking must reach.
        trait: its name.
        what: what is measured, such as "words per answer".

    Example:
        >>> from prefvec.statistics.estimates import mean_of
        >>> more, less = mean_of([0.5, 0.7, 0.6]), mean_of([-0.2, -0.5, -0.2])
        >>> heeds_trait(
        ...     {"positive": more, "negative": less}, 0.22, "verbosity", "words per answer"
        ... ).sentence
        'Asked for either pole of verbosity, words per answer change by ×1.57 (odd part of asking).'
    """
    odd = (asked["positive"].estimate - asked["negative"].estimate) / 2
    heeded = odd >= at_least
    measured = (
        f"Asked for either pole of {trait}, {what} change by {told(odd, 'log')} (odd part of "
        "asking)"
    )
    return Precondition(
        name=f"the model heeds {trait}",
        passed=heeded,
        about="assay sensitivity",
        sentence=f"{measured}."
        if heeded
        else f"The model does not heed the trait: {measured[:1].lower()}{measured[1:]}, less than "
        f"{told(at_least, 'log')}, so nothing that a vector does or does not do to it tells of it.",
    )


def chance_reaches_no_transfer(reached: float | None, native: float, share: float) -> Precondition:
    """Random directions must not reach what would count as a transfer, or the cell cannot tell.

    Args:
        reached: Q, the 95 % quantile of what random directions do, either way; None where there
            are too few of them, or one that never steered.
        native: the mean odd part of the target's own vector at the same cell, log scale.
        share: ρ, the share of it that counts as a transfer.

    Example:
        >>> chance_reaches_no_transfer(0.12, 0.7, 0.5).passed
        True
        >>> chance_reaches_no_transfer(0.4, 0.7, 0.5).sentence[:52]
        'Random directions reach ×1.49 (95 % of them, either '
    """
    bar = f"{told(share, 'share')} of what the target's own vector does here"
    measured = (
        "Too few random directions were measured to say what chance does"
        if reached is None
        else f"Random directions reach {told(reached, 'log')} (95 % of them, either way, no more)"
    )
    passed = reached is not None and reached < share * native
    verb = ", less than" if passed else ", and must stay below"
    return Precondition(
        name="chance does not reach a transfer",
        passed=passed,
        about="assay sensitivity",
        sentence=f"{measured}{verb} {bar} ({told(share * native, 'log')})"
        + (
            "." if passed else ": chance alone would pass for a transfer, so this cell cannot tell."
        ),
    )


def hook_fired(arm: DoseResponse) -> Precondition:
    """Some steered answer must differ from its unsteered one, or nothing was steered."""
    fired = arm.changed > 0
    return Precondition(
        name=f"hook fired: {arm.label}",
        passed=fired,
        sentence=f"With {arm.label}, {told(arm.changed, 'share')} of the steered answers differ "
        "from the unsteered ones."
        if fired
        else unsteered(arm),
    )


def unsteered(arm: DoseResponse) -> str:
    """That an arm changed nothing."""
    return (
        f"With {arm.label}, every steered answer equals its unsteered one: the hook never fired, "
        "or the dose is far too small. Identical arms prove nothing."
    )


def unreadable(arm: DoseResponse) -> str:
    """Why an arm's effect cannot be read from its answers, or ""."""
    return "" if arm.changed > 0 else unsteered(arm)
