"""The scatter of rows is the same in the smaller of two spaces as in the larger."""

import pytest
import torch
from hypothesis import given

from prefvec.adapters.linear_algebra import HELD, Scatter
from tests.strategies import normal, orthogonal, seeds


@given(seed=seeds)
@pytest.mark.parametrize("n", [5, 9, 30])
def test_axes_are_the_right_singular_vectors(n, seed):
    """Oracle: torch.linalg.svd; up to sign, hence as projections, largest first."""
    rows = normal(seed, n, 9).double()
    expected = torch.linalg.svd(rows, full_matrices=False).Vh
    axes = Scatter.of(rows).axes
    cosines = (axes * expected).sum(dim=1).abs()
    torch.testing.assert_close(cosines, torch.ones_like(cosines), rtol=0, atol=1e-5)


@given(seed=seeds)
@pytest.mark.parametrize("k", [1, 3, 6])
def test_the_effective_rank_of_equal_directions_is_their_number(k, seed):
    """Oracle: Roy and Vetterli 2007: k equal singular values have effective rank k."""
    rows = orthogonal(seed, 10, k).double() @ orthogonal(seed + 1, k, 8).double()
    assert Scatter.of(rows).effective_rank() == pytest.approx(k)


def test_the_effective_rank_of_unequal_directions():
    """Oracle: singular values 3 and 1 by hand: exp(−¾ ln ¾ − ¼ ln ¼) = 4 / 3^¾ = 1.75477."""
    rows = torch.diag(torch.tensor([3.0, 1, 0]).double())
    assert Scatter.of(rows).effective_rank() == pytest.approx(4 / 3**0.75)


def test_principal_directions_are_the_fewest_that_hold_the_share():
    """Variances 90, 9, 0.9 and 0.1: two hold 99 % of 100, and one less does not."""
    assert HELD == 0.99
    rows = torch.diag(torch.tensor([90, 9.05, 0.85, 0.1]).double().sqrt())
    axes = Scatter.of(rows).principal()
    torch.testing.assert_close(axes.abs(), torch.eye(4).double()[:2])
