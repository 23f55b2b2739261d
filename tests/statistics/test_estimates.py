"""Estimates and their intervals, against scipy, statsmodels and printed numbers."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from prefvec.errors import PrefvecError
from prefvec.statistics.estimates import (
    BOOTSTRAP_RESAMPLES,
    BOOTSTRAP_SEED,
    Share,
    bca_interval,
    clustered_mean,
    mean_of,
    ratio_of_means,
)
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told

normal = np.random.default_rng(5).normal(0.2, 0.5, size=96)


def test_the_interval_is_scipys() -> None:
    """Oracle: scipy's confidence interval of the one-sample t test."""
    oracle = stats.ttest_1samp(normal, 0).confidence_interval(0.95)
    assert mean_of(normal).confidence_interval() == pytest.approx((oracle.low, oracle.high))


def test_bca_is_near_the_t_interval_of_a_normal_sample_and_leans_with_skew() -> None:
    """On skewed data BCa lies further to the long side than the t interval does."""
    low, high = bca_interval(normal) or (math.nan, math.nan)
    assert (low, high) == pytest.approx(mean_of(normal).confidence_interval(), abs=0.02)
    skewed = np.exp(np.random.default_rng(2).normal(size=60))
    low, high = bca_interval(skewed) or (math.nan, math.nan)
    t_low, t_high = mean_of(skewed).confidence_interval()
    assert low > t_low
    assert high > t_high


def test_clustered_error_is_the_sandwich() -> None:
    """By hand: √(G/(G−1) · Σ (sum of residuals of a cluster)²) / n."""
    values = np.array([1.0, 2.0, 4.0, 3.0, 7.0, 6.0])
    residuals = values - values.mean()
    sums = residuals.reshape(3, 2).sum(axis=1)
    clustered = clustered_mean(values, ["a", "a", "b", "b", "c", "c"])
    assert clustered.standard_error == pytest.approx(math.sqrt(3 / 2 * (sums**2).sum()) / 6)
    assert clustered.df == 2
    assert clustered.estimate == pytest.approx(values.mean())


def test_clusters_of_one_prompt_change_nothing() -> None:
    """Then the sandwich is the usual error."""
    alone = clustered_mean(normal, np.arange(96))
    assert alone.standard_error == pytest.approx(mean_of(normal).standard_error)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_is_newcombes(hits: int, n: int, low: float, high: float) -> None:
    """Oracle: Newcombe 1998, Statistics in Medicine 17, table I, method 3."""
    share = Share.of(np.arange(n) < hits)
    assert share.share == hits / n
    assert (share.low, share.high) == pytest.approx((low, high), abs=5e-5)


def test_fieller_ends_are_where_the_paired_contrast_is_just_significant() -> None:
    """Oracle: scipy.stats.ttest_1samp of numerator − end · denominator gives p = 0.05."""
    rng = np.random.default_rng(3)
    native = rng.normal(0.6, 0.3, size=48)
    adapted = 0.8 * native + rng.normal(0, 0.2, size=48)
    ratio = ratio_of_means(adapted, native)
    assert ratio.low is not None
    assert ratio.high is not None
    assert ratio.low < ratio.ratio < ratio.high
    for end in (ratio.low, ratio.high):
        assert stats.ttest_1samp(adapted - end * native, 0).pvalue == pytest.approx(0.05)


def test_a_ratio_to_nothing_has_no_bounded_interval() -> None:
    """The denominator's mean does not differ from 0."""
    centred = normal - normal.mean()
    assert ratio_of_means(normal, centred + 0.01).low is None
    assert "no bounded interval" in ratio_of_means(normal, centred + 0.01).summary()
    assert math.isnan(ratio_of_means(normal, np.zeros(96)).ratio)


@pytest.mark.parametrize("values", [[1.0], [], [1.0, math.nan], [1.0, math.inf]])
def test_estimates_refuse_what_has_no_mean_or_error(values: list[float]) -> None:
    """A missing number must not pass as an estimate."""
    with pytest.raises(PrefvecError):
        Inequality.above("x", values)
    with pytest.raises(PrefvecError):
        mean_of(values)


