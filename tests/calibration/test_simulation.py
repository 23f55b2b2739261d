"""Simulated answers: skewed, capped, and true to their effects in the mean."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from prefvec.calibration.simulation import AT_MARGIN, CAP, COHERENT, NATIVE, Scenes
from prefvec.verdicts.criteria import Steers
from prefvec.verdicts.doses import DOSES


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    """Fifty experiments with 48 prompts."""
    return Scenes(0, runs=50, n=48)


@pytest.mark.parametrize("name", ["odd", "even", "slope", "coherence_difference", "mean_odd"])
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
    """Ten points, within five standard errors over runs."""
    arms = scenes.arm("native", coherent=AT_MARGIN)
    means = np.array([arm.coherence_difference.mean() for arm in arms])
    assert round(COHERENT - AT_MARGIN, 12) == Steers().coherence_margin
    assert abs(means.mean() + 0.10) < 5 * means.std(ddof=1) / np.sqrt(len(arms))


def test_answers_are_skewed_and_some_are_cut_off(scenes: Scenes) -> None:
    """Lengths have a long right tail up to the cap, which ends a few of them, far below 20 %."""
    lengths = np.expm1(scenes.unsteered).ravel()
    assert stats.skew(lengths) > 0.5
    assert lengths.max() <= 8 * CAP
    shares = [arm.censored.max() for arm in scenes.arm("native")]
    assert 0 < np.mean(shares) < 0.1
    assert max(shares) < 0.2


def test_a_short_cap_cuts_off_more_than_a_fifth() -> None:
    """In every run, so that nothing can be judged."""
    capped = Scenes(1, runs=50, n=24, cap=3)
    assert min(arm.censored.max() for arm in capped.arm("native")) > 0.2


def test_prompts_differ(scenes: Scenes) -> None:
    """In length and in how far they are moved: their variance is more than that of samples."""
    odd = np.array([arm.odd for arm in scenes.arm("native", 2.0, -2.0)])
    still = np.array([arm.odd for arm in scenes.arm("native")])
    assert odd.var() > 1.5 * still.var()


def test_a_seed_gives_the_same_answers_again() -> None:
    """Of every run."""
    once, again = (Scenes(4, runs=3, n=8).arm("x")[2].effects for _ in range(2))
    pd.testing.assert_frame_equal(once, again)
