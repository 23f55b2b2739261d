"""Adapters carry vectors by their relative norm, know their place and say what they rest on."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings

from prefvec.adapters import LinearAdapter, identity, reduced_rank, ridge
from prefvec.errors import PrefvecError
from prefvec.vectors.every_block import PreferenceVectors
from tests.strategies import (
    activations_of,
    maps,
    normal,
    orthogonal,
    paired,
    planted_map,
    seeds,
    space,
    vector_in,
)


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
    assert adapter.span(vector) == pytest.approx(1)


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
    adapter = ridge(*paired(x, y))
    torch.testing.assert_close(
        adapter.map_points(x).mean(dim=0), y.mean(dim=0), rtol=1e-4, atol=1e-4
    )


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_the_span_is_the_squared_cosine_with_where_the_rows_vary(seed):
    """Oracle: rows in a known plane, and the projection of the vector on it."""
    plane = orthogonal(seed, 2, 6)
    adapter = ridge(*paired(normal(seed + 1, 40, 2) @ plane, normal(seed + 2, 40, 3)))
    vector = vector_in(space("source"), normal(seed + 3, 6))
    expected = (plane @ vector.direction).square().sum()
    assert adapter.span(vector) == pytest.approx(float(expected), abs=1e-5)
    assert adapter.span(vector_in(space("source"), plane[0])) == pytest.approx(1, abs=1e-5)


def test_a_full_span_does_not_mean_that_a_vector_is_carried():
    """Rows that vary along a direction to which the target is indifferent: it goes to nothing.

    Why the span, like R², is shown and never judged.
    """
    x = normal(0, 100, 5)
    blind = x @ torch.diag(torch.tensor([1.0, 1, 1, 1, 0]))
    adapter = reduced_rank(*paired(x, blind), rank=4)
    full = ridge(*paired(x, blind))
    vector = vector_in(space("source"), torch.eye(5)[4])
    assert full.span(vector) == pytest.approx(1, abs=1e-5)
    assert full.r2_held_out > 0.99
    assert float(full.map_direction(vector.direction).norm()) < 1e-3
    assert adapter.span(vector) < 1e-5


@pytest.mark.parametrize("use", ["transport", "span"])
def test_a_vector_from_elsewhere_is_not_carried(use):
    """The adapter knows its source by model and site."""
    source, target = (activations_of(normal(i, 20, 4), space(n)) for i, n in enumerate("ab"))
    elsewhere = vector_in(space("a", layer=1), torch.ones(4))
    options = {"residual_norm": 1.0} if use == "transport" else {}
    with pytest.raises(PrefvecError, match="maps from"):
        getattr(ridge(source, target), use)(elsewhere, **options)


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_what_rounding_leaves_of_a_vector_is_not_carried(seed):
    """A direction across a float32 map of rank two has an image of rounding errors: an error."""
    plane, across = orthogonal(seed, 3, 6).split([2, 1])
    weight = plane.T @ normal(seed + 1, 2, 6)
    same = identity(space("source"), 6)
    adapter = LinearAdapter(**{**vars(same), "weight": weight, "method": "planted"})
    with pytest.raises(PrefvecError, match="nothing of it"):
        adapter.transport(vector_in(space("source"), across[0]), residual_norm=1.0)
    inside = vector_in(space("source"), plane[0] + plane[1])
    assert adapter.transport(inside, residual_norm=1.0).norm > 0


def test_the_summary_says_what_the_map_rests_on():
    """Method, widths, rows, effective rank and both R²."""
    x = normal(0, 50, 4)
    said = reduced_rank(*paired(x, x @ normal(1, 4, 3)), rank=3).summary()
    assert said.startswith("reduced_rank of rank 3 from width 4 to 3 on 50 rows of effective rank ")
    assert "held-out R² 1.00, " in said


def test_an_adapter_carries_at_the_norm_it_was_told_of():
    """Its own residual norm is the unit where none is given; without either it is a sentence."""
    source, target, _, _ = planted_map((0, 6, 4))
    vector, adapter = vector_in(space("source"), normal(1, 6)), ridge(source, target)
    with pytest.raises(PrefvecError, match="Give `residual_norm`"):
        adapter.transport(vector)
    told = replace(adapter, residual_norm=7.0).transport(vector)
    given = adapter.transport(vector, residual_norm=7.0)
    assert told.norm == given.norm
    assert torch.equal(told.direction, given.direction)


def test_of_vectors_at_every_block_the_one_at_the_source_is_carried():
    """One that has none there is refused, with the blocks that have one."""
    source, target, _, _ = planted_map((0, 6, 4))
    vectors = [vector_in(space("source", layer), normal(layer, 6)) for layer in (0, 1)]
    every = PreferenceVectors(by_site={vector.site: vector for vector in vectors})
    adapter = ridge(source, target)
    one, all_ = (adapter.transport(v, residual_norm=1.0) for v in (vectors[0], every))
    assert torch.equal(one.direction, all_.direction)
    later = PreferenceVectors(by_site={vectors[1].site: vectors[1]})
    with pytest.raises(PrefvecError, match="no vector at block 0, resid_post"):
        adapter.transport(later, residual_norm=1.0)