def test_one_cluster_is_refused() -> None:
    """An error cannot be clustered over one entity."""
    with pytest.raises(PrefvecError, match="clusters"):
        clustered_mean(normal, ["same"] * 96)


def test_numbers_are_told_on_their_scale() -> None:
    """Factors, percent and points, with a true minus sign."""
    assert told(math.log(1.62), "log") == "×1.62"
    assert told(0.384, "share") == "38 %"
    assert told(-0.041, "points") == "−4.1 points"
    assert told(-1e-9, "points") == "0.0 points"
    assert told(math.nan, "log") == "undefined"
    assert mean_of(np.log([1.5, 1.7, 1.6])).summary().startswith("×1.60 [1.37, ")


def test_bca_is_efrons_formula() -> None:
    """Oracle: the percentiles that z₀ and the acceleration name (Efron 1987), by hand.

    z₀ from the share of resampled means below the mean, the acceleration from the jackknife.
    """
    skewed = np.exp(np.random.default_rng(2).normal(size=30))
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    means = stats.bootstrap(
        (skewed,), np.mean, method="percentile", n_resamples=BOOTSTRAP_RESAMPLES, rng=rng
    ).bootstrap_distribution
    z0 = stats.norm.ppf(np.mean(means < skewed.mean()))
    jackknife = (skewed.sum() - skewed) / 29
    beside = jackknife.mean() - jackknife
    acceleration = (beside**3).sum() / (6 * (beside**2).sum() ** 1.5)
    ends = [
        np.quantile(means, stats.norm.cdf(z0 + (z0 + z) / (1 - acceleration * (z0 + z))))
        for z in stats.norm.ppf([0.025, 0.975])
    ]
    assert bca_interval(skewed) == pytest.approx(tuple(ends), rel=2e-3)


def test_clustered_error_is_statsmodels_of_a_regression() -> None:
    """Oracle: its generalised estimating equations, independent working correlation.

    Their sandwich has no small-sample factor; ours is G/(G − 1) · (n − 1)/(n − 1) times it.
    """
    groups = np.repeat(np.arange(12), 8)
    values = normal + np.random.default_rng(6).normal(size=12)[groups]
    fit = sm.GEE(values, np.ones((96, 1)), groups=groups).fit()
    clustered = clustered_mean(values, groups)
    assert clustered.standard_error == pytest.approx(math.sqrt(12 / 11) * fit.bse[0])
    assert clustered.standard_error > 1.5 * mean_of(values).standard_error


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**31 - 1))
def test_fieller_is_its_textbook_formula(seed: int) -> None:
    """Oracle: the formula of R's twopartm::FiellerRatio, with t for z.

    The bounds are (m ± √(m² − (b² − t²v_b)(a² − t²v_a))) / (b² − t²v_b), m = ab − t² cov(a, b).
    """
    rng = np.random.default_rng(seed)
    native = rng.normal(0.6, 0.3, size=24)
    part = 0.5 * native + rng.normal(0, 0.2, size=24)
    a, b = part.mean(), native.mean()
    v_a, v_b = part.var(ddof=1) / 24, native.var(ddof=1) / 24
    covariance = ((part - a) * (native - b)).sum() / 23 / 24
    t2 = stats.t.ppf(0.975, 23) ** 2
    m, below = a * b - t2 * covariance, b * b - t2 * v_b
    root = math.sqrt(m * m - below * (a * a - t2 * v_a))
    ratio = ratio_of_means(part, native)
    assert (ratio.low, ratio.high) == pytest.approx(((m - root) / below, (m + root) / below))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 96))
def test_wilson_ends_solve_the_score_equation(hits: int) -> None:
    """By definition: at both ends p, (hits/n − p)² is 1.96² of its variance under p."""
    share = Share.of(np.arange(96) < hits)
    z = stats.norm.ppf(0.975)
    for end in (share.low, share.high):
        assert (hits / 96 - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / 96, abs=1e-12)
