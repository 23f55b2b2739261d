"""Orthogonal Procrustes finds rotations, also between unequal widths and from few rows."""

import pytest
import torch
from hypothesis import given, settings

from prefvec.adapters import orthogonal_procrustes
from prefvec.adapters.procrustes import fit_procrustes
from prefvec.errors import PrefvecError
from tests.strategies import normal, orthogonal, paired, seeds


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
@pytest.mark.parametrize(("d_source", "d_target"), [(6, 6), (5, 8), (8, 8)])
def test_procrustes_recovers_a_planted_rotation(d_source, d_target, seed):
    """With its scale and shift, also into a wider space."""
    rotation = orthogonal(seed, d_source, d_target)
    x = normal(seed + 1, 60, d_source)
    adapter = orthogonal_procrustes(*paired(x, 2.5 * x @ rotation + 3))
    torch.testing.assert_close(adapter.weight, 2.5 * rotation, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(adapter.bias, torch.full((d_target,), 3.0), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("d_source", "d_target"), [(6, 4), (4, 6), (5, 5)])
def test_procrustes_is_semi_orthogonal(d_source, d_target):
    """Rows or columns, whichever are fewer, are orthogonal and equally long."""
    weight = orthogonal_procrustes(*paired(normal(0, 50, d_source), normal(1, 50, d_target))).weight
    gram = weight @ weight.T if d_source <= d_target else weight.T @ weight
    torch.testing.assert_close(gram, gram[0, 0] * torch.eye(len(gram)), rtol=1e-4, atol=1e-5)


def test_procrustes_is_that_of_scipy():
    """Oracle: scipy.linalg.orthogonal_procrustes on centred rows; its scale over |X|²."""
    linalg = pytest.importorskip("scipy.linalg")
    x, y = normal(0, 40, 5).double(), normal(1, 40, 5).double()
    a, b = x - x.mean(dim=0), y - y.mean(dim=0)
    rotation, total = linalg.orthogonal_procrustes(a.numpy(), b.numpy())
    expected = torch.from_numpy(rotation) * total / float(a.square().sum())
    torch.testing.assert_close(fit_procrustes(x, y).weight, expected)


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
@pytest.mark.parametrize(("d_source", "d_target"), [(30, 30), (30, 6), (6, 30), (30, 20)])
def test_few_rows_give_the_rotation_of_what_they_determine(d_source, d_target, seed):
    """Oracle: the polar factor of XᵀY by the decomposition of the whole product."""
    x, y = normal(seed, 12, d_source).double(), normal(seed + 1, 12, d_target).double()
    a, b = x - x.mean(dim=0), y - y.mean(dim=0)
    left, values, right = torch.linalg.svd(a.T @ b, full_matrices=False)
    kept = values > 1e-9 * values[0]
    polar = left[:, kept] @ right[kept]
    expected = values[kept].sum() / (a @ polar).square().sum() * polar
    torch.testing.assert_close(fit_procrustes(x, y).weight, expected)
    unseen = orthogonal(seed + 2, d_source, d_source).double()[0]
    unseen = unseen - torch.linalg.pinv(a) @ (a @ unseen)
    if d_source > 12:
        assert float((unseen @ expected).norm()) < 1e-9 * float(expected.norm())


@pytest.mark.parametrize("side", [0, 1])
def test_rows_that_are_all_the_same_determine_no_rotation(side):
    """On either side it is an error, in a sentence."""
    rows = [normal(0, 20, 4), normal(1, 20, 4)]
    rows[side] = torch.ones(20, 4)
    with pytest.raises(PrefvecError, match="are the same"):
        orthogonal_procrustes(*paired(*rows))
