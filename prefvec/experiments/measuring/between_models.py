"""That what holds of pairs holds of models: every source's vector in every target.

One model is in memory at a time, and the work is ordered by that: first each model by itself (its
own vector, and what it holds of the regime's rows), then each target with all the vectors that are
carried into it. So each model is loaded twice, the writer of the regime's rows perhaps once more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prefvec.errors import PrefvecError
from prefvec.experiments.arms import Arms
from prefvec.experiments.carried_arms import (
    Transfer,
    adapted,
    adapted_together,
    raw,
    source_vector,
)
from prefvec.experiments.claims import BetweenModels
from prefvec.experiments.lab import Lab
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import checks_of, criterion_of, identity, trait_of
from prefvec.experiments.native_arms import native
from prefvec.experiments.pairs import Pair, crossed
from prefvec.experiments.readings import Readings
from prefvec.organisms.roster import kin_of
from prefvec.statistics.between_models import TargetShares
from prefvec.vectors.transfer import UnequalWidths
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.between_rules import Carried, assess_generalises, shares_of
from prefvec.verdicts.preconditions import Precondition


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """Every arm of a claim about models.

    Attributes:
        own_odd: the odd part of each target's own vector in it, shape (prompts,).
        between: the vectors of sources of another architecture.
        within: those of siblings, shown apart and judged nowhere.
        kin: for each model, what it shares with its siblings.
    """

    own_odd: dict[str, NDArray[np.float64]]
    between: list[Carried]
    within: list[Carried]
    kin: dict[str, str]

    def shares(self, carried: list[Carried]) -> TargetShares:
        """What vectors do as shares of what their targets' own do."""
        return shares_of(carried, self.own_odd, self.kin)


def measure_between_models(claim: BetweenModels, pair: Pair, lab: Lab) -> Measured:
    """The vectors of every source in every target, as shares of what the target's own does.

    Args:
        claim: the claim.
        pair: gives the claim its name, and nothing else.
        lab: where answers come from.

    Raises:
        ModelMissingError: if a model is not trained yet.
    """
    criterion = criterion_of(claim, lab)
    assert isinstance(criterion, Generalises)
    sources, targets = members(claim, lab)
    arms = Arms.few(lab, trait_of(claim, lab).name)
    _prepare(claim, arms, sources, targets)
    found = _population(claim, arms, sources, targets)
    assessment = assess_generalises(
        claim.name(pair),
        found.between,
        natives=found.own_odd,
        kin=found.kin,
        what=claim.what,
        criterion=criterion,
        identity_holds=all(identity(lab, native(arms, target)) for target in targets),
        preconditions=_checks(lab, dict.fromkeys((*sources, *targets))),
    )
    return Measured(assessment=assessment, figures=_figures(claim, found, assessment))


def members(claim: BetweenModels, lab: Lab) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sources and targets: the claim's own, or all models of a run about others than organisms."""
    if lab.options.subject.kind == "organisms":
        return claim.sources, claim.targets
    return lab.options.names, lab.options.names


def _checks(lab: Lab, models: Iterable[str]) -> list[Precondition]:
    """What the models' checks on themselves found: one line, or those that failed."""
    found = checks_of(lab, *models)
    if failed := [check for check in found if not check.passed]:
        return failed
    said = f"All {len(found)} checks of the models on themselves passed."
    return [Precondition(name="checks of the models", passed=True, sentence=said)]


def _prepare(
    claim: BetweenModels, arms: Arms, sources: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    """Each model by itself, the writer of the regime's rows first."""
    lab, writer = arms.lab, arms.lab.options.writer
    models = dict.fromkeys((*sources, *targets))
    for model in sorted(models, key=lambda name: name != writer):
        if claim.regime is not None:
            Readings.of(lab).prepare(model, claim.regime, arms.trait.name)
        if model in sources:
            source_vector(arms, Transfer(pair=Pair.alone(model)))
        if model in targets:
            identity(lab, native(arms, model))
            residual_norms(lab, model)


def _population(
    claim: BetweenModels, arms: Arms, sources: tuple[str, ...], targets: tuple[str, ...]
) -> Population:
    """Target by target, each with all that is carried into it."""
    kin = {name: kin_of(name) for name in (*sources, *targets)}
    found = Population(
        own_odd={target: native(arms, target).doses.odd.to_numpy() for target in targets},
        between=[],
        within=[],
        kin=kin,
    )
    if claim.together:
        found.between.extend(_together(claim, arms, sources, target, kin) for target in targets)
        return found
    for pair in crossed(sources, targets):
        carried = _carried(claim, arms, pair)
        if carried is not None:
            siblings = kin[pair.source] == kin[pair.target]
            (found.within if siblings else found.between).append(carried)
    return found


def _together(
    claim: BetweenModels, arms: Arms, sources: tuple[str, ...], target: str, kin: dict[str, str]
) -> Carried:
    """The mean vector of all sources of another architecture in one target."""
    assert claim.regime is not None
    others = tuple(name for name in sources if kin[name] != kin[target])
    arm = adapted_together(arms, target, others, claim.regime)
    return Carried(
        source=" and ".join(others),
        target=target,
        odd=arm.doses.odd.to_numpy(),
        changed=arm.doses.changed,
    )


def _carried(claim: BetweenModels, arms: Arms, pair: Pair) -> Carried | None:
    """One vector in one target; None where it is copied raw between unequal widths."""
    transfer = Transfer.under(claim.regime, pair)
    try:
        arm = (
            raw(arms, transfer)
            if claim.regime is None
            else adapted(arms, transfer, claim.regime, claim.adapter)
        )
    except UnequalWidths:
        return None
    return Carried(
        source=pair.source,
        target=pair.target,
        odd=arm.doses.odd.to_numpy(),
        changed=arm.doses.changed,
    )


def _figures(
    claim: BetweenModels, found: Population, assessment: Assessment
) -> tuple[dict[str, Any], ...]:
    """A forest of the targets, and one of siblings beside it; none where the claim is INVALID."""
    if not assessment.valid:
        return ()
    figures = [
        _forest(
            "between-architectures",
            "Share of native by target, from sources of other architectures",
            found.shares(found.between),
            claim.criterion.parameters,
        )
    ]
    try:
        siblings = found.shares(found.within)
    except PrefvecError:  # no target, or a single one, has a sibling among the sources
        return tuple(figures)
    title = "Share of native by target, from its siblings: the same architecture, other seeds"
    figures.append(_forest("within-an-architecture", title, siblings, claim.criterion.parameters))
    return tuple(figures)


def _forest(
    name: str, title: str, shares: TargetShares, parameters: dict[str, float]
) -> dict[str, Any]:
    return shares.record() | {
        "id": name,
        "title": title,
        "caption": "Each row is one target: the mean over its sources, with their 95 % interval. "
        f"The last row is the mean over targets with its own, and where a further target is "
        f"predicted. {shares.summary()}",
        "threshold": parameters.get("phi", parameters.get("rho")),
    }
