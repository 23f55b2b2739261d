"""What one arm did to each prompt, at each dose: its dose-response."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from prefvec.statistics.estimates import Estimate, Share, mean_of
from prefvec.statistics.scales import told
from prefvec.statistics.survival import EndingHazard, ending_hazard
from prefvec.text.measures import WORDS, Measure

DOSES = (-1.0, -0.5, 0.5, 1.0)
"""The coefficients of a whole dose-response, besides 0."""

ATTENUATED_ABOVE = 0.20
"""Where more of the unsteered answers are cut off, an expectation within the cap grows less than
answers would, and D is asked of the log-odds of going on instead of the factor."""

Part = Literal["odd", "even", "slope", "mean_odd"]
"""What a dose-response works out, per prompt but for the mean."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DoseResponse:
    """What one arm did to each prompt, at each dose, against no steering.

    Attributes:
        arm: the arm's key, e.g. "native".
        label: what people read, e.g. "the target's own vector".
        effects: prompts × coefficients: d, the measure of the prompt's answers (on the log
            scale, as for words ln(1 + mean)) steered minus unsteered. Coefficients are symmetric
            and without 0.
        coherent: prompts × coefficients, 0 included: share of the samples that are coherent.
        censored: by coefficient, 0 included: share of the answers that the cap cut off; shown,
            and of 0 what says whether a factor is attenuated.
        mean_words: by coefficient, 0 included: words per answer.
        changed: share of the steered answers that differ from the unsteered answer of the same
            prompt and sample; 0 if the hook never fired.
        clusters: by prompt: what its error is clustered by (an entity), or None.
        measure: what the effects are effects on.
        lengths: by answer, unsteered ones included: prompt, coefficient, n_tokens, censored.
        going_on: by prompt: odd shift of the log-odds of going on at sentence ends of the model's
            own unsteered answers, teacher-forced; at the last position of an answer that has no
            sentence end. Of ending, where the measure is of shorter answers. nan for a prompt
            that was not read; None where none was.
        false: by coefficient, 0 included: share of the sentences that state something false; shown,
            and None where nobody knows what is so.
    """

    arm: str
    label: str
    effects: pd.DataFrame
    coherent: pd.DataFrame
    censored: "pd.Series[float]"
    mean_words: "pd.Series[float]"
    changed: float = 1.0
    clusters: "pd.Series[str] | None" = None
    lengths: pd.DataFrame | None = None
    measure: Measure = WORDS
    going_on: "pd.Series[float] | None" = None
    false: "pd.Series[float] | None" = None

    def knowing(self, parts: "Mapping[Part, pd.Series[float] | float]") -> "DoseResponse":
        """A copy that need not work out these parts, which were, together with other arms'.

        A copy of that by `dataclasses.replace`, with other effects for example, forgets them.
        """
        copy = replace(self)
        for part, values in parts.items():
            vars(copy)[part] = values
        return copy

    @cached_property
    def coefficients(self) -> tuple[float, ...]:
        """The doses, ascending, 0 left out."""
        return tuple(float(coefficient) for coefficient in self.effects.columns)

    @property
    def full_dose(self) -> float:
        """The largest coefficient: odd and even parts are taken at ± this."""
        return self.coefficients[-1]

    @cached_property
    def odd(self) -> "pd.Series[float]":
        """Steering: (d(+c) − d(−c)) / 2 per prompt at the full dose."""
        return (self.effects[self.full_dose] - self.effects[-self.full_dose]) / 2

    @cached_property
    def even(self) -> "pd.Series[float]":
        """Disturbance: (d(+c) + d(−c)) / 2 per prompt at the full dose."""
        return (self.effects[self.full_dose] + self.effects[-self.full_dose]) / 2

    @cached_property
    def slope(self) -> "pd.Series[float]":
        """Least-squares slope of d over all doses and 0, per prompt and unit of coefficient."""
        doses = np.array(self.coefficients)
        # Doses are symmetric around 0, so the intercept and the dose 0 drop out of the slope.
        return pd.Series(
            self.effects.to_numpy() @ doses / (doses @ doses), index=self.effects.index
        )

    def coherence_change(self, coefficient: float) -> NDArray[np.float64]:
        """Share of coherent answers at a dose minus unsteered, shape (prompts,)."""
        return self.coherent[coefficient].to_numpy() - self.coherent[0.0].to_numpy()

    @property
    def coherence_loss(self) -> float:
        """Mean share of coherent answers lost at the full dose that loses more, of 1."""
        full = self.full_dose
        return -min(float(self.coherence_change(dose).mean()) for dose in (full, -full))

    @property
    def attenuated(self) -> bool:
        """Whether so many unsteered answers are cut off that a factor cannot reach its size."""
        return float(self.censored[0.0]) > ATTENUATED_ABOVE

    @property
    def words_told(self) -> str:
        """What people read: "18 words became 84 at +c and 8 at −c"; "" for another measure."""
        if self.measure.name.removesuffix("-reversed") != WORDS.name:
            return ""
        plain, up, down = (self.mean_words[c] for c in (0.0, self.full_dose, -self.full_dose))
        return f"{plain:.0f} words became {up:.0f} at +c and {down:.0f} at −c"

    @property
    def false_told(self) -> str:
        """What people read: "3 % of the sentences are false, 6 % at +c and 1 % at −c"; or "".

        It is "" where nobody knows what is so, or where an arm's answers hold no sentence.
        """
        if self.false is None:
            return ""
        shares = [float(self.false[c]) for c in (0.0, self.full_dose, -self.full_dose)]
        if any(map(math.isnan, shares)):
            return ""
        plain, up, down = (told(share, "share") for share in shares)
        return f"{plain} of the sentences are false, {up} at +c and {down} at −c"

    @cached_property
    def most_censored(self) -> float:
        """The largest share of answers that the cap ended, over the doses and 0."""
        return float(self.censored.to_numpy().max())

    @cached_property
    def ending_hazard(self) -> EndingHazard | None:
        """Steering by rates of ending, which know of the cap, for answers in words with lengths.

        None for another measure, or without lengths.
        """
        if self.lengths is None or self.measure.name != WORDS.name:
            return None
        return ending_hazard(self.lengths)

    @cached_property
    def mean_odd(self) -> float:
        """The mean odd part over prompts."""
        return float(self.odd.to_numpy().mean())

    def mean_odd_over(self, prompts: pd.Index) -> float:
        """The mean odd part over some of the prompts: those that controls were asked."""
        if prompts.equals(self.effects.index):
            return self.mean_odd
        return float(self.odd.loc[prompts].to_numpy().mean())

    @property
    def wrong_way(self) -> Share:
        """Share of prompts whose odd part is negative."""
        return Share.of(self.odd.to_numpy() < 0)

    def effect_at(self, coefficient: float) -> Estimate:
        """The mean of d at one of `coefficients`, on the log scale."""
        return mean_of(self.effects[coefficient].to_numpy())

    def coherence_at(self, coefficient: float) -> Estimate:
        """The mean difference of the share of coherent answers to the unsteered one, at a dose.

        As a fraction of 1 that is told in points.
        """
        return mean_of(self.coherence_change(coefficient), "points")

    def record(
        self,
        *,
        site: Mapping[str, Any] | None = None,
        relative_norm: float | None = None,
    ) -> dict[str, Any]:
        """The arm as plain Python types, for the report.

        Args:
            site: where it was steered, as {"layer": …, "point": …}.
            relative_norm: norm of the full dose over the mean residual norm at the site.
        """
        return {
            "name": self.arm,
            "label": self.label,
            "site": dict(site) if site is not None else None,
            "relative_norm": relative_norm,
            "odd": mean_of(self.odd.to_numpy()).record(),
            "even": mean_of(self.even.to_numpy()).record(),
            "going_on": self._going_on_record(),
            "wrong_way": vars(self.wrong_way).copy(),
            "changed": self.changed,
            "doses": [self._dose_record(float(c)) for c in self.coherent.columns],
            "per_prompt": {
                str(prompt): {str(c): float(d) for c, d in zip(self.coefficients, row, strict=True)}
                for prompt, row in zip(self.effects.index, self.effects.to_numpy(), strict=True)
            },
        }

    def _going_on_record(self) -> dict[str, float] | None:
        return mean_of(self.going_on.dropna()).record() if self.going_on is not None else None

    def _dose_record(self, coefficient: float) -> dict[str, float | None]:
        factor = {"factor": 1.0, "low": 1.0, "high": 1.0}
        if coefficient:
            factor = factor_record(self.effect_at(coefficient))
        return {
            "coefficient": coefficient,
            **factor,
            "mean_words": float(self.mean_words[coefficient]),
            "coherent": float(self.coherent[coefficient].to_numpy().mean()),
            "censored": float(self.censored[coefficient]),
            "false": self._false_at(coefficient),
        }

    def _false_at(self, coefficient: float) -> float | None:
        share = math.nan if self.false is None else float(self.false[coefficient])
        return None if math.isnan(share) else share


def factor_record(estimate: Estimate) -> dict[str, float]:
    """An estimate on the log scale and its 95 % interval, as factors.

    Example:
        >>> factor = factor_record(mean_of([0.4, 0.1, 0.3, 0.2]))
        >>> {name: round(value, 2) for name, value in factor.items()}
        {'factor': 1.28, 'low': 1.05, 'high': 1.58}
    """
    low, high = estimate.confidence_interval()
    return {"factor": math.exp(estimate.estimate), "low": math.exp(low), "high": math.exp(high)}
