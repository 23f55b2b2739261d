"""Simulated arms: as noisy as measured, and true to their effects in the mean."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from prefvec.calibration.simulation import (
    AT_MARGIN,
    COHERENT,
    NATIVE,
    PATH_NOISE,
    JudgedCell,
    Scenes,
)
from prefvec.verdicts.criteria import Steers
from prefvec.verdicts.doses import DOSES


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    """Fifty experiments with 48 prompts."""
    return Scenes(0, runs=50, n=48)


@pytest.mark.parametrize("name", ["odd", "even", "slope", "mean_odd"])
@pytest.mark.parametrize("doses", [DOSES, (-1.0, 1.0)])
def test_an_arm_works_out_the_same_by_itself(
    scenes: Scenes, name: str, doses: tuple[float, ...]
) -> None:
    """What is filled in for all runs at once is what each arm finds in its own effects."""
    for arm in scenes.arm("native", *NATIVE, doses=doses)[:5]:
        worked_out, own = getattr(arm, name), getattr(replace(arm), name)
        if isinstance(own, pd.Series):
            pd.testing.assert_series_equal(worked_out, own, check_names=False)
        else:
            assert worked_out == pytest.approx(own, rel=1e-12)


def test_effects_are_true_in_the_mean(scenes: Scenes) -> None:
    """At each dose, within five standard errors over runs; half a dose may have its own share."""
    arms = scenes.arm("native", 0.7, -0.5, at_half=-2.0)
    means = np.array([arm.effects.to_numpy().mean(axis=0) for arm in arms])
    error = means.std(axis=0, ddof=1) / np.sqrt(len(arms))
    assert (np.abs(means.mean(axis=0) - [-0.5, 1.0, -1.4, 0.7]) < 5 * error).all()


def test_the_margin_of_coherence_is_met_exactly(scenes: Scenes) -> None:
    """Ten points at one dose and none at the other, within five standard errors over runs."""
    arms = scenes.arm("native", coherent=(AT_MARGIN, COHERENT))
    assert round(COHERENT - AT_MARGIN, 12) == Steers().coherence_margin
    for dose, true in ((1.0, -0.10), (-1.0, 0.0)):
        means = np.array([arm.coherence_change(dose).mean() for arm in arms])
        assert abs(means.mean() - true) < 5 * means.std(ddof=1) / np.sqrt(len(arms))


def test_odd_parts_are_as_noisy_as_measured() -> None:
    """Over prompts 0.16 to 0.3 with one path or two, as of the expected lengths of real answers."""
    for samples in (1, 2):
        arms = Scenes(2, runs=50, n=48, samples=samples).arm("native", *NATIVE)
        spreads = [arm.odd.std(ddof=1) for arm in arms]
        assert 0.16 < np.mean(spreads) < 0.3


def test_control_directions_have_the_spread_that_was_measured() -> None:
    """Of their true odd parts, with the noise of one path a dose; shuffled maps around a mean."""
    scenes = Scenes(3, runs=40, n=48)
    cell = JudgedCell(spread=0.2, shuffled=0.1, common=0.3, through=0.05)
    found = scenes.controls(cell=cell)
    noise = PATH_NOISE**2 / 2 / 48
    for family, mean, spread in (
        ("random", 0, 0.2),
        ("shuffled", 0.3, 0.1),
        ("through_map", 0, 0.05),
    ):
        odds = np.array([arm.mean_odd for each in found for arm in getattr(each, family)])
        assert len(odds) == 40 * 19
        assert odds.mean() == pytest.approx(mean, abs=0.04)
        assert odds.std() == pytest.approx(np.hypot(spread, np.sqrt(noise)), rel=0.15)


def test_prompts_differ(scenes: Scenes) -> None:
    """In length and in how far they are moved: their variance is more than that of samples."""
    odd = np.array([arm.odd for arm in scenes.arm("native", 2.0, -2.0)])
    still = np.array([arm.odd for arm in scenes.arm("native")])
    assert odd.var() > 1.5 * still.var()


def test_a_seed_gives_the_same_answers_again() -> None:
    """Of every run."""
    once, again = (Scenes(4, runs=3, n=8).arm("x")[2].effects for _ in range(2))
    pd.testing.assert_frame_equal(once, again)
