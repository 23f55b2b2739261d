"""Diagnostics along a vector see what those over all directions cannot."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from prefvec.adapters import concept_deltas, identity, orthogonal_procrustes, reduced_rank, ridge
from prefvec.diagnostics.adapter_diagnostics import (
    cosine,
    diagnose,
    directional_r2,
    exposure_along,
    projection_correlation,
    refitted,
    relative_gain,
    round_trip,
)
from prefvec.errors import PrefvecError
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
    widths,
)

FIT = partial(ridge, against_shuffled=False)
NAMES = {
    *("held_out_r2", "span", "directional_r2", "projection_correlation"),
    *("exposure_in_source", "exposure_in_target", "relative_gain", "round_trip"),
}


def diagnosed(source, target, direction, **options) -> dict[str, float]:
    """All diagnostics of a ridge map for a vector of the source."""
    vector = replace(vector_in(space("source"), direction), residual_norm=source.mean_norm)
    return diagnose(FIT(source, target), vector, source, target, fit=FIT, **options)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, width=widths)
def test_an_exact_rotation_passes_every_diagnostic(seed, width):
    """Everything is predicted, nothing is lost on the way back, lengths are kept."""
    x, turn = normal(seed, 80, width) + 1, orthogonal(seed + 1, width, width)
    direction = normal(seed + 2, width)
    source, target = paired(x, x @ turn)
    native = vector_in(space("target"), direction @ turn)
    found = diagnosed(source, target, direction, native=native)
    assert found.keys() == NAMES | {"cosine_to_native"}
    ones = NAMES - {"exposure_in_source", "exposure_in_target", "span"}
    assert {name: found[name] for name in ones} == pytest.approx(dict.fromkeys(ones, 1), abs=1e-3)
    assert found["cosine_to_native"] == pytest.approx(1, abs=1e-3)
    assert found["exposure_in_source"] == pytest.approx(found["exposure_in_target"], rel=1e-2)


def test_high_r2_hides_a_direction_that_was_never_learned():
    """The trap of the protocol: R² 0.98 and all of the span, and nothing along the vector.

    In 7 of 8 dimensions the target repeats the source; in the last, small one, where the vector
    lies, the two vary independently.
    """
    x, y = normal(0, 2, 400, 8)
    y[:, :7] = x[:, :7]
    shrink = torch.tensor([1.0] * 7 + [0.3])
    source, target = paired(x * shrink, y * shrink)
    along = torch.nn.functional.one_hot(torch.tensor(7), 8).float()
    lost, kept = (diagnosed(source, target, d) for d in (along, along.roll(1)))
    assert min(lost["held_out_r2"], kept["held_out_r2"], lost["span"], kept["span"]) > 0.95
    assert lost["exposure_in_source"] == pytest.approx(0.1, abs=0.03)
    assert kept["exposure_in_source"] == pytest.approx(1.1, abs=0.3)
    assert kept["directional_r2"] > 0.99
    assert lost["directional_r2"] < 0.05
    assert lost["relative_gain"] < 0.2 < 0.9 < kept["relative_gain"]
    assert abs(lost["projection_correlation"]) < 0.2 < 0.99 < kept["projection_correlation"]


def test_directional_r2_is_about_none_of_pairs_that_have_nothing_in_common():
    """Held out, a map of noise predicts nothing; on its own rows it would seem to."""
    source, target = paired(normal(0, 60, 10), normal(1, 60, 10))
    adapter = ridge(source, target, penalty=1e-6)
    vector = vector_in(space("source"), normal(2, 10))
    carried = adapter.transport(vector, residual_norm=target.mean_norm)
    refits = refitted(source, target, partial(ridge, penalty=1e-6, against_shuffled=False))
    assert directional_r2(refits, target, carried) < 0.05
    own = replace(refits, predicted=adapter.map_points(source.values).double())
    assert directional_r2(own, target, carried) > 0.1


@settings(max_examples=15, deadline=None)
@given(drawn=maps)
def test_diagnostics_do_not_depend_on_the_coordinates(drawn):
    """Either space may be rotated, with its rows and vectors."""
    source, target, *_ = planted_map(drawn)
    target = replace(
        target, values=target.values + 0.3 * normal(drawn[0] + 3, *target.values.shape)
    )
    direction, native = normal(drawn[0] + 4, drawn[1]), normal(drawn[0] + 5, drawn[2])
    turns = [orthogonal(drawn[0] + 6 + i, width, width) for i, width in enumerate(drawn[1:])]
    turned = [
        replace(rows, values=rows.values @ turn)
        for rows, turn in zip((source, target), turns, strict=True)
    ]
    plain = diagnosed(source, target, direction, native=vector_in(space("target"), native))
    again = diagnosed(
        *turned, direction @ turns[0], native=vector_in(space("target"), native @ turns[1])
    )
    assert again == pytest.approx(plain, abs=2e-3, rel=1e-2)


@settings(max_examples=15, deadline=None)
@given(drawn=maps)
def test_turning_the_vector_round_changes_nothing(drawn):
    """Every diagnostic is of the line that the vector lies on; native turns with it."""
    source, target, *_ = planted_map(drawn)
    vector, adapter = (
        vector_in(space("source"), normal(drawn[0] + 4, drawn[1])),
        FIT(source, target),
    )
    native, refits = vector_in(space("target"), normal(1, drawn[2])), refitted(source, target, FIT)
    one, other = (
        diagnose(adapter, v, source, target, fit=FIT, native=n, refits=refits)
        for v, n in ((vector, native), (-vector, -native))
    )
    assert one == pytest.approx(other)


def test_exposure_and_correlation_are_what_numpy_says():
    """Oracle: numpy's variances and corrcoef of projections."""
    source, target = paired(normal(0, 50, 5) @ normal(1, 5, 5), normal(2, 50, 3))
    target = replace(target, values=target.values + source.values[:, :3])
    vector = vector_in(space("source"), normal(3, 5))
    carried = vector_in(space("target"), normal(4, 3))
    x, y = source.values.double().numpy(), target.values.double().numpy()
    along = x @ vector.direction.double().numpy(), y @ carried.direction.double().numpy()
    expected = np.var(along[0]) / np.var(x, axis=0).mean()
    assert exposure_along(source, vector) == pytest.approx(expected)
    found = projection_correlation(source, vector, target, carried)
    assert found == pytest.approx(np.corrcoef(*along)[0, 1])


