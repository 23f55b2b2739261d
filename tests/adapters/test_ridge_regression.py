"""Ridge regression recovers what is there, and shrinks what is not."""

import pytest
import torch
from hypothesis import given, settings

from prefvec.adapters import ridge
from prefvec.adapters.ridge_regression import fit_ridge
from tests.strategies import maps, normal, paired, planted_map


@settings(max_examples=30, deadline=None)
@given(drawn=maps)
def test_ridge_recovers_a_planted_affine_map(drawn):
    """Weight and bias, with a held-out R² of 1."""
    source, target, weight, bias = planted_map(drawn)
    adapter = ridge(source, target)
    torch.testing.assert_close(adapter.weight, weight, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(adapter.bias, bias, rtol=1e-2, atol=1e-2)
    assert adapter.r2_held_out == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("n", [8, 12, 40])
def test_dual_and_primal_ridge_solve_the_same_equations(n):
    """Oracle: the normal equations (XᵀX + λI)W = XᵀY of centred rows, solved directly."""
    x, y = normal(0, n, 12).double(), normal(1, n, 3).double()
    found = fit_ridge(x, y, [str(i) for i in range(n)], penalty=0.1)
    a, b = x - x.mean(dim=0), y - y.mean(dim=0)
    penalty = 0.1 * torch.trace(a.T @ a) / 12
    expected = torch.linalg.solve(a.T @ a + penalty * torch.eye(12), a.T @ b)
    torch.testing.assert_close(found.weight, expected)
    torch.testing.assert_close(found.bias, y.mean(dim=0) - x.mean(dim=0) @ expected)


@pytest.mark.parametrize(("n", "d_source", "d_target"), [(10, 30, 4), (10, 4, 30), (12, 30, 40)])
def test_an_adapter_of_few_rows_solves_the_equations_of_the_whole_width(n, d_source, d_target):
    """Oracle: the normal equations as above; the penalty is relative to trace / n."""
    x, y = normal(0, n, d_source), normal(1, n, d_target) + 1
    adapter = ridge(*paired(x, y), penalty=0.2)
    a, b = (x - x.mean(dim=0)).double(), (y - y.mean(dim=0)).double()
    penalty = 0.2 * torch.trace(a.T @ a) / min(n, d_source)
    expected = torch.linalg.solve(a.T @ a + penalty * torch.eye(d_source), a.T @ b).float()
    torch.testing.assert_close(adapter.weight, expected, rtol=1e-4, atol=1e-6)
    bias = y.mean(dim=0) - x.mean(dim=0) @ expected
    torch.testing.assert_close(adapter.bias, bias, rtol=1e-4, atol=1e-5)


def test_the_penalty_grows_with_the_noise():
    """Cross-validation shrinks a map of noise and leaves an exact one alone."""
    x = normal(0, 100, 20)
    exact, noise = x @ normal(1, 20, 20), normal(2, 100, 20)
    small, large = (ridge(*paired(x, y)).penalty for y in (exact, noise))
    assert small < 1e-3 < large
