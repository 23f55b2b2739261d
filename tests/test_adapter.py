"""Linear adapters recover what is there, and nothing where nothing is."""

import pytest
import torch
from hypothesis import given, settings

from prefvec.adapter import identity, orthogonal_procrustes, ridge, shuffled
from prefvec.errors import PrefvecError
from prefvec.extraction import difference_in_means
from prefvec.regression import fit_ridge, grouped_folds
from tests.strategies import activations_of, maps, normal, planted_map, seeds, space


def vector_in(where, values):
    """A vector with a given difference in means."""
    positive = activations_of(values[None, :] + 1, where)
    negative = activations_of(torch.ones(1, len(values)), where)
    return difference_in_means(positive, negative, trait="verbosity", prompt_set="abc")


def orthogonal(seed: int, rows: int, columns: int) -> torch.Tensor:
    """The (semi-)orthogonal factor of a random matrix."""
    left, _, right = torch.linalg.svd(normal(seed, rows, columns), full_matrices=False)
    return left @ right


@given(seed=seeds)
def test_the_identity_adapter_is_the_identity(seed):
    """On points and on vectors, which keep their norm."""
    where, points = space(), normal(seed, 5, 6)
    adapter = identity(where, 6)
    assert torch.equal(adapter.map_points(points), points)
    vector = vector_in(where, points[0])
    same = adapter.transport(vector, residual_norm=vector.residual_norm)
    torch.testing.assert_close(same.direction, vector.direction)
    assert same.norm == pytest.approx(vector.norm)
    assert same.space == vector.space


@settings(max_examples=30, deadline=None)
@given(drawn=maps)
def test_ridge_recovers_a_planted_affine_map(drawn):
    """Weight and bias, with a held-out R² of 1."""
    source, target, weight, bias = planted_map(drawn)
    adapter = ridge(source, target)
    torch.testing.assert_close(adapter.weight, weight, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(adapter.bias, bias, rtol=1e-2, atol=1e-2)
    assert adapter.r2_held_out == pytest.approx(1, abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
@pytest.mark.parametrize(("d_source", "d_target"), [(6, 6), (5, 8), (8, 8)])
def test_procrustes_recovers_a_planted_rotation(d_source, d_target, seed):
    """With its scale and shift, also into a wider space."""
    rotation = orthogonal(seed, d_source, d_target)
    x = normal(seed + 1, 60, d_source)
    adapter = orthogonal_procrustes(
        activations_of(x, space()), activations_of(2.5 * x @ rotation + 3, space("target"))
    )
    torch.testing.assert_close(adapter.weight, 2.5 * rotation, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(adapter.bias, torch.full((d_target,), 3.0), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("d_source", "d_target"), [(6, 4), (4, 6), (5, 5)])
def test_procrustes_is_semi_orthogonal(d_source, d_target):
    """Rows or columns, whichever are fewer, are orthogonal and equally long."""
    x, y = normal(0, 50, d_source), normal(1, 50, d_target)
    weight = orthogonal_procrustes(
        activations_of(x, space()), activations_of(y, space("target"))
    ).weight
    gram = weight @ weight.T if d_source <= d_target else weight.T @ weight
    torch.testing.assert_close(gram, gram[0, 0] * torch.eye(len(gram)), rtol=1e-4, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_a_shuffled_map_explains_nothing_held_out(seed):
    """Its held-out R² is about 0 where the true one is high."""
    x = normal(seed, 400, 8)
    y = x @ normal(seed + 1, 8, 8) + 0.3 * normal(seed + 2, 400, 8)
    for method in (ridge, orthogonal_procrustes):
        adapter = method(activations_of(x, space()), activations_of(y, space("target")))
        assert adapter.r2_shuffled == pytest.approx(0, abs=0.1)
    assert ridge(activations_of(x, space()), activations_of(y, space("target"))).r2_held_out > 0.8
    pair = shuffled(activations_of(x, space()), activations_of(y, space("target")), seed=seed)
    assert ridge(*pair).r2_held_out == pytest.approx(0, abs=0.1)


@settings(max_examples=30, deadline=None)
@given(drawn=maps, seed=seeds)
def test_a_vector_is_carried_without_the_bias_at_its_relative_norm(drawn, seed):
    """The direction is the image of the direction, as for the difference of two points."""
    source, target, weight, _ = planted_map(drawn)
    vector = vector_in(source.space, normal(seed, source.d_model))
    moved = ridge(source, target).transport(vector, residual_norm=7.0)
    expected = vector.direction @ weight
    torch.testing.assert_close(moved.direction, expected / expected.norm(), rtol=1e-2, atol=1e-2)
    assert moved.relative_norm == pytest.approx(vector.relative_norm)
    assert moved.space == target.space
    assert moved.estimator == "difference_in_means, transported by ridge"


def test_points_are_mapped_with_the_bias():
    """The mean of the source goes to the mean of the target."""
    x, y = normal(0, 50, 4) + 5, normal(1, 50, 3) - 2
    adapter = ridge(activations_of(x, space()), activations_of(y, space("target")))
    torch.testing.assert_close(
        adapter.map_points(x).mean(dim=0), y.mean(dim=0), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("n", [8, 12, 40])
def test_dual_and_primal_ridge_solve_the_same_equations(n):
    """Oracle: the normal equations (XᵀX + λI)W = XᵀY of centred rows, solved directly."""
    x, y = normal(0, n, 12).double(), normal(1, n, 3).double()
    weight, bias, _ = fit_ridge(x, y, [str(i) for i in range(n)], penalty=0.1)
    a, b = x - x.mean(dim=0), y - y.mean(dim=0)
    penalty = 0.1 * torch.trace(a.T @ a) / 12
    expected = torch.linalg.solve(a.T @ a + penalty * torch.eye(12), a.T @ b)
    torch.testing.assert_close(weight, expected)
    torch.testing.assert_close(bias, y.mean(dim=0) - x.mean(dim=0) @ expected)


def test_the_penalty_grows_with_the_noise():
    """Cross-validation shrinks a map of noise and leaves an exact one alone."""
    x = normal(0, 100, 20)
    exact, noise = x @ normal(1, 20, 20), normal(2, 100, 20)
    small, large = (
        ridge(activations_of(x, space()), activations_of(y, space("target"))).penalty
        for y in (exact, noise)
    )
    assert small < 1e-3 < large


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


def test_a_vector_from_elsewhere_is_not_carried():
    """The adapter knows its source by model and site."""
    source, target = (activations_of(normal(i, 20, 4), space(n)) for i, n in enumerate("ab"))
    with pytest.raises(PrefvecError, match="maps from"):
        ridge(source, target).transport(
            vector_in(space("a", layer=1), torch.ones(4)), residual_norm=1.0
        )


def test_rows_that_do_not_pair_up_or_are_too_few_are_refused():
    """Nothing is fitted to other prompts, or to a handful."""
    a, b = (activations_of(normal(i, 20, 4), space(n)) for i, n in enumerate("ab"))
    with pytest.raises(PrefvecError, match="do not pair up"):
        ridge(a, b.select(range(19)))
    with pytest.raises(PrefvecError, match="too few"):
        ridge(a.select(range(5)), b.select(range(5)))
    still = activations_of(torch.ones(20, 4), space("a"))
    with pytest.raises(PrefvecError, match="are the same"):
        ridge(still, b)
