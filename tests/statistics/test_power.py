"""What so many prompts can show, against statsmodels' power of the t test."""

import math

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.power import minimum_detectable, power_at, prompts_needed

normal = np.random.default_rng(5).normal(0.2, 0.5, size=96)
standard = (normal - normal.mean()) / normal.std(ddof=1)


@pytest.mark.parametrize("effect", [0.15, 0.3, 0.8])
@pytest.mark.parametrize("alpha", [0.05, 0.0125])
def test_prompts_needed_is_the_least_n_of_that_power(effect: float, alpha: float) -> None:
    """Oracle: statsmodels TTestPower at that n and at one prompt fewer."""
    needed = prompts_needed(Inequality.above("x", standard + effect), alpha)
    power = TTestPower().power
    assert needed is not None
    assert power(effect, needed, alpha, alternative="larger") >= 0.8
    assert power(effect, needed - 1, alpha, alternative="larger") < 0.8


def test_no_number_of_prompts_shows_the_wrong_side() -> None:
    """None for a mean on the wrong side, on the threshold, or all but on it."""
    centred = normal - normal.mean()
    assert prompts_needed(Inequality.above("x", centred - 0.1), 0.05) is None
    assert prompts_needed(Inequality.above("x", np.zeros(8)), 0.05) is None
    assert prompts_needed(Inequality.above("x", centred + 1e-4), 0.05) is None


@pytest.mark.parametrize(("alpha", "fewest"), [(0.05, 5), (0.0125, 7), (1e-3, 10)])
def test_as_many_prompts_are_needed_as_the_signflips_ask_for(alpha: float, fewest: int) -> None:
    """By hand: n prompts have 2ⁿ sign patterns, so p is at least 2⁻ⁿ, however large the effect."""
    assert prompts_needed(Inequality.above("x", np.full(4, 2.0)), alpha) == fewest
    assert 2.0**-fewest <= alpha < 2.0 ** -(fewest - 1)


def test_a_level_below_the_random_signflips_is_never_reached() -> None:
    """Of 10,000 patterns one is the observed, so p is at least 1/10,000."""
    clear = Inequality.above("x", standard + 2)
    assert prompts_needed(clear, 9e-5) is None
    assert minimum_detectable(clear, 9e-5) is None


@pytest.mark.parametrize("alternative", ["greater", "less"])
@pytest.mark.parametrize("alpha", [0.05, 0.0125])
def test_the_minimum_detectable_mean_is_statsmodels(alternative: str, alpha: float) -> None:
    """Oracle: TTestPower.solve_power for the effect, times the spread, from the threshold."""
    tested = (Inequality.above if alternative == "greater" else Inequality.below)(
        "x", 0.3 * standard, 0.1
    )
    oracle = TTestPower().solve_power(nobs=96, alpha=alpha, power=0.8, alternative="larger")
    sign = 1 if alternative == "greater" else -1
    minimum = minimum_detectable(tested, alpha)
    assert minimum == pytest.approx(0.1 + sign * 0.3 * float(oracle), abs=1e-6)
    assert power_at(tested, minimum, alpha) == pytest.approx(0.8)


def test_power_at_the_threshold_is_alpha_and_grows_to_one() -> None:
    """A test of exact level is right about its threshold α of the time."""
    tested = Inequality.above("x", standard, 0.2)
    assert power_at(tested, 0.2, 0.05) == pytest.approx(0.05)
    powers = [power_at(tested, mean, 0.05) for mean in (-1e6, 0.0, 0.2, 0.4, 0.8, 1e6)]
    assert powers == sorted(powers)
    assert powers[-1] == 1
    assert powers[0] == pytest.approx(0, abs=1e-9)


def test_multiplicity_costs_power() -> None:
    """The most extreme of ten comparisons is judged at a tenth of the level."""
    one = Inequality.above("x", standard)
    ten = Inequality(name="x", values=standard, multiplicity=10)
    assert power_at(ten, 0.3, 0.05) == pytest.approx(power_at(one, 0.3, 0.005))
    assert (minimum_detectable(ten, 0.05) or 0) > (minimum_detectable(one, 0.05) or math.inf)


def test_power_is_what_a_simulation_finds() -> None:
    """Of 2,000 samples about the minimum detectable mean, 80 % are significant; ±4 errors."""
    minimum = minimum_detectable(Inequality.above("x", standard), 0.05)
    assert minimum is not None
    draws = np.random.default_rng(8).normal(minimum, 1.0, size=(2_000, 96))
    found = sum((Inequality.above("x", row).pvalue_t or 0.0) <= 0.05 for row in draws)
    assert abs(found / 2_000 - 0.8) < 4 * math.sqrt(0.16 / 2_000)


def test_without_spread_any_mean_beyond_the_threshold_is_shown() -> None:
    """Constant data have the threshold itself as their limit."""
    constant = Inequality.above("x", np.full(8, 0.3), 0.1)
    assert power_at(constant, 0.2, 0.05) == 1
    assert power_at(constant, 0.1, 0.05) == 0
    assert minimum_detectable(constant, 0.05) == pytest.approx(0.1)
