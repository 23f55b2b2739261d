"""What several kinds of claim need: criterion, checks, controls, references and baseline."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from prefvec.experiments.arms import Arms
from prefvec.experiments.carried_arms import Transfer
from prefvec.experiments.claims import (
    AdaptedTransfer,
    Claim,
    ClaimOfVector,
    Control,
    SelfSteering,
)
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.control_arms import (
    random_directions,
    random_sources,
    shuffled_maps,
    unrelated_concept,
)
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Asked
from prefvec.experiments.native_arms import baseline, native
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.pairs import Pair, slug
from prefvec.remembered import remembered
from prefvec.text.traits import POLES, Trait
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.controls import Controls
from prefvec.verdicts.criteria import (
    GOING_ON,
    Criterion,
    Fails,
    Steers,
    Works,
)
from prefvec.verdicts.like_length import beside_prompted, component
from prefvec.verdicts.preconditions import Precondition, heeds_trait, model_check
from prefvec.verdicts.rules import SIDES, assess_steers
from prefvec.verdicts.verdict import Component

SURER = 2
"""Times as many answers has a positive control: where it fails by chance, all claims of a target
and trait are INVALID. At a true loss of 5 points of coherence four answers to each of 96 prompts do
not show it below 10 in 16 of 100 runs, eight in 1."""


def trait_of(claim: Claim, lab: Lab) -> Trait:
    """The trait a claim is about."""
    return lab.material.known(claim.trait)


def samples_of(claim: Claim, lab: Lab) -> int:
    """Answers per prompt and dose behind a claim."""
    most = lab.options.samples
    return min(most, claim.samples or most)


def arms_of(claim: Claim, lab: Lab) -> Arms:
    """The arms of a claim's trait, with its samples, added where it says."""
    where = claim.positions if isinstance(claim, SelfSteering) else "answer"
    return Arms.of(lab, trait_of(claim, lab).name, samples_of(claim, lab), where)


def transfer_of(claim: ClaimOfVector, pair: Pair) -> Transfer:
    """Whose vector goes where."""
    regime = claim.regime if isinstance(claim, AdaptedTransfer) else None
    return Transfer.under(regime, pair, claim.estimator)


def criterion_of(claim: Claim, lab: Lab) -> Criterion:
    """The claim's criterion, as the run's models and the user's trait have it.

    A trait of the user's has its own smallest effect. Of models that know the real world, whose
    longest answers never end, lengths need the co-primary: the log-odds of going on.
    """
    criterion, trait = claim.criterion, trait_of(claim, lab)
    own = lab.options.trait is not None and not claim.judged
    if own and isinstance(criterion, Steers | Fails | Works):
        criterion = replace(criterion, at_least=trait.smallest_effect)
    if lab.material.subject.kind != "real" or not trait.measure.of_length:
        return criterion
    if isinstance(criterion, Steers | Works) and criterion.going_on_at_least is None:
        return replace(criterion, going_on_at_least=GOING_ON)
    return criterion


def checks_of(lab: Lab, *models: str) -> list[Precondition]:
    """What the models' checks on themselves found."""
    return [
        model_check(f"{check.name}: {name}", check.passed, check.sentence)
        for name in dict.fromkeys(models)
        for check in lab.models.checked(name)
    ]


def conditions(lab: Lab, arms: Arms, pair: Pair, criterion: Criterion) -> list[Precondition]:
    """What must be so of both models of a transfer, and that the target heeds the trait."""
    return [*checks_of(lab, pair.source, pair.target), heeds(arms, pair.target, criterion)]


@remembered
def identity(lab: Lab, arm: Arm) -> bool:
    """Whether coefficient 0 is no steering at the arm's site."""
    return lab.identity_holds(arm.model, arm.vector, arm.positions or "answer")


def positive_control(lab: Lab, trait: str, target: str, criterion: Criterion) -> Assessment:
    """Assay sensitivity: by the claim's own standards, the target's own vector steers it."""
    at_least = lab.material.traits[trait].smallest_effect
    own = Steers(at_least=at_least, alpha=criterion.alpha)
    if isinstance(criterion, Fails | Works):
        own = replace(own, at_least=criterion.at_least, coherence_margin=criterion.coherence_margin)
    if isinstance(criterion, Works):
        own = replace(own, going_on_at_least=criterion.going_on_at_least)
    return _own_vector(lab, trait, target, own)


@remembered
def _own_vector(lab: Lab, trait: str, target: str, criterion: Steers) -> Assessment:
    """Measured once for all claims of a target and trait, with more answers than any of them."""
    arms = Arms.of(lab, trait, SURER * lab.options.samples)
    arm = native(arms, target)
    return assess_steers(
        f"native-{slug(target)}",
        arm.doses,
        controls=of_random(random_directions(arms, target)),
        criterion=criterion,
        identity_holds=identity(lab, arm),
        preconditions=checks_of(lab, target),
    )


def heeds(arms: Arms, model: str, criterion: Criterion) -> Precondition:
    """Whether a model heeds the trait at all: asking for either pole moves the outcome by D."""
    least = criterion.parameters.get("D", arms.trait.smallest_effect)
    asked = baseline(arms, model, arms.trait.measure)
    return heeds_trait(asked, least, arms.trait.name, arms.trait.measure.quantity)


def beside_length(arms: Arms, arm: Arm) -> tuple[Component, ...]:
    """At either full dose, what an arm's answers lose against prompted ones of like length."""
    text, lines = coherent(arms.lab, arm.model), list[Component]()
    for pole, (dose, at) in zip(POLES, SIDES, strict=True):
        steered = [answer for answer in arm.completions if answer.coefficient == dose]
        found = beside_prompted(steered, arms.unsteered(arm.model, pole), text)
        lines.append(component(at, found))
    return tuple(lines)


def of_random(arms: list[Arm]) -> Controls:
    """Controls that are nothing but random directions."""
    return Controls(random=tuple(arm.doses for arm in arms))


@dataclass(frozen=True, kw_only=True, eq=False)
class Beside:
    """The control arms of a claim.

    Attributes:
        controls: what they did, by kind.
        random: one of the random directions, with its answers.
    """

    controls: Controls
    random: Arm


def controls_of(claim: ClaimOfVector, arms: Arms, arm: Arm, transfer: Transfer) -> Beside:
    """Measure every control that the claim's class names, in its order."""
    ways: dict[Control, Callable[[], list[Arm]]] = {
        "random directions": lambda: random_directions(arms, arm.model),
        "unrelated concept": lambda: [unrelated_concept(arms, arm, transfer)],
    }
    if isinstance(claim, AdaptedTransfer):
        carried = transfer.pair, claim.regime, claim.adapter
        ways |= {
            "shuffled maps": lambda: shuffled_maps(arms, *carried),
            "random source directions": lambda: random_sources(arms, *carried),
        }
    measured = {control: ways[control]() for control in claim.controls}
    doses = {control: tuple(each.doses for each in found) for control, found in measured.items()}
    return Beside(
        controls=Controls(
            random=doses["random directions"],
            shuffled=doses.get("shuffled maps", ()),
            through_map=doses.get("random source directions", ()),
            unrelated=doses.get("unrelated concept", ()),
        ),
        random=measured["random directions"][0],
    )


def asked(arms: Arms, model: str, beside: Arm) -> tuple[Asked, ...]:
    """The prompt-only baseline: what asking does, by the measure of the arm it stands beside."""
    return tuple(
        Asked(label=f"asked to be {arms.trait.pole(pole).name}", effect=effect)
        for pole, effect in baseline(arms, model, beside.doses.measure).items()
    )
