"""Sign flips of many contrasts at once are those of each alone, and scipy's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from prefvec.statistics.inequalities import Inequality, flipped_together
from prefvec.statistics.signflips import AT_ONCE, signflip_pvalue
from prefvec.statistics.signflips import signflip_pvalues as together

rows = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(2, 8)),
    elements=st.integers(-40, 40).map(lambda number: number / 8),
)
"""Contrasts of a few prompts, with many ties, exact in binary."""


@settings(max_examples=30, deadline=None)
@given(rows)
def test_many_at_once_are_scipys_permutation_tests(contrasts: np.ndarray) -> None:
    """Oracle: scipy.stats.permutation_test of paired samples, all patterns visited."""
    oracle = [
        stats.permutation_test(
            (row,), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
        ).pvalue
        for row in contrasts
    ]
    assert together(contrasts) == pytest.approx(oracle)


@pytest.mark.parametrize("n", [15, 24, 96])
def test_many_at_once_are_each_alone(n: int) -> None:
    """To the last digit, over more contrasts than one product holds."""
    contrasts = np.random.default_rng(n).normal(0.2, 1, size=(AT_ONCE + 3, n))
    assert together(contrasts).tolist() == [signflip_pvalue(row) for row in contrasts]


def test_random_flips_at_once_agree_with_scipys() -> None:
    """With many prompts both draw patterns; the p-values agree within their noise."""
    contrasts = np.random.default_rng(5).normal(0.15, 1, size=(3, 48))
    for row, pvalue in zip(contrasts, together(contrasts), strict=True):
        oracle = stats.permutation_test(
            (row,),
            np.mean,
            permutation_type="samples",
            alternative="greater",
            n_resamples=9_999,
            rng=np.random.default_rng(1),
        ).pvalue
        error = np.sqrt(2 * oracle * (1 - oracle) / 10_000)
        assert pvalue == pytest.approx(oracle, abs=4 * error)


def test_flipped_together_or_alone_is_the_same() -> None:
    """Of any size, side and threshold, and where all prompts agree; the given ones stay as is."""

    def inequalities() -> list[Inequality]:
        rng = np.random.default_rng(3)
        drawn = [rng.normal(0.1, 1, size=n) for n in (8, 24, 24, 8, 48)]
        return [
            *(Inequality.above("x", values, 0.05) for values in drawn),
            *(Inequality.below("x", values, 0.05) for values in drawn),
            Inequality.above("nothing", np.zeros(24)),
            Inequality.above("constant", np.full(24, 0.3)),
        ]

    given = inequalities()
    flipped = flipped_together(given)
    assert not any("pvalue_signflip" in vars(i) for i in given)
    assert [i.pvalue for i in flipped] == [i.pvalue for i in inequalities()]


def test_a_known_p_value_belongs_to_its_values_alone() -> None:
    """It is not worked out again; with other values it is forgotten."""
    values = np.array([0.4, 0.1, 0.3])
    known = Inequality(name="x", values=values).knowing(0.75)
    assert known.pvalue_signflip == 0.75
    assert replace(known, values=-values).pvalue_signflip == 1.0


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.5, 1.0])
def test_an_inequality_holds_when_its_larger_p_is_small_enough(alpha: float) -> None:
    """Also where t alone settled it, and after Bonferroni, whose p is at most 1."""
    contrasts = np.random.default_rng(2).normal(0.2, 1, size=(60, 24))
    for values in (*contrasts, np.zeros(24), np.full(24, 0.3)):
        for times in (1, 30):
            asked, told = (
                Inequality(name="x", values=values, multiplicity=times) for _ in range(2)
            )
            assert asked.holds(alpha) == (told.pvalue <= alpha)
