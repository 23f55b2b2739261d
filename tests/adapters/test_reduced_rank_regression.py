"""Reduced-rank regression is least squares through a bottleneck."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from prefvec.adapters import reduced_rank
from prefvec.adapters.reduced_rank_regression import fit_reduced_rank
from prefvec.adapters.ridge_regression import fit_ridge
from prefvec.errors import PrefvecError
from tests.strategies import normal, orthogonal, paired, seeds, space, vector_in

shapes = pytest.mark.parametrize(
    ("n", "d_source", "d_target"), [(40, 6, 4), (40, 4, 7), (9, 12, 5)]
)


def groups(n):
    """One group a row."""
    return [str(i) for i in range(n)]


@shapes
def test_full_rank_is_least_squares(n, d_source, d_target):
    """Oracle: numpy.linalg.lstsq on centred rows, of minimum norm where rows are few."""
    x, y = normal(0, n, d_source).double(), normal(1, n, d_target).double()
    found = fit_reduced_rank(x, y, groups(n), rank=min(d_source, d_target))
    a, b = x - x.mean(dim=0), y - y.mean(dim=0)
    expected = torch.from_numpy(np.linalg.lstsq(a.numpy(), b.numpy(), rcond=1e-10)[0])
    torch.testing.assert_close(found.weight, expected)


@shapes
def test_full_rank_with_a_penalty_is_ridge(n, d_source, d_target):
    """The penalised solution is that of `fit_ridge`, primal and dual."""
    x, y = normal(0, n, d_source).double(), normal(1, n, d_target).double()
    rank = min(d_source, d_target)
    found = fit_reduced_rank(x, y, groups(n), rank=rank, penalty=0.3)
    expected = fit_ridge(x, y, groups(n), penalty=0.3)
    torch.testing.assert_close(found.weight, expected.weight)


@shapes
@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_a_rank_keeps_the_leading_directions_of_what_is_predicted(n, d_source, d_target, penalty):
    """Oracle: Mukherjee and Zhu 2011: singular vectors of the fit to rows with √λI below them."""
    x, y = normal(2, n, d_source).double(), normal(3, n, d_target).double()
    a, b = x - x.mean(dim=0), y - y.mean(dim=0)
    root = (penalty * a.square().sum() / d_source).sqrt()
    rows = torch.cat([a, root * torch.eye(d_source).double()])
    targets = torch.cat([b, torch.zeros(d_source, d_target).double()])
    full = torch.linalg.pinv(rows, rtol=1e-10) @ targets
    leading = torch.linalg.svd(rows @ full).Vh[:2]
    found = fit_reduced_rank(x, y, groups(n), rank=2, penalty=penalty)
    torch.testing.assert_close(found.weight, full @ leading.T @ leading)


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_of_white_rows_it_is_the_truncated_singular_decomposition(rank, seed):
    """Oracle: Eckart and Young 1936, on rows with XᵀX = I, where XᵀY is the full solution."""
    a = normal(seed, 30, 5).double()
    x = torch.linalg.qr(a - a.mean(dim=0)).Q
    y = normal(seed + 1, 30, 4).double()
    y = y - y.mean(dim=0)
    left, values, right = torch.linalg.svd(x.T @ y, full_matrices=False)
    expected = left[:, :rank] * values[:rank] @ right[:rank]
    found = fit_reduced_rank(x, y, groups(30), rank=rank)
    torch.testing.assert_close(found.weight, expected)


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_no_other_map_of_its_rank_predicts_its_rows_better(seed):
    """Against a truncated least-squares weight and against maps nearby of the same rank."""
    x = normal(seed, 50, 6).double() * torch.linspace(0.2, 3, 6)
    y = x @ normal(seed + 1, 6, 5).double() + normal(seed + 2, 50, 5).double()
    a, b = x - x.mean(dim=0), y - y.mean(dim=0)
    weight = fit_reduced_rank(x, y, groups(50), rank=2).weight
    error = (b - a @ weight).square().sum()
    left, values, right = torch.linalg.svd(torch.linalg.lstsq(a, b).solution)
    rivals = [left[:, :2] * values[:2] @ right[:2]]
    inward, outward = left[:, :2] * values[:2], right[:2]
    near = normal(seed + 3, 6, 2).double(), normal(seed + 4, 2, 5).double()
    rivals += [(inward + step * near[0]) @ (outward + step * near[1]) for step in (0.01, 0.1)]
    for rival in rivals:
        assert float(error) <= float((b - a @ rival).square().sum()) * (1 + 1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_cross_validation_finds_a_planted_rank(seed):
    """Three strong directions under noise; each further one would fit noise."""
    x = normal(seed, 200, 10)
    planted = orthogonal(seed + 1, 10, 3) @ orthogonal(seed + 2, 3, 8)
    adapter = reduced_rank(*paired(x, x @ planted + 0.3 * normal(seed + 3, 200, 8)))
    assert 3 <= adapter.rank <= 5
    assert reduced_rank(*paired(x, x @ planted), rank=2).rank == 2


def test_the_map_carries_what_its_bottleneck_lets_through():
    """Rank one: every direction has the same image, and most of them hardly any span."""
    x = normal(0, 80, 6)
    adapter = reduced_rank(*paired(x, x @ normal(1, 6, 6)), rank=1)
    images = torch.stack([adapter.map_direction(step) for step in torch.eye(6)])
    assert float(torch.linalg.svdvals(images)[1]) < 1e-5 * float(images.norm())
    spans = [adapter.span(vector_in(space("source"), step)) for step in torch.eye(6)]
    assert sum(spans) == pytest.approx(1, abs=1e-5)


def test_the_rank_is_at_most_what_rows_support():
    """Eleven centred rows make a map of rank ten, and it says so."""
    adapter = reduced_rank(*paired(normal(0, 11, 30), normal(1, 11, 30)), rank=30)
    assert adapter.rank == 10


@pytest.mark.parametrize("rank", [0, 5])
def test_an_impossible_rank_is_refused(rank):
    """More than the narrower width, or none."""
    with pytest.raises(PrefvecError, match="cannot have rank"):
        reduced_rank(*paired(normal(0, 30, 6), normal(1, 30, 4)), rank=rank)
