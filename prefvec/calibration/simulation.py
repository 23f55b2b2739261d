"""Simulated arms: expected lengths of answers, whose true effects are known.

A length is what a path is expected to reach before it ends, so that nothing is cut off; what is
left of the noise is that of paths, a gamma around the prompt's own length. Prompts differ in how
long their answers are and how far they can be moved. An arm's true effect on a prompt is *added*
on the log scale to the noise that its own paths make, so that every boundary of a rule is met
exactly in the mean. Control directions have true effects with the spread that was measured.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from prefvec.verdicts.controls import CONTROL_PROMPTS, CONTROLS, Controls
from prefvec.verdicts.doses import DOSES, DoseResponse, Part

SAMPLES = 2
"""Paths of a prompt, per dose of a confirmatory arm; a control has one."""

PATH_NOISE = 0.3
"""Standard deviation of one path's expected length, as a share of its mean: with the prompts'
susceptibility the odd part of a planned effect has a standard deviation of 0.24 over prompts with
two paths and of 0.29 with one, measured 0.16 to 0.3."""

SUSCEPTIBILITY = 0.3
"""Standard deviation over prompts of how far they can be moved, around 1."""

COHERENT = 0.98
"""Share of unsteered answers that are coherent."""

AT_MARGIN = 0.88
"""A share of coherent answers that lies exactly the criteria's margin below it."""

NATIVE = (math.log(2.2), math.log(0.55))
"""The planned effect of a native vector at +c and −c."""

NATIVE_ODD = (NATIVE[0] - NATIVE[1]) / 2

LOW, MIDDLE, HIGH = 0.06, 0.12, 0.21
"""Spreads of the odd parts of random directions, as measured at cells with such a native vector:
in mid blocks of a miniature model, in its late ones, and at the worst."""

PerRun = float | NDArray[np.float64]
"""One number for all runs, or one for each."""


@dataclass(frozen=True, kw_only=True)
class JudgedCell:
    """What the target's own vector does at the judged cell, and what chance does there.

    Attributes:
        native: the true mean of d at +c and at −c, on the log scale.
        spread: standard deviation of the true odd parts of random directions.
        shuffled: that of shuffled maps.
        common: the mean of the true odd parts of shuffled maps, what they have in common.
        through: standard deviation of those of random source directions through the map.
    """

    native: tuple[float, float] = NATIVE
    spread: float = LOW
    shuffled: float = LOW
    common: float = 0.0
    through: float = LOW


def spread_of(spread: float, native: tuple[float, float] = NATIVE) -> JudgedCell:
    """A cell at which every family of controls has this spread."""
    return JudgedCell(native=native, spread=spread, shuffled=spread, through=spread)


LOWEST = (0.374, -0.374)
"""A native vector that does 1.1 times what chance does at the worst spread that was measured."""

WORST = 0.34
"""That spread."""


def share_of(effect: tuple[float, float], share: float) -> tuple[float, float]:
    """An effect so much as strong.

    Args:
        effect: the true mean of d at +c and at −c, on the log scale.
        share: as a fraction of 1.

    Example:
        >>> share_of((0.8, -0.4), 0.25)
        (0.2, -0.1)
    """
    return effect[0] * share, effect[1] * share


