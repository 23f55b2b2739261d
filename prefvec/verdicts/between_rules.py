"""The rule of claims about models: the mean share of native over targets, against a threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prefvec.statistics.between_models import OverTargets, TargetShares, against
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told, told_interval, told_p
from prefvec.verdicts.assessment import Assessment, Contrast
from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.criteria import PLANNED_SHARE
from prefvec.verdicts.preconditions import Precondition, identity
from prefvec.verdicts.verdict import Component


@dataclass(frozen=True, kw_only=True, eq=False)
class Carried:
    """One source's vector in one target.

    Attributes:
        source: whose vector.
        target: the model that was steered.
        odd: the odd part of what it did, prompt by prompt, shape (prompts,).
        changed: the share of steered answers that differ from the unsteered ones.
    """

    source: str
    target: str
    odd: NDArray[np.float64]
    changed: float


def assess_generalises(
    claim: str,
    carried: Sequence[Carried],
    *,
    natives: Mapping[str, NDArray[np.float64]],
    kin: Mapping[str, str],
    what: str,
    criterion: Generalises,
    identity_holds: bool,
    preconditions: Sequence[Precondition] = (),
) -> Assessment:
    """Assess that over targets the mean share of native lies beyond a threshold.

    Args:
        claim: the claim's id.
        carried: every source's vector in every target of another architecture.
        natives: the odd part of each target's own vector in it, at the same cell and on the same
            prompts, shape (prompts,).
        kin: for each target, what it shares with its siblings.
        what: which vectors were carried, as the end of a sentence: "vectors copied raw".
        criterion: what must be shown.
        identity_holds: whether coefficient 0 was bit-identical to no hook in every target.
        preconditions: further ones, such as the checks of the models.
    """
    required = [
        identity(identity_holds),
        *preconditions,
        _own_vectors_steer(natives, criterion),
        _something_changed(carried),
        _enough(carried, criterion.targets),
    ]
    if not all(condition.passed for condition in required):
        return Assessment(claim=claim, criterion=criterion, preconditions=tuple(required))
    shares = shares_of(carried, natives, kin)
    threshold, side = criterion.share_of_native, criterion.alternative
    planned = 0.0 if side == "less" else PLANNED_SHARE
    test = against(shares, threshold, side, of="native", planned=planned)
    reverse = against(shares, threshold, "greater" if side == "less" else "less", of="native")
    return Assessment(
        claim=claim,
        criterion=criterion,
        preconditions=tuple(required),
        support=(test,),
        refuting=(reverse,),
        contrast=Contrast(
            what=f"the mean share of native of {what}", unit="targets", estimate=shares.estimate
        ),
        also_shown=(_sign_test(test), _further_target(shares), *_spreads(shares)),
    )


def shares_of(
    carried: Sequence[Carried], natives: Mapping[str, NDArray[np.float64]], kin: Mapping[str, str]
) -> TargetShares:
    """What each vector does as a share of what its target's own does.

    Args:
        carried: the vectors.
        natives: the odd part of each target's own, shape (prompts,).
        kin: for each target, what it shares with its siblings.

    Raises:
        PrefvecError: for fewer than two targets.
    """
    return TargetShares.of_pairs(
        {
            (each.source, each.target): float(each.odd.mean() / natives[each.target].mean())
            for each in carried
        },
        kin,
    )


def _own_vectors_steer(
    natives: Mapping[str, NDArray[np.float64]], criterion: Generalises
) -> Precondition:
    deaf = [target for target, own in natives.items() if not _steers(own, criterion)]
    needed = f"at least {told(criterion.at_least, 'log')}, significantly above ×1.00"
    return Precondition(
        name="own vectors steer",
        passed=not deaf,
        about="assay sensitivity",
        sentence=f"The odd part of each target's own vector is {needed}."
        if not deaf
        else f"The own vectors of {', '.join(deaf)} do not steer them ("
        + ", ".join(told(float(natives[target].mean()), "log") for target in deaf)
        + f"; {needed}), so that a share of them tells nothing.",
    )


def _steers(own: NDArray[np.float64], criterion: Generalises) -> bool:
    positive = Inequality.above("odd part above nothing", own)
    return float(own.mean()) >= criterion.at_least and positive.holds(criterion.alpha)


def _something_changed(carried: Sequence[Carried]) -> Precondition:
    idle = [f"{each.source} → {each.target}" for each in carried if not each.changed > 0]
    return Precondition(
        name="hooks fired",
        passed=not idle,
        sentence=f"Each of {len(carried)} carried vectors changed some answer."
        if not idle
        else f"Nothing changed in {', '.join(idle)}: the hook never fired, or the dose is far too "
        "small. Identical arms prove nothing.",
    )


def _enough(carried: Sequence[Carried], needed: int) -> Precondition:
    found = len({each.target for each in carried})
    return Precondition(
        name="enough targets",
        passed=found >= needed,
        sentence=f"{found} targets were measured; a sentence about models needs at least {needed}.",
    )


def _sign_test(test: OverTargets) -> Component:
    side = "above" if test.alternative == "greater" else "below"
    return Component(
        name="sign test over targets",
        sentence=f"{test.beyond} of {test.excess.size} targets lie {side} "
        f"{told(test.threshold, 'share')}, {told_p(test.pvalue_sign)} (one-sided); t decides.",
        role="shown",
        pvalue=test.pvalue_sign,
    )


def _further_target(shares: TargetShares) -> Component:
    low, high = shares.prediction_interval()
    return Component(
        name="a further target",
        sentence=f"Predicted in {told_interval(low, high, 'share')} % of native, in 95 of 100 "
        "cases.",
        role="shown",
        estimate=shares.estimate.estimate,
        low=low,
        high=high,
        scale="share",
    )


def _spreads(shares: TargetShares) -> list[Component]:
    spreads = {
        "spread between training seeds": shares.spread_of_seeds,
        "spread between architectures": shares.spread_of_architectures,
    }
    return [
        Component(
            name=name,
            sentence=f"Standard deviation of targets {told(sd, 'share')} of native.",
            role="shown",
            estimate=sd,
            scale="share",
        )
        for name, sd in spreads.items()
        if sd is not None
    ]