@settings(deadline=None)
@given(seed=seeds, width=widths)
def test_exposures_along_all_axes_have_mean_one(seed, width):
    """Between 0 and the width."""
    rows = activations_of(normal(seed, 30, width) @ normal(seed + 1, width, width), space())
    axes = orthogonal(seed + 2, width, width)
    exposures = [exposure_along(rows, vector_in(space(), axis)) for axis in axes]
    assert sum(exposures) / width == pytest.approx(1, rel=1e-4)
    assert min(exposures) >= 0


def test_a_direction_that_does_not_vary_has_zeros_and_no_error():
    """Rows that lie in a plane, away from the origin, and a vector that stands on it."""
    x = normal(0, 60, 4)
    x[:, 3] = 7.0
    source, target = paired(x, x)
    vector = vector_in(space("source"), torch.tensor([0.0, 0, 0, 1]))
    carried = vector_in(space("target"), torch.tensor([0.0, 0, 0, 1]))
    assert exposure_along(source, vector) == 0
    assert projection_correlation(source, vector, target, carried) == 0
    assert directional_r2(refitted(source, target, FIT), target, carried) == 0
    with pytest.raises(PrefvecError, match="nothing of it"):
        diagnose(FIT(source, target), vector, source, target, fit=FIT)


def test_a_map_back_of_lower_rank_returns_nothing_of_what_it_does_not_read():
    """Instead of the direction of a rounding error."""
    x = normal(0, 60, 4) * torch.tensor([3.0, 1, 1, 1])
    source, target = paired(x, x)
    back = reduced_rank(target, source, rank=1)
    out = back.support.double()[0]
    carried = vector_in(space("target"), orthogonal_to(out))
    returned = vector_in(space("source"), torch.tensor([0.0, 1, 0, 0]))
    assert round_trip(carried, back, returned) == 0
    along = vector_in(space("target"), out.float())
    assert round_trip(along, back, vector_in(space("source"), x.T @ x @ out.float())) > 0.99


def orthogonal_to(axis: torch.Tensor) -> torch.Tensor:
    """Some direction at a right angle, as exactly as float32 holds."""
    other = torch.tensor([0.0, 1, 0, 0], dtype=torch.float64)
    return (other - (other @ axis) / (axis @ axis) * axis).float()


def test_gain_is_relative_to_the_residual_stream_on_both_sides():
    """The same vector doubled, or both streams rescaled, has the same gain."""
    source, target = paired(normal(0, 60, 4), 5 * normal(0, 60, 4))
    vector = replace(vector_in(space("source"), normal(1, 4)), residual_norm=source.mean_norm)
    adapter = orthogonal_procrustes(source, target)
    assert relative_gain(adapter, vector, target) == pytest.approx(1, rel=1e-4)
    assert relative_gain(adapter, 2 * vector, target) == pytest.approx(1, rel=1e-4)


def test_concept_deltas_are_diagnosed_as_well():
    """By leaving concepts out; without a held-out R² of its own none is given."""
    source, target = paired(normal(0, 4, 6), normal(0, 4, 6))
    fit = partial(concept_deltas, against_shuffled=False)
    vector = vector_in(space("source"), source.values[0])
    found = diagnose(fit(source, target), vector, source, target, fit=fit)
    assert found.keys() == NAMES
    assert found["round_trip"] == pytest.approx(1, abs=1e-5)
    adapter = replace(fit(source, target), r2_held_out=None)
    assert "held_out_r2" not in diagnose(adapter, vector, source, target, fit=fit)
    with pytest.raises(PrefvecError, match="more prompts"):
        refitted(source.select([0]), target.select([0]), fit)


def test_rows_and_vectors_of_other_spaces_are_refused():
    """Numbers would come out all the same, and mean nothing."""
    source, target = paired(normal(0, 60, 4), normal(1, 60, 4))
    adapter, here = FIT(source, target), vector_in(space("source"), normal(2, 4))
    there = vector_in(space("target"), normal(2, 4))
    with pytest.raises(PrefvecError, match="say nothing about"):
        diagnose(adapter, here, target, source, fit=FIT)
    with pytest.raises(PrefvecError, match="This adapter maps from"):
        diagnose(adapter, there, source, target, fit=FIT)
    with pytest.raises(PrefvecError, match="no angle"):
        cosine(here, there)
    with pytest.raises(PrefvecError, match="rows' space"):
        exposure_along(source, there)
    with pytest.raises(PrefvecError, match="The map back"):
        round_trip(here, identity(space("source"), 4), there)
    with pytest.raises(PrefvecError, match="do not pair up"):
        refitted(source, target.select(range(59, -1, -1)), FIT)