class Scenes:
    """Many simulated experiments at once: their prompts, and the unsteered answers to them.

    Args:
        seed: of the simulation, or its generator.
        runs: how many experiments.
        n: prompts of each.
        samples: paths of a prompt, per arm and dose.
    """

    def __init__(
        self,
        seed: int | np.random.SeedSequence | np.random.Generator,
        *,
        runs: int,
        n: int = 96,
        samples: int = SAMPLES,
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.runs, self.samples = runs, samples
        self.prompts = pd.Index([f"prompt-{index:03d}" for index in range(n)], name="prompt")
        self.words = self.rng.uniform(16.0, 40.0, size=(runs, n))
        self.susceptibility = 1 + SUSCEPTIBILITY * self.rng.standard_normal((runs, n))
        self.unsteered = self._lengths(1, samples)

    def arm(
        self,
        name: str,
        up: PerRun = 0.0,
        down: PerRun = 0.0,
        *,
        at_half: float = 0.5,
        coherent: float | tuple[float, float] = COHERENT,
        censored: float = 0.0,
        changed: float = 1.0,
        doses: tuple[float, ...] = DOSES,
        going_on: PerRun | None = None,
    ) -> list[DoseResponse]:
        """An arm of each run.

        Args:
            name: the arm's key.
            up: true mean of d at +c.
            down: true mean of d at −c.
            at_half: share of the full dose's effect that half of it has.
            coherent: share of its answers that are coherent, or that at +c and that at −c.
            censored: share of the answers that the cap cut off, unsteered ones included.
            changed: share of its answers that differ from the unsteered ones.
            doses: its coefficients, 0 left out.
            going_on: true mean shift of the log-odds of going on, if that was measured.
        """
        effects = self._effects(up, down, at_half, doses, self.samples)
        at_plus, at_minus = coherent if isinstance(coherent, tuple) else (coherent, coherent)
        shares = [at_plus if dose > 0 else at_minus for dose in doses]
        texts = self._coherent([*shares, COHERENT])
        by_dose, columns = pd.Index([*doses, 0.0]), pd.Index(doses)
        mean_words, cut = self._told(effects, by_dose), pd.Series(censored, index=by_dose)
        known = self._worked_out(np.array(doses), effects)
        shifts = self._shifts(going_on)
        return [
            DoseResponse(
                arm=name,
                label=f"the {name} vector",
                effects=pd.DataFrame(effects[run], index=self.prompts, columns=columns),
                coherent=pd.DataFrame(texts[run], index=self.prompts, columns=by_dose),
                censored=cut,
                mean_words=mean_words,
                changed=changed,
                going_on=None if shifts is None else pd.Series(shifts[run], index=self.prompts),
            ).knowing(
                {part: pd.Series(rows[run], index=self.prompts) for part, rows in known.items()}
            )
            for run in range(self.runs)
        ]

    def odd_parts(self, true: PerRun) -> NDArray[np.float64]:
        """Odd parts of an arm's full doses, (runs, prompts), where nothing else of it is asked.

        Args:
            true: their true mean.
        """
        lengths = self._lengths(2, self.samples)
        mean = np.broadcast_to(true, self.runs)[:, None]
        return (lengths[..., 1] - lengths[..., 0]) / 2 + self.susceptibility * mean

    def by_chance(self, spread: float, mean: float = 0.0) -> NDArray[np.float64]:
        """The true odd part of one more control direction, for each run."""
        return mean + spread * self.rng.standard_normal(self.runs)

    def ranked(
        self, kind: str, size: int, *, spread: float, mean: float = 0.0
    ) -> list[tuple[DoseResponse, ...]]:
        """So many control arms of each run, with true odd parts of this spread.

        Each has one path a dose, of the first few prompts. No more than its mean is asked of it,
        so that the noise of the mean is drawn, and the rest is one frame that says nothing.
        """
        prompts, doses = self.prompts[:CONTROL_PROMPTS], (-1.0, 1.0)
        n = len(prompts)
        noise = PATH_NOISE / math.sqrt(2 * n) * self.rng.standard_normal((size, self.runs))
        true = np.stack([self.by_chance(spread, mean) for _ in range(size)])
        odds = true * self.susceptibility[:, :n].mean(axis=1) + noise
        nothing = DoseResponse(
            arm=kind,
            label=f"the {kind} vector",
            effects=pd.DataFrame(0.0, index=prompts, columns=pd.Index(doses)),
            coherent=pd.DataFrame(COHERENT, index=prompts, columns=pd.Index([*doses, 0.0])),
            censored=pd.Series(0.0, index=pd.Index([*doses, 0.0])),
            mean_words=pd.Series(28.0, index=pd.Index([*doses, 0.0])),
        )
        return [
            tuple(
                replace(nothing, arm=f"{kind}-{index}").knowing({"mean_odd": float(odd)})
                for index, odd in enumerate(row)
            )
            for row in odds.T
        ]

    def controls(
        self, *, kinds: int = 4, cell: JudgedCell | None = None, count: int = CONTROLS
    ) -> list[Controls]:
        """Random directions; of two kinds an unrelated concept too, of four both of the map's."""
        cell = cell or JudgedCell()
        random = self.ranked("random", count, spread=cell.spread)
        if kinds == 1:
            return [Controls(random=arms) for arms in random]
        none: list[tuple[DoseResponse, ...]] = [()] * self.runs
        shuffled = through = none
        if kinds == 4:
            shuffled = self.ranked("shuffled", count, spread=cell.shuffled, mean=cell.common)
            through = self.ranked("through-map", count, spread=cell.through)
        odd = self.by_chance(LOW)
        unrelated = self.arm("unrelated", odd, -odd, doses=(-1.0, 1.0))
        return [
            Controls(random=r, shuffled=s, through_map=t, unrelated=(u,))
            for r, s, t, u in zip(random, shuffled, through, unrelated, strict=True)
        ]

    @staticmethod
    def _worked_out(
        doses: NDArray[np.float64], effects: NDArray[np.float64]
    ) -> dict[Part, NDArray[np.float64]]:
        """For all runs at once what each arm would work out by itself, much slower.

        Returns:
            each part as (runs, prompts).
        """
        return {
            "odd": (effects[..., -1] - effects[..., 0]) / 2,
            "even": (effects[..., -1] + effects[..., 0]) / 2,
            "slope": effects @ doses / (doses @ doses),
        }

    def _effects(
        self, up: PerRun, down: PerRun, at_half: float, doses: tuple[float, ...], samples: int
    ) -> NDArray[np.float64]:
        """What an arm is seen to do, (runs, prompts, doses)."""
        full = [np.broadcast_to(up if dose > 0 else down, self.runs) for dose in doses]
        shares = [1.0 if abs(dose) == 1 else at_half for dose in doses]
        true = np.stack(full, axis=1) * shares
        noise = self._lengths(len(doses), samples) - self.unsteered
        return noise + self.susceptibility[:, :, None] * true[:, None, :]

    def _lengths(self, doses: int, samples: int) -> NDArray[np.float64]:
        """Log expected lengths without an effect, (runs, prompts, doses)."""
        # The mean of k gamma variables of shape a is one of shape k · a, over k.
        shape = samples / PATH_NOISE**2
        noise = self.rng.gamma(shape, 1 / shape, size=(*self.words.shape, doses))
        return np.log1p(self.words[..., None] * noise)

    def _shifts(self, true: PerRun | None) -> NDArray[np.float64] | None:
        """Shifts of the log-odds of going on, (runs, prompts); as noisy as the odd parts."""
        if true is None:
            return None
        mean = np.broadcast_to(true, self.runs)[:, None]
        noise = PATH_NOISE * self.rng.standard_normal(self.words.shape)
        return noise + self.susceptibility * mean

    def _coherent(self, shares: list[float]) -> NDArray[np.float64]:
        """Shares of the samples that are coherent, (runs, prompts, doses)."""
        size = (*self.words.shape, len(shares))
        return self.rng.binomial(self.samples, shares, size=size) / self.samples

    def _told(self, effects: NDArray[np.float64], by_dose: pd.Index) -> "pd.Series[float]":
        """Mean words, which no rule reads, so that all runs share theirs."""
        return pd.Series([*np.exp(effects.mean(axis=(0, 1))) * 28, 28.0], index=by_dose)
