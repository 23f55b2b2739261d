"""Simulated claims about models: true shares in the mean, as far apart as they are said to be."""

import numpy as np
import pytest

from prefvec.calibration import simulated_models
from prefvec.calibration.simulated_models import KIN, SOURCES, Spread
from prefvec.calibration.simulation import NATIVE_ODD, PATH_NOISE, SUSCEPTIBILITY, Scenes

RUNS = 4_000


def drawn(spread: Spread) -> np.ndarray:
    """True shares around 40 % of native, (runs, targets, sources)."""
    return simulated_models._true_shares(Scenes(1, runs=RUNS, n=2), 0.4, spread)


def test_targets_are_those_of_the_suites_claims() -> None:
    """Three architectures with three, three and two training seeds."""
    assert sorted([*KIN.values()].count(name) for name in {*KIN.values()}) == [2, 3, 3]


@pytest.mark.parametrize("spread", [Spread(), Spread(targets=0.25), Spread(architectures=0.1)])
def test_shares_are_as_far_apart_as_said(spread: Spread) -> None:
    """By numpy: mean, variance of one, and covariances of kin and of strangers.

    Within five standard errors of a covariance of normal numbers over the runs.
    """
    found = drawn(spread)
    assert found.shape == (RUNS, len(KIN), SOURCES)
    first, kin, stranger = found[:, 0, 0], found[:, 1, 0], found[:, -1, 0]
    own = spread.targets**2 + spread.architectures**2 + simulated_models.BETWEEN_SOURCES**2
    within = 5 * own * np.sqrt(2 / RUNS)
    assert abs(first.mean() - 0.4) < 5 * np.sqrt(own / RUNS)
    assert abs(np.var(first) - own) < within
    assert abs(np.cov(first, kin)[0, 1] - spread.architectures**2) < within
    assert abs(np.cov(first, stranger)[0, 1]) < within
    shared = np.cov(first, found[:, 0, 1])[0, 1]
    assert abs(shared - spread.targets**2 - spread.architectures**2) < within


def test_odd_parts_have_their_true_mean_in_each_run() -> None:
    """One for each, within five standard errors over prompts and runs; as noisy as an arm's."""
    true = np.linspace(0.0, NATIVE_ODD, 50)
    scenes = Scenes(2, runs=50, n=400)
    odd = scenes.odd_parts(true)
    error = np.sqrt((PATH_NOISE**2 / 2 + (SUSCEPTIBILITY * NATIVE_ODD) ** 2) / 400)
    assert (abs(odd.mean(axis=1) - true) < 5 * error).all()
    arms = scenes.arm("native", true, -true, doses=(-1.0, 1.0))
    assert odd.std() == pytest.approx(np.std([arm.odd for arm in arms]), rel=0.05)
