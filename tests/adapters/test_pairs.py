"""Rows pair up, are divided by prompt, and are mixed so that nothing is left to learn."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.adapters import autoencoder, orthogonal_procrustes, reduced_rank, ridge, shuffled
from prefvec.adapters.paired_rows import FEW, grouped_folds
from prefvec.errors import PrefvecError
from tests.strategies import activations_of, normal, paired, seeds, space


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_a_shuffled_map_explains_nothing_held_out(seed):
    """Its held-out R² is about 0 where the true one is high."""
    x = normal(seed, 400, 8)
    pair = paired(x, x @ normal(seed + 1, 8, 8) + 0.3 * normal(seed + 2, 400, 8))
    for method in (ridge, orthogonal_procrustes):
        assert method(*pair).r2_shuffled == pytest.approx(0, abs=0.1)
    assert ridge(*pair).r2_held_out > 0.8
    assert ridge(*shuffled(*pair, seed=seed)).r2_held_out == pytest.approx(0, abs=0.1)


@given(seed=seeds, n=st.integers(2, FEW))
def test_none_of_a_few_rows_keeps_its_partner(seed, n):
    """A permutation of two rows that is the identity would be no control."""
    rows = torch.arange(n)[:, None].float()
    source, target = shuffled(*paired(rows, rows), seed=seed)
    assert not bool((source.values == target.values).any())
    assert torch.equal(target.values.sort(dim=0).values, rows)
    assert source.ids == target.ids


def test_one_row_has_no_other_partner():
    """It is refused."""
    with pytest.raises(PrefvecError, match="at least two"):
        shuffled(*paired(torch.ones(1, 3), torch.ones(1, 3)), seed=0)


def test_a_prompt_is_never_on_both_sides():
    """Rows that copy each other within a prompt do not inflate the held-out R²."""
    x, y = (
        normal(0, 30, 16).repeat_interleave(10, dim=0),
        normal(1, 30, 16).repeat_interleave(10, dim=0),
    )
    adapter = ridge(
        activations_of(x, space(), per_prompt=10), activations_of(y, space("target"), per_prompt=10)
    )
    assert adapter.r2_held_out < 0.1
    for train, test in grouped_folds(["a", "b", "a", "c", "b", "d"], 2, seed=0):
        groups = ["a", "b", "a", "c", "b", "d"]
        assert not {groups[i] for i in train} & {groups[i] for i in test}


def test_rows_that_do_not_pair_up_or_are_too_few_are_refused():
    """Nothing is fitted to other prompts, or to a handful."""
    a, b = (activations_of(normal(i, 20, 4), space(n)) for i, n in enumerate("ab"))
    with pytest.raises(PrefvecError, match="do not pair up"):
        ridge(a, b.select(range(19)))
    with pytest.raises(PrefvecError, match="too few"):
        ridge(a.select(range(7)), b.select(range(7)))


@pytest.mark.parametrize("fit", [ridge, reduced_rank, orthogonal_procrustes])
def test_eight_prompts_are_enough(fit):
    """The fewest that a learning curve asks for, with each method that chooses by folds."""
    a, b = (activations_of(normal(i, 8, 4), space(n)) for i, n in enumerate("ab"))
    assert math.isfinite(fit(a, b).r2_held_out)


@pytest.mark.parametrize("width", [4, 50])
def test_rows_that_do_not_vary_are_refused(width):
    """On either side, with fewer rows than width and with more: no map of rounding errors."""
    varied, still = normal(0, 20, width), torch.full((20, width), 0.1)
    for pair in (paired(varied, still), paired(still, varied)):
        for method in (ridge, orthogonal_procrustes, reduced_rank, autoencoder):
            with pytest.raises(PrefvecError, match="are the same"):
                method(*pair)
