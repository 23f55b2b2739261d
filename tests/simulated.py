"""Simulated arms: answers of realistic lengths whose true effects are known.

Answers have a geometric number of sentences, four to a prompt, and prompts differ. An arm's true
effect on a prompt is *added* on the log scale to the noise that its own answers make, so that
every boundary of a rule is met exactly in the mean.
"""

import math

import numpy as np
import pandas as pd

from prefvec.assessment import Assessment
from prefvec.controls import Controls
from prefvec.criteria import Fails, Steers, Works
from prefvec.doses import DoseResponse
from prefvec.rules import assess_fails, assess_steers, assess_works

DOSES = (-1.0, -0.5, 0.5, 1.0)
WORDS_PER_SENTENCE = 8
NATIVE = (math.log(2.0), math.log(0.6))
"""The planned effect of a native vector at +c and −c."""

NATIVE_ODD = (NATIVE[0] - NATIVE[1]) / 2


def share_of(effect: tuple[float, float], share: float) -> tuple[float, float]:
    """An effect so much as strong."""
    return effect[0] * share, effect[1] * share


class Scene:
    """One simulated experiment: its prompts, how they differ, and its unsteered answers."""

    def __init__(self, seed: int | np.random.Generator, n: int = 96, samples: int = 4) -> None:
        self.rng = np.random.default_rng(seed)
        self.samples = samples
        self.prompts = pd.Index([f"prompt-{index:03d}" for index in range(n)], name="prompt")
        self.sentences = self.rng.uniform(2.0, 5.0, size=n)
        self.susceptibility = 1 + 0.3 * self.rng.standard_normal(n)
        self.unsteered = self._log_lengths(1)[:, 0]

    def arm(
        self,
        name: str,
        up: float = 0.0,
        down: float = 0.0,
        *,
        coherent: float = 0.98,
        censored: float = 0.0,
        changed: float = 1.0,
        doses: tuple[float, ...] = DOSES,
    ) -> DoseResponse:
        """An arm whose true mean of d is `up` at +c, `down` at −c, and half of each at ±c/2."""
        n = len(self.prompts)
        true = np.array([abs(dose) * (up if dose > 0 else down) for dose in doses])
        noise = self._log_lengths(len(doses)) - self.unsteered[:, None]
        effects = noise + self.susceptibility[:, None] * true
        shares = np.array([0.98 if dose == 0 else coherent for dose in (*doses, 0.0)])
        texts = self.rng.binomial(self.samples, shares, size=(n, shares.size)) / self.samples
        by_dose = pd.Index([*doses, 0.0])
        return DoseResponse(
            arm=name,
            label=f"the {name} vector",
            effects=pd.DataFrame(effects, index=self.prompts, columns=list(doses)),
            coherent=pd.DataFrame(texts, index=self.prompts, columns=by_dose),
            censored=pd.Series([*[censored] * len(doses), 0.0], index=by_dose),
            mean_words=pd.Series([*np.exp(effects.mean(axis=0)) * 25, 25.0], index=by_dose),
            changed=changed,
            suggested_cap=320,
        )

    def controls(self, *, kinds: int = 3, spread: float = 0.02, count: int = 8) -> Controls:
        """Random directions, and with three kinds shuffled maps and an unrelated concept too."""

        def group(kind: str, size: int) -> tuple[DoseResponse, ...]:
            odds = spread * self.rng.standard_normal(size)
            return tuple(
                self.arm(f"{kind}-{index}", odd, -odd, doses=(-1.0, 1.0))
                for index, odd in enumerate(odds)
            )

        if kinds == 1:
            return Controls(random=group("random", count))
        return Controls(
            random=group("random", count),
            shuffled=group("shuffled", count),
            unrelated=group("unrelated", 1),
        )

    def _log_lengths(self, doses: int) -> np.ndarray:
        sentences = self.rng.geometric(
            1 / self.sentences[:, None, None], size=(len(self.prompts), doses, self.samples)
        )
        return np.log1p(WORDS_PER_SENTENCE * sentences.mean(axis=2))


def steers(scene: Scene, arm: DoseResponse, controls: Controls | None = None) -> Assessment:
    """The assessment of a claim that an arm steers, by the default criterion."""
    return assess_steers(
        "steers",
        arm,
        controls=controls or scene.controls(kinds=1),
        criterion=Steers(),
        identity_holds=True,
    )


def fails(scene: Scene, raw: DoseResponse, native: DoseResponse) -> Assessment:
    """The assessment of a claim that raw transfer fails, by the default criterion."""
    return assess_fails(
        "fails",
        raw,
        native=native,
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
) -> Assessment:
    """The assessment of a claim that adapted transfer works, by the default criterion."""
    controls = controls or scene.controls()
    return assess_works(
        "works",
        adapted,
        native=native,
        raw=raw,
        positive_control=steers(scene, native, controls),
        controls=controls,
        criterion=Works(),
        identity_holds=True,
    )
