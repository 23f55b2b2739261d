"""Simulated arms: answers of realistic lengths whose true effects are known.

Answers have a geometric number of sentences up to a cap, four to a prompt, and prompts differ in
how long their answers are and how far they can be moved. An arm's true effect on a prompt is
*added* on the log scale to the noise that its own answers make, so that every boundary of a rule
is met exactly in the mean.
"""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from prefvec.verdicts.controls import CONTROLS, Controls
from prefvec.verdicts.doses import DOSES, DoseResponse, Part

WORDS_PER_SENTENCE = 8
CAP = 12
"""Sentences at which an answer is cut off; about one in forty is."""

COHERENT = 0.98
"""Share of unsteered answers that are coherent."""

AT_MARGIN = 0.88
"""A share of coherent answers that lies exactly the criteria's margin below it."""

NATIVE = (math.log(2.0), math.log(0.6))
"""The planned effect of a native vector at +c and −c."""

NATIVE_ODD = (NATIVE[0] - NATIVE[1]) / 2

PerRun = float | NDArray[np.float64]
"""One number for all runs, or one for each."""


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
        samples: answers to a prompt, per arm and dose.
        cap: sentences at which an answer is cut off.
    """

    def __init__(
        self,
        seed: int | np.random.SeedSequence | np.random.Generator,
        *,
        runs: int,
        n: int = 96,
        samples: int = 4,
        cap: int = CAP,
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.runs, self.samples, self.cap = runs, samples, cap
        self.prompts = pd.Index([f"prompt-{index:03d}" for index in range(n)], name="prompt")
        self.sentences = self.rng.uniform(2.0, 5.0, size=(runs, n))
        self.susceptibility = 1 + 0.3 * self.rng.standard_normal((runs, n))
        self.unsteered, self.censored = self._answers(1)

    def arm(
        self,
        name: str,
        up: PerRun = 0.0,
        down: PerRun = 0.0,
        *,
        at_half: float = 0.5,
        coherent: float = COHERENT,
        censored: float | None = None,
        changed: float = 1.0,
        doses: tuple[float, ...] = DOSES,
    ) -> list[DoseResponse]:
        """An arm of each run.

        Args:
            name: the arm's key.
            up: true mean of d at +c.
            down: true mean of d at −c.
            at_half: share of the full dose's effect that half of it has.
            coherent: share of its answers that are coherent.
            censored: share of its answers that the cap ended; as simulated if None.
            changed: share of its answers that differ from the unsteered ones.
            doses: its coefficients, 0 left out.
        """
        full = [np.broadcast_to(up if dose > 0 else down, self.runs) for dose in doses]
        shares = [1.0 if abs(dose) == 1 else at_half for dose in doses]
        true = np.stack(full, axis=1) * shares
        logs, cut = self._answers(len(doses))
        effects = logs - self.unsteered + self.susceptibility[:, :, None] * true[:, None, :]
        texts = self._coherent([*[coherent] * len(doses), COHERENT])
        by_dose = pd.Index([*doses, 0.0])
        cuts = np.hstack([cut if censored is None else np.full_like(cut, censored), self.censored])
        # No rule reads the mean words, so all runs share theirs.
        mean_words = pd.Series([*np.exp(effects.mean(axis=(0, 1))) * 25, 25.0], index=by_dose)
        columns = pd.Index(doses)
        known = self._worked_out(np.array(doses), effects, texts)
        return [
            DoseResponse(
                arm=name,
                label=f"the {name} vector",
                effects=pd.DataFrame(effects[run], index=self.prompts, columns=columns),
                coherent=pd.DataFrame(texts[run], index=self.prompts, columns=by_dose),
                censored=pd.Series(cuts[run], index=by_dose),
                mean_words=mean_words,
                changed=changed,
                suggested_cap=320,
            ).knowing(
                {part: pd.Series(rows[run], index=self.prompts) for part, rows in known.items()}
            )
            for run in range(self.runs)
        ]

    def group(
        self, kind: str, size: int, *, spread: float = 0.02
    ) -> list[tuple[DoseResponse, ...]]:
        """So many control arms of each run, with true odd parts of this spread around 0."""
        odds = spread * self.rng.standard_normal((size, self.runs))
        arms = [
            self.arm(f"{kind}-{index}", odd, -odd, doses=(-1.0, 1.0))
            for index, odd in enumerate(odds)
        ]
        return list(zip(*arms, strict=True))

    def controls(
        self, *, kinds: int = 3, spread: float = 0.02, count: int = CONTROLS
    ) -> list[Controls]:
        """Random directions; of two kinds an unrelated concept too, of three shuffled maps also."""
        random = self.group("random", count, spread=spread)
        if kinds == 1:
            return [Controls(random=arms) for arms in random]
        mapped = kinds == 3
        shuffled = self.group("shuffled", count, spread=spread) if mapped else [()] * self.runs
        unrelated = self.group("unrelated", 1, spread=spread)
        return [
            Controls(random=r, shuffled=s, unrelated=u)
            for r, s, u in zip(random, shuffled, unrelated, strict=True)
        ]

    @staticmethod
    def _worked_out(
        doses: NDArray[np.float64], effects: NDArray[np.float64], texts: NDArray[np.float64]
    ) -> dict[Part, NDArray[np.float64]]:
        """For all runs at once what each arm would work out by itself, much slower.

        Returns:
            each part as (runs, prompts).
        """
        found: dict[Part, NDArray[np.float64]] = {"odd": (effects[..., -1] - effects[..., 0]) / 2}
        if doses.size > 2:  # no more than its odd part is asked of a control
            found |= {
                "even": (effects[..., -1] + effects[..., 0]) / 2,
                "slope": effects @ doses / (doses @ doses),
                "coherence_difference": (texts[..., -2] + texts[..., 0]) / 2 - texts[..., -1],
            }
        return found

    def _answers(self, doses: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Log lengths, (runs, prompts, doses), and shares cut off, (runs, doses)."""
        wanted = self.rng.geometric(
            1 / self.sentences[:, :, None, None],
            size=(*self.sentences.shape, doses, self.samples),
        )
        written = np.minimum(wanted, self.cap).mean(axis=3)
        return np.log1p(WORDS_PER_SENTENCE * written), (wanted > self.cap).mean(axis=(1, 3))

    def _coherent(self, shares: list[float]) -> NDArray[np.float64]:
        """Shares of the samples that are coherent, (runs, prompts, doses)."""
        size = (*self.sentences.shape, len(shares))
        return self.rng.binomial(self.samples, shares, size=size) / self.samples
