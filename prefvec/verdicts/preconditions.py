"""What must be so for a measurement to tell anything; without it a claim is INVALID."""

from collections.abc import Sequence
from dataclasses import dataclass

from prefvec.statistics.estimates import prediction_limit
from prefvec.statistics.scales import told, told_dose
from prefvec.verdicts.criteria import CENSORED_AT_MOST
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


def uncensored(arm: DoseResponse) -> Precondition:
    """At no dose may the cap have ended more than a fifth of the answers."""
    passed = arm.most_censored <= CENSORED_AT_MOST
    return Precondition(
        name=f"uncensored: {arm.label}",
        passed=passed,
        sentence=f"With {arm.label}, the cap ended at most {told(arm.most_censored, 'share')} of "
        "the answers at any dose."
        if passed
        else capped(arm),
    )


def capped(arm: DoseResponse) -> str:
    """Where the cap ended too many of an arm's answers, and which one would do."""
    worst = float(arm.censored.idxmax())
    at = f"With {arm.label} at coefficient {told_dose(worst)}" if worst else "Without steering"
    return (
        f"{at}, the cap ended {told(arm.most_censored, 'share')} of the answers, above "
        f"{told(CENSORED_AT_MOST, 'share')}; a cap hides effects. Run again with "
        f"--max-new-tokens {arm.suggested_cap}."
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
    if arm.most_censored > CENSORED_AT_MOST:
        return capped(arm)
    return "" if arm.changed > 0 else unsteered(arm)
