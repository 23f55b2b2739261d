"""The findings over again, with vectors and adapters from resampled splits, pooled over pairs."""

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from prefvec.experiments.carried_arms import copies, source_vector
from prefvec.experiments.explorations.look import Look
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.measured import Measured
from prefvec.experiments.native_arms import own_vectors
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.readings import METHODS
from prefvec.experiments.regimes import EXPOSED
from prefvec.statistics.estimates import Estimate
from prefvec.statistics.meta_analysis import Pooled, random_effects
from prefvec.vectors.residual import Site
from prefvec.vectors.transfer import copied_raw
from prefvec.vectors.vector import PreferenceVector

RESAMPLES = 5
"""Random halves of the contrast pairs and of the adapter's rows, for every pair of models."""


def resampling(look: Look) -> Measured:
    """That over model pairs the adapted effect is more than the smallest of interest.

    In every ordered pair of the run's models, the vector comes from a random half of the contrast
    pairs and the adapter from a random half of the rows, several times; sites are those of the
    whole splits.
    """
    looks = [look.towards(pair) for pair in look.every_pair()]
    adapted = {str(each.pair): _repeated(each, _adapted(each)) for each in looks}
    raw = {str(each.pair): _repeated(each, _raw(each)) for each in looks if _equal_widths(each)}
    own = {}
    for each in looks:
        if each.pair.target not in own:
            own[each.pair.target] = _repeated(each, _own(each))
    figures = [
        _forest("adapted", f"Adapted, {EXPOSED.name}", adapted),
        _forest("native", "Their own vectors", own),
    ]
    if len(raw) > 1:
        figures.append(_forest("raw", "Copied raw, between equal widths", raw))
    return look.contrast(
        np.array([estimate.estimate for estimate in adapted.values()]),
        "odd part of the adapted vector, mean over resampled splits",
        "model pairs",
        tuple(figures),
    )


def _repeated(look: Look, draw: Callable[[random.Random], Arm]) -> Estimate:
    """The mean odd part over resamples, with the noise of prompts and of resampling."""
    odd = np.array(
        [draw(random.Random(f"resample {k}")).doses.odd.to_numpy() for k in range(RESAMPLES)]
    )
    prompts = odd.mean(axis=0)
    variance = prompts.var(ddof=1) / len(prompts) + odd.mean(axis=1).var(ddof=1) / RESAMPLES
    return Estimate(
        estimate=float(odd.mean()),
        standard_error=math.sqrt(variance),
        df=float(len(prompts) - 1),
        n=len(prompts),
        unit="log",
    )


def _half(draw: random.Random, n: int) -> tuple[int, ...]:
    return tuple(sorted(draw.sample(range(n), n // 2)))


def _vector(look: Look, name: str, site: Site, draw: random.Random) -> PreferenceVector:
    """A model's vector from a random half of its contrast pairs."""
    estimator = look.transfer.estimator
    n = own_vectors(look.arms, name, estimator)[site].n_pairs
    return native_vectors(look.lab, name, look.trait.name, estimator, _half(draw, n))[site]


def _own(look: Look) -> Callable[[random.Random], Arm]:
    site = look.arms.cell(look.pair.target).chosen.site

    def arm(draw: random.Random) -> Arm:
        return look.at("own, resampled", "its own", _vector(look, look.pair.target, site, draw))

    return arm


def _adapted(look: Look) -> Callable[[random.Random], Arm]:
    target, whole = look.pair.target, source_vector(look.arms, look.transfer)
    site = look.placed("adapted", "adapted", look.carried(EXPOSED)).vector.site
    rows = look.readings.paired(EXPOSED, look.trait.name, look.pair, whole.site, site)
    norm = residual_norms(look.lab, target)[site]

    def arm(draw: random.Random) -> Arm:
        chosen = _half(draw, len(rows[0]))
        ours, theirs = (side.select(chosen) for side in rows)
        adapter = METHODS["ridge"](ours, theirs, against_shuffled=False)
        vector = _vector(look, look.pair.source, whole.site, draw)
        carried = adapter.transport(vector, residual_norm=norm)
        return look.at("adapted, resampled", "adapted", carried)

    return arm


def _raw(look: Look) -> Callable[[random.Random], Arm]:
    whole = source_vector(look.arms, look.transfer)

    def copied(vector: PreferenceVector) -> dict[Site, PreferenceVector]:
        return copies(look.arms, look.pair.target, vector, copied_raw)

    site = look.placed("raw", "raw", copied(whole)).vector.site

    def arm(draw: random.Random) -> Arm:
        vector = _vector(look, look.pair.source, whole.site, draw)
        return look.at("raw, resampled", "raw", copied(vector)[site])

    return arm


def _equal_widths(look: Look) -> bool:
    widths = {look.lab.models.width(m) for m in (look.pair.source, look.pair.target)}
    return len(widths) == 1


def _forest(name: str, title: str, estimates: dict[str, Estimate]) -> dict[str, Any]:
    pooled: Pooled = random_effects(estimates)
    return pooled.record() | {
        "id": f"pooled-{name}",
        "title": title,
        "caption": f"Odd part by pair over {RESAMPLES} resampled splits, and the random-effects "
        f"mean. {pooled.summary()}",
    }
