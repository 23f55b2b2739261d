"""Tested inequalities, against scipy, statsmodels and printed numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from prefvec.statistics.estimates import (
    mean_of,
)
from prefvec.statistics.inequalities import Inequality, equivalence
from prefvec.statistics.power import minimum_detectable, power_at, prompts_needed
from prefvec.statistics.signflips import sign_patterns, signflip_pvalue

MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], dtype=float)
"""Darwin's maize, crossed minus self-fertilised, in eighths of an inch (Fisher 1935, §§ 17, 21)."""

numbers = st.floats(-5, 5).map(lambda x: round(x, 3))
samples = st.lists(numbers, min_size=3, max_size=9).map(np.array)
normal = np.random.default_rng(5).normal(0.2, 0.5, size=96)


def test_maize_has_the_p_values_that_fisher_printed() -> None:
    """Fisher 1935: t = 2.148 on 14 df, and 863 of the 32,768 sign patterns reach the sum."""
    tested = Inequality.above("crossed taller", MAIZE)
    assert tested.estimate.estimate / tested.estimate.standard_error == pytest.approx(
        2.148, abs=5e-4
    )
    assert tested.pvalue_signflip == 863 / 32_768
    assert tested.pvalue == max(tested.pvalue_signflip, tested.pvalue_t or 0)


