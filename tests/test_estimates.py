"""Estimates and tested inequalities, against scipy, statsmodels and printed numbers."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from prefvec.errors import PrefvecError
from prefvec.estimates import (
    BOOTSTRAP_RESAMPLES,
    BOOTSTRAP_SEED,
    Share,
    bca_interval,
    clustered_mean,
    mean_of,
    ratio_of_means,
    told,
)
from prefvec.inequalities import Inequality, equivalence, sign_patterns, signflip_pvalue

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


def test_the_interval_is_scipys() -> None:
    """Oracle: scipy's confidence interval of the one-sample t test."""
    oracle = stats.ttest_1samp(MAIZE, 0).confidence_interval(0.95)
    assert mean_of(MAIZE).confidence_interval() == pytest.approx((oracle.low, oracle.high))


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
    """By definition: at both ends p, |hits/n − p| is 1.96 of its errors under p (Wilson 1927)."""
    share = Share.of(np.arange(96) < hits)
    z = stats.norm.ppf(0.975)
    for end in (share.low, share.high):
        distance = abs(hits / 96 - end)
        assert distance == pytest.approx(z * math.sqrt(end * (1 - end) / 96), abs=1e-9)


def test_t_and_signflip_disagree_where_one_is_significant() -> None:
    """By hand: one far prompt of twelve gives t a large error and the sign flips p = 2⁻¹²."""
    apart = Inequality.above("x", [0.02] * 11 + [3.0])
    assert apart.pvalue_signflip == 2.0**-12
    assert apart.signflip_disagrees(0.05)
    assert not apart.signflip_disagrees(1e-5)
    assert not Inequality.above("x", MAIZE).signflip_disagrees(0.05)
    assert not Inequality.above("x", np.full(8, 0.3)).signflip_disagrees(0.05)


def test_contrasts_against_native_are_told_as_shares_of_it() -> None:
    """By hand: odd parts of mean 0.3 against half of native ones of mean 0.5 are 60 % of them."""
    contrast = Inequality(
        name="x", values=np.array([0.04, 0.05, 0.06]), alternative="greater", share=0.5, whole=0.5
    )
    assert contrast.as_share(0.05) == pytest.approx(0.6)
    assert contrast.needed == "above 50 % of native, a contrast above ×1.00"
    assert contrast.measured.startswith("60 % of native, the contrast ×1.05 [")
    lost = Inequality(name="x", values=MAIZE, share=0.5, whole=-0.1)
    assert lost.as_share(0.05) is None
    assert Inequality.above("x", MAIZE).as_share(0.05) is None
