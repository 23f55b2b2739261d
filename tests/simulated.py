"""One simulated experiment at a time, and the claims that can be made about its arms."""

from dataclasses import replace

import numpy as np

from prefvec.calibration.simulation import COHERENT, NATIVE, NATIVE_ODD, Scenes, share_of, spread_of
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.contrast_rules import assess_exceeds, assess_spares
from prefvec.verdicts.controls import CONTROL_PROMPTS, CONTROLS, Controls
from prefvec.verdicts.criteria import Exceeds, Fails, Spares, Steers, Works
from prefvec.verdicts.doses import DOSES, DoseResponse
from prefvec.verdicts.rules import assess_fails, assess_steers, assess_works

__all__ = [
    "NATIVE",
    "NATIVE_ODD",
    "Scene",
    "exceeds",
    "fails",
    "share_of",
    "spares",
    "steers",
    "works",
]


class Scene:
    """One simulated experiment; see `Scenes` for the arguments."""

    def __init__(self, seed: int | np.random.Generator, n: int = 96, samples: int = 2) -> None:
        self._scenes = Scenes(seed, runs=1, n=n, samples=samples)

    def arm(
        self,
        name: str,
        up: float = 0.0,
        down: float = 0.0,
        *,
        coherent: float | tuple[float, float] = COHERENT,
        censored: float = 0.0,
        changed: float = 1.0,
        doses: tuple[float, ...] = DOSES,
        going_on: float | None = None,
    ) -> DoseResponse:
        """An arm whose true mean of d is `up` at +c, `down` at −c, and half of each at ±c/2."""
        arms = self._scenes.arm(
            name,
            up,
            down,
            coherent=coherent,
            censored=censored,
            changed=changed,
            doses=doses,
            going_on=going_on,
        )
        return arms[0]

    def control(
        self, name: str, up: float = 0.0, down: float = 0.0, *, changed: float = 1.0
    ) -> DoseResponse:
        """A direction to be ranked with others: at the full doses, over the prompts of controls."""
        arm = self.arm(name, up, down, changed=changed, doses=(-1.0, 1.0))
        few = arm.effects.index[:CONTROL_PROMPTS]
        return replace(arm, effects=arm.effects.loc[few], coherent=arm.coherent.loc[few])

    def controls(self, *, kinds: int = 4, spread: float = 0.03, count: int = CONTROLS) -> Controls:
        """Random directions, and with four kinds those of the map and an unrelated concept too."""
        return self._scenes.controls(kinds=kinds, cell=spread_of(spread), count=count)[0]


def steers(scene: Scene, arm: DoseResponse, controls: Controls | None = None) -> Assessment:
    """The assessment of a claim that an arm steers, by the default criterion."""
    if controls is None:
        controls = _by(arm, scene.controls(kinds=1))
    return assess_steers(
        "steers",
        arm,
        controls=controls,
        criterion=Steers(),
        identity_holds=True,
    )


def _by(arm: DoseResponse, controls: Controls) -> Controls:
    """Random directions by an arm's own measure."""
    return Controls(random=tuple(replace(each, measure=arm.measure) for each in controls.random))


def fails(
    scene: Scene, raw: DoseResponse, native: DoseResponse, controls: Controls | None = None
) -> Assessment:
    """The assessment of a claim that raw transfer fails, by the default criterion."""
    controls = controls or _by(raw, scene.controls(kinds=1))
    return assess_fails(
        "fails",
        raw,
        native=native,
        random=controls.random,
        positive_control=steers(scene, native),
        criterion=Fails(),
        identity_holds=True,
    )


def works(
    scene: Scene,
    adapted: DoseResponse,
    native: DoseResponse,
    raw: DoseResponse | None = None,
    controls: Controls | None = None,
    *,
    criterion: Works | None = None,
    target_only: DoseResponse | None = None,
) -> Assessment:
    """The assessment of a claim that transfer works, adapted if no criterion says otherwise."""
    controls = controls or scene.controls()
    return assess_works(
        "works",
        adapted,
        native=native,
        raw=raw,
        positive_control=steers(scene, native, controls),
        controls=controls,
        criterion=criterion or Works(),
        identity_holds=True,
        target_only=target_only,
    )


def exceeds(
    scene: Scene,
    arm: DoseResponse,
    than: DoseResponse,
    native: DoseResponse,
    *,
    criterion: Exceeds | None = None,
    control: Assessment | None = None,
) -> Assessment:
    """The assessment of a claim that an arm does more than another."""
    return assess_exceeds(
        "exceeds",
        arm,
        than=than,
        native=native,
        control=control or steers(scene, native),
        criterion=criterion or Exceeds(),
        identity_holds=True,
    )


def spares(
    scene: Scene,
    arm: DoseResponse,
    own: DoseResponse,
    native: DoseResponse,
    *,
    controls: tuple[Assessment, Assessment] | None = None,
) -> Assessment:
    """The assessment of a claim that steering verbosity leaves formality alone.

    Args:
        scene: of the arms.
        arm: answers under the verbosity vector, by formality.
        own: the same answers, by words.
        native: the formality vector, by formality.
        controls: that each vector steers its trait, as it does in `own` and `native` by default.
    """
    verbosity, formality = controls or (steers(scene, own), steers(scene, native))
    return assess_spares(
        "spares",
        arm,
        own=own,
        native=native,
        controls=[("verbosity", verbosity), ("formality", formality)],
        criterion=Spares(),
        identity_holds=True,
    )
