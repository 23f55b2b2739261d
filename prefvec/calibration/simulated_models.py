"""What comes of simulated claims about models: a mean share of native over eight targets.

The targets are those of the suite's own claims: two architectures with three training seeds each,
and one with two. What a target's sources do to it differs, and so do targets; what targets of one
architecture have in common is no part of the rule, and is tried apart.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from prefvec.calibration.judged_runs import tally
from prefvec.calibration.simulated_claims import Play
from prefvec.calibration.simulation import NATIVE_ODD, Scenes
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.between_rules import Carried, assess_generalises
from prefvec.vocabulary import Alternative

KIN = {
    f"{name}-{seed}": name
    for name, seeds in (("a", 3), ("b", 3), ("c", 2))
    for seed in range(seeds)
}
"""The targets, and the architecture of each."""

SOURCES = 3
"""Of other architectures, whose vectors each target is given."""

BETWEEN, FAR = 0.1, 0.25
"""Standard deviations of shares between targets: 6 to 15 % of native were measured, once 26 %."""

BETWEEN_SOURCES = 0.1
"""That between the sources of a target."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How much the true shares of native differ.

    Attributes:
        targets: standard deviation between targets, as a fraction of 1.
        architectures: of what the targets of one architecture have in common.
    """

    targets: float = BETWEEN
    architectures: float = 0.0


AS_MEASURED = Spread()


def generalising(
    share: float,
    threshold: float,
    alternative: Alternative,
    *,
    spread: Spread = AS_MEASURED,
    deaf: bool = False,
) -> Play:
    """A claim that over targets the mean share of native lies beyond a threshold.

    Args:
        share: the true mean of it, as a fraction of 1.
        threshold: what it is compared with.
        alternative: on which side it is claimed to lie.
        spread: how much targets differ.
        deaf: whether the own vector of one target does nothing.
    """
    criterion = Generalises(share_of_native=threshold, alternative=alternative)

    def play(scenes: Scenes) -> Counter[str]:
        return tally([*_claims(scenes, share, spread, criterion, deaf=deaf)])

    return play


def _claims(
    scenes: Scenes, share: float, spread: Spread, criterion: Generalises, *, deaf: bool
) -> Iterator[Assessment]:
    first, *_ = KIN
    own = {target: 0.0 if deaf and target == first else NATIVE_ODD for target in KIN}
    natives = {target: scenes.odd_parts(odd) for target, odd in own.items()}
    shares = _true_shares(scenes, share, spread)
    carried = {
        (source, target): scenes.odd_parts(NATIVE_ODD * shares[:, index, source])
        for (index, target), source in product(enumerate(KIN), range(SOURCES))
    }
    for run in range(scenes.runs):
        yield assess_generalises(
            "generalises",
            [
                Carried(source=f"source-{source}", target=target, odd=odd[run], changed=1.0)
                for (source, target), odd in carried.items()
            ],
            natives={target: odd[run] for target, odd in natives.items()},
            kin=KIN,
            what="vectors",
            criterion=criterion,
            identity_holds=True,
        )


def _true_shares(scenes: Scenes, mean: float, spread: Spread) -> NDArray[np.float64]:
    """The true share of each source's vector in each target, (runs, targets, sources)."""
    names = sorted({*KIN.values()})
    of = [names.index(name) for name in KIN.values()]
    draw = scenes.rng.standard_normal
    common = spread.architectures * draw((scenes.runs, len(names)))[:, of, None]
    each = spread.targets * draw((scenes.runs, len(KIN), 1))
    return mean + common + each + BETWEEN_SOURCES * draw((scenes.runs, len(KIN), SOURCES))