@settings(deadline=None)
@given(samples, numbers, st.sampled_from(["greater", "less"]))
def test_paired_t_is_scipys(values: np.ndarray, threshold: float, alternative: str) -> None:
    """Oracle: scipy.stats.ttest_1samp."""
    tested = (
        Inequality(name="x", values=values, threshold=threshold, alternative="greater")
        if alternative == "greater"
        else Inequality.below("x", values, threshold)
    )
    if tested.pvalue_t is None:
        assert np.ptp(values) == 0
        return
    oracle = stats.ttest_1samp(values, threshold, alternative=alternative)
    assert tested.pvalue_t == pytest.approx(oracle.pvalue, rel=1e-7, abs=1e-12)
    estimated = mean_of(values).pvalue(threshold, tested.alternative)
    assert estimated == pytest.approx(oracle.pvalue, rel=1e-7, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(samples)
def test_signflip_is_scipys_permutation_test(values: np.ndarray) -> None:
    """Oracle: scipy.stats.permutation_test of paired samples, all patterns visited."""
    oracle = stats.permutation_test(
        (values,), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert signflip_pvalue(values) == pytest.approx(oracle.pvalue)


def test_random_signflips_agree_with_scipys() -> None:
    """With many prompts both draw patterns; the two p-values agree within their noise."""
    oracle = stats.permutation_test(
        (normal - 0.15,),
        np.mean,
        permutation_type="samples",
        alternative="greater",
        n_resamples=9_999,
        rng=np.random.default_rng(1),
    )
    error = math.sqrt(2 * oracle.pvalue * (1 - oracle.pvalue) / 10_000)
    assert signflip_pvalue(normal - 0.15) == pytest.approx(oracle.pvalue, abs=4 * error)


@pytest.mark.parametrize("n", [2, 7, 15, 16, 96])
def test_sign_patterns_hold_the_observed_one(n: int) -> None:
    """The first pattern flips nothing, so no p-value is 0."""
    patterns = sign_patterns(n)
    assert (patterns[0] == 1).all()
    assert set(np.unique(patterns)) == {-1.0, 1.0}
    assert signflip_pvalue(np.ones(n)) > 0


@settings(deadline=None)
@given(samples, numbers)
def test_above_and_below_mirror_each_other(values: np.ndarray, threshold: float) -> None:
    """Negating values and threshold exchanges the two sides."""
    above = Inequality.above("x", values, threshold)
    below = Inequality.below("x", -values, -threshold)
    assert above.pvalue == pytest.approx(below.pvalue)


@pytest.mark.parametrize(
    ("constant", "threshold", "pvalue"),
    [(0.0, 0.0, 1.0), (0.3, 0.0, 2.0**-8), (-0.3, 0.0, 1.0), (0.1, -0.1, 2.0**-8), (0.2, 0.2, 1.0)],
)
def test_without_variance_the_signflip_decides(
    constant: float, threshold: float, pvalue: float
) -> None:
    """By hand: of the 2⁸ patterns of equal numbers only the observed one reaches their sum."""
    tested = Inequality.above("x", np.full(8, constant), threshold)
    assert tested.pvalue_t is None
    assert tested.pvalue == pvalue
    assert tested.bca == (constant, constant)


def test_equivalence_to_a_constant_margin_is_statsmodels_tost() -> None:
    """Oracle: statsmodels ttost_paired, whose p-value is the larger of its two sides."""
    values = normal - 0.2
    oracle = ttost_paired(values, np.zeros(96), -0.15, 0.15)
    lower, upper = equivalence("x", values, np.full(96, 0.15))
    assert lower.pvalue_t == pytest.approx(oracle[1][1])
    assert upper.pvalue_t == pytest.approx(oracle[2][1])


def test_multiplicity_multiplies_the_p_value() -> None:
    """Bonferroni, at most 1."""
    single = Inequality.above("x", MAIZE)
    many = Inequality(name="x", values=MAIZE, multiplicity=10)
    assert many.pvalue == pytest.approx(10 * single.pvalue)
    assert Inequality(name="x", values=MAIZE, multiplicity=1_000).pvalue == 1


def test_t_and_signflip_disagree_where_one_is_significant() -> None:
    """By hand: one far prompt of twelve gives t a large error and the sign flips p = 2⁻¹²."""
    apart = Inequality.above("x", [0.02] * 11 + [3.0])
    assert apart.pvalue_signflip == 2.0**-12
    assert apart.signflip_disagrees(0.05)
    assert not apart.signflip_disagrees(1e-5)
    assert not Inequality.above("x", MAIZE).signflip_disagrees(0.05)
    assert not Inequality.above("x", np.full(8, 0.3)).signflip_disagrees(0.05)


def test_contrasts_against_a_whole_are_told_as_shares_of_it() -> None:
    """By hand: parts of mean 0.3 against half of wholes of mean 0.5 are 60 % of them."""
    contrast = Inequality(
        name="x", values=np.array([0.04, 0.05, 0.06]), share=0.5, whole=0.5, whole_of="native"
    )
    assert contrast.as_share(0.05) == pytest.approx(0.6)
    assert contrast.needed == "above 50 % of native, a contrast above ×1.00"
    assert contrast.measured.endswith("60 % of native, the contrast ×1.05, at least ×1.03")
    lost = Inequality(name="x", values=MAIZE, share=0.5, whole=-0.1)
    assert lost.as_share(0.05) is None
    assert Inequality.above("x", MAIZE).as_share(0.05) is None


def test_an_assumed_value_is_tested_and_not_told() -> None:
    """As if it had been measured, in all but the mean, its interval and the bootstrap's."""
    plain = Inequality.above("kept", normal, -0.1, "points")
    assumed = Inequality.above("kept", normal, -0.1, "points", assumed=-3.0)
    counted = Inequality.above("kept", [*normal, -3.0], -0.1, "points")
    assert (assumed.pvalue_t, assumed.pvalue_signflip) == (
        counted.pvalue_t,
        counted.pvalue_signflip,
    )
    assert assumed.bound == counted.bound
    assert power_at(assumed, 0.0, 0.05) == power_at(counted, 0.0, 0.05)
    assert minimum_detectable(assumed, 0.05) == minimum_detectable(counted, 0.05)
    assert prompts_needed(assumed, 0.05) == prompts_needed(counted, 0.05)
    assert (assumed.estimate, assumed.bca) == (plain.estimate, plain.bca)
    assert assumed.pvalue > plain.pvalue
