"""Effects without the judge's errors, and holes in the marks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.judging.correction import Rate, corrected_odd, true_share
from prefvec.judging.failures import Failures

RATES = st.floats(0.6, 1.0)


@given(st.floats(0, 1), RATES, RATES)
def test_rogan_and_gladen_undo_the_judge(true, sensitivity, specificity):
    """A share, seen by a judge with these errors, comes back."""
    judged = true * sensitivity + (1 - true) * (1 - specificity)
    assert true_share(judged, sensitivity, specificity) == pytest.approx(true, abs=1e-9)


def test_a_useless_judge_cannot_be_corrected():
    """Sensitivity and specificity that sum to 1 say nothing of an answer."""
    with pytest.raises(PrefvecError, match="tells nothing"):
        true_share(0.5, 0.5, 0.5)
    shares = {1.0: np.ones(4), -1.0: np.zeros(4)}
    assert corrected_odd(shares, Rate(right=5, of=10), Rate(right=5, of=10)) is None


def test_the_corrected_interval_covers():
    """Of 300 experiments with a true odd part of 0.2, about 95 % have it in their interval."""
    sensitivity, specificity, n, held = 0.9, 0.8, 96, []
    for seed in range(300):
        rng = np.random.default_rng(seed)

        def judged(true, rng=rng):
            positive = rng.random(n) < true
            right = rng.random(n) < np.where(positive, sensitivity, specificity)
            return (positive == right).astype(float)

        shares = {1.0: judged(0.7), -1.0: judged(0.3)}
        rates = [
            Rate(right=int(rng.binomial(n, share)), of=n) for share in (sensitivity, specificity)
        ]
        found = corrected_odd(shares, *rates)
        low, high = found.corrected.confidence_interval()
        held.append(low <= 0.2 <= high)
        assert abs(found.corrected.estimate) > abs(found.plain.estimate)
    assert 0.91 <= np.mean(held) <= 0.99


@pytest.mark.parametrize(
    ("arms", "passed"),
    [
        ({"unsteered": (0, 96), "steered": (0, 96)}, True),
        ({"unsteered": (4, 96), "steered": (3, 96)}, True),
        ({"unsteered": (6, 96), "steered": (5, 96)}, False),
        ({"unsteered": (0, 400), "steered": (18, 400)}, False),
        ({"unsteered": (0, 0)}, True),
    ],
)
def test_failures_must_be_few_and_equal(arms, passed):
    """Above 5 % in any arm, or unequal between arms, and the measurement says nothing."""
    found = Failures(by_arm=arms)
    assert found.passed is passed
    assert bool(found.reason) is not passed
