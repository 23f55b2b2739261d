"""How often the rules are wrong: simulated at their nulls, their boundaries and planned effects.

A small version of what a full calibration would run. A rate is held to its bound within the
binomial error of the runs (one in ten thousand).
"""

import gc
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from prefvec.assessment import Assessment
from prefvec.criteria import LONGER_BY_A_QUARTER
from prefvec.families import holm
from prefvec.inequalities import Inequality
from prefvec.verdict import Outcome
from tests.simulated import NATIVE, Scene, fails, share_of, steers, works

ALPHA = 0.05
D = LONGER_BY_A_QUARTER


def rates(cell: Callable[[Scene], Assessment], *, runs: int, n: int) -> Counter[Outcome]:
    """How often each outcome came, over so many simulated experiments of n prompts."""
    seeds = np.random.SeedSequence([n, runs]).spawn(runs)
    assessments = (cell(Scene(np.random.default_rng(seed), n)) for seed in seeds)
    return Counter(assessment.outcome(assessment.pvalue) for assessment in assessments)


def most(runs: int, rate: float = ALPHA) -> float:
    """The count that so many runs at this rate exceed once in ten thousand times."""
    return float(stats.binom.ppf(1 - 1e-4, runs, rate))


def fewest(runs: int, rate: float) -> float:
    """The count that so many runs at this rate undercut once in ten thousand times."""
    return float(stats.binom.ppf(1e-4, runs, rate))


def steering(up: float, down: float, coherent: float = 0.98) -> Callable[[Scene], Assessment]:
    """A claim that a vector of this true effect steers."""
    return lambda scene: steers(scene, scene.arm("native", up, down, coherent=coherent))


def failing(share: float) -> Callable[[Scene], Assessment]:
    """A claim that raw transfer of this true share of native fails."""
    return lambda scene: fails(
        scene, scene.arm("raw", *share_of(NATIVE, share)), scene.arm("native", *NATIVE)
    )


def working(share: float) -> Callable[[Scene], Assessment]:
    """A claim that adapted transfer of this true share of native works, raw doing nothing."""
    return lambda scene: works(
        scene,
        scene.arm("adapted", *share_of(NATIVE, share)),
        scene.arm("native", *NATIVE),
        scene.arm("raw"),
    )


@pytest.mark.parametrize(
    "cell",
    [
        steering(0.0, 0.0),
        steering(0.0, -0.9),
        steering(0.9, 0.0),
        steering(*NATIVE, coherent=0.88),
    ],
    ids=["nothing", "only-shorter", "only-longer", "coherence-at-margin"],
)
def test_steers_is_wrongly_supported_at_most_alpha(cell: Callable[[Scene], Assessment]) -> None:
    """At each boundary, all other parts being true."""
    assert rates(cell, runs=1_000, n=24)[Outcome.SUPPORTED] <= most(1_000)


def test_steers_is_wrongly_refuted_at_most_alpha() -> None:
    """At a true odd part of exactly D, where it is supported about every second time."""
    found = rates(steering(D, -D), runs=1_000, n=48)
    assert found[Outcome.REFUTED] <= most(1_000)
    assert 300 <= found[Outcome.SUPPORTED] <= 700


def test_fails_is_wrong_at_most_alpha_either_way() -> None:
    """At a raw effect of exactly a quarter of native."""
    found = rates(failing(0.25), runs=1_000, n=48)
    assert found[Outcome.SUPPORTED] <= most(1_000)
    assert found[Outcome.REFUTED] <= most(1_000)


def test_works_is_wrong_at_most_alpha_either_way() -> None:
    """At an adapted effect of exactly half of native."""
    found = rates(working(0.5), runs=400, n=48)
    assert found[Outcome.SUPPORTED] <= most(400)
    assert found[Outcome.REFUTED] <= most(400)


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        (steering(*NATIVE), Outcome.SUPPORTED),
        (steering(0.0, 0.0), Outcome.REFUTED),
        (failing(0.0), Outcome.SUPPORTED),
        (failing(1.0), Outcome.REFUTED),
        (working(0.8), Outcome.SUPPORTED),
        (working(0.0), Outcome.REFUTED),
    ],
    ids=["steers", "steers-not", "fails", "fails-not", "works", "works-not"],
)
def test_planned_effects_are_found(cell: Callable[[Scene], Assessment], outcome: Outcome) -> None:
    """Power of at least 0.9 with 96 prompts, before Holm."""
    assert rates(cell, runs=150, n=96)[outcome] >= fewest(150, 0.9)


@pytest.mark.parametrize("n", [12, 24, 96])
def test_one_inequality_is_wrong_about_alpha_of_the_time(n: int) -> None:
    """On skewed contrasts too, and not far less often, or the test would be a blunt one."""
    rng = np.random.default_rng(n)
    skewed = rng.exponential(size=(2_000, n)) - rng.exponential(size=(2_000, n))
    wrong = sum(Inequality.above("x", values).holds(ALPHA) for values in skewed)
    assert fewest(2_000, 0.03) <= wrong <= most(2_000)


def test_holm_keeps_the_family_wise_error() -> None:
    """Of ten true nulls, one or more is called significant in at most α of the families."""
    rng = np.random.default_rng(7)
    wrong = 0
    gc.freeze()  # statsmodels collects garbage at every call, slow where much is alive
    for _ in range(1_000):
        family = {str(i): Inequality.above("x", rng.normal(size=24)).pvalue for i in range(10)}
        wrong += min(holm(family).values()) <= ALPHA
    gc.unfreeze()
    assert wrong <= most(1_000)


def test_a_true_zero_is_called_inert_as_often_as_planned() -> None:
    """Of failures with 96 prompts nearly all are inert, with 12 hardly any."""

    def inert(n: int) -> float:
        labels = [failing(0.0)(Scene(seed, n)).label for seed in range(60)]
        return labels.count("inert") / len(labels)

    assert inert(96) >= 0.8
    assert inert(12) <= 0.5
