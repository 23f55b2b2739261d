"""The rank of an effect among directions that mean nothing."""

import math
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.verdicts.rank import (
    at_least_as_large,
    either_sign,
    limit,
    p_chance,
    p_same_sign,
    quantile,
    spread,
)

finite = st.floats(-3, 3, allow_nan=False)


def test_the_p_value_is_by_hand() -> None:
    """Of 19 directions 0.01 … 0.19: 0.185 is reached by one of 38, so (1 + 1) / 40."""
    controls = [k / 100 for k in range(1, 20)]
    assert p_chance(0.185, controls) == 2 / 40
    assert p_chance(0.175, controls) == 3 / 40
    assert p_chance(0.5, controls) == 1 / 40
    assert p_chance(0.0, controls) == (1 + 19 + 1) / 40
    assert p_chance(-0.5, controls) == 1.0


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_p_value_is_valid_under_exchange_and_either_sign(k: int) -> None:
    """Oracle: every order and every sign of k + 1 effects, all equally likely, one of them e."""
    sizes = [0.1 + 0.37 * index for index in range(k + 1)]
    found = [
        p_chance(sign * order[0], order[1:])
        for order in permutations(sizes)
        for sign in (1, -1)
        for _ in product((1, -1), repeat=k)  # the signs of the controls make no difference
    ]
    for level in {*found, 0.05, 0.1, 0.5}:
        assert np.mean(np.array(found) <= level) <= level + 1e-12
    exact = [(index + 1) / (2 * k + 2) for index in range(2 * k + 2)]
    assert sorted({*found}) == pytest.approx(exact)


@given(st.lists(finite, min_size=1, max_size=6), finite, st.data())
def test_signs_and_order_of_the_controls_do_not_matter(
    controls: list[float], effect: float, data: st.DataObject
) -> None:
    """Each direction counts with its reverse."""
    other = [
        data.draw(st.sampled_from([1, -1])) * each for each in data.draw(st.permutations(controls))
    ]
    assert p_chance(effect, other) == p_chance(effect, controls)
    assert quantile(other) == quantile(controls)


@given(st.lists(finite, min_size=19, max_size=19), st.floats(0.001, 3))
def test_an_effect_beyond_the_limit_has_a_p_of_at_most_5_percent(
    controls: list[float], effect: float
) -> None:
    """And no other that is above 0; what chance reaches lies no higher."""
    assert (p_chance(effect, controls) <= 0.05) == (effect > limit(controls, 0.05))
    assert quantile(controls) <= limit(controls, 0.05) + 1e-12


def test_the_quantile_is_by_hand() -> None:
    """Of ±0.01 … ±0.19: 0.95 · 37 = 35.15, so between the 36th, 0.17, and the 37th, 0.18."""
    controls = [k / 100 for k in range(1, 20)]
    assert quantile(controls) == pytest.approx(0.17 + 0.15 * 0.01)
    assert limit(controls, 0.05) == 0.18
    assert limit(controls, 0.025) == 0.19
    assert limit(controls, 0.01) == math.inf


def test_a_tie_counts_against_the_arm() -> None:
    """What is reached exactly is reached."""
    assert at_least_as_large(0.2, [0.1, -0.2]) == 1
    assert p_chance(0.2, [0.1, -0.2]) == 2 / 6
    assert list(either_sign([0.1, -0.2])) == [-0.2, -0.1, 0.1, 0.2]
    assert spread([0.3, -0.4]) == pytest.approx(math.sqrt(0.125))


@pytest.mark.parametrize("controls", [[], [math.nan], [0.1, math.inf]])
def test_nothing_to_rank_among_is_refused(controls: list[float]) -> None:
    """It says what to give."""
    with pytest.raises(PrefvecError, match="at least one control"):
        p_chance(0.1, controls)


def test_a_family_with_something_in_common_is_ranked_as_it_is() -> None:
    """Of 20 effects around one mean each is the arm's once: the signed rank passes two of them."""
    effects = [0.2 + k / 1000 for k in range(20)]
    rest = [[*effects[:k], *effects[k + 1 :]] for k in range(20)]
    signed = [p_chance(e, others) <= 0.05 for e, others in zip(effects, rest, strict=True)]
    as_they_are = [p_same_sign(e, others) <= 0.05 for e, others in zip(effects, rest, strict=True)]
    assert (sum(signed), sum(as_they_are)) == (2, 1)
