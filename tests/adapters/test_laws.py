"""Laws that every linear estimator keeps."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings

from prefvec.adapters import concept_deltas, orthogonal_procrustes, reduced_rank, ridge
from tests.strategies import (
    coefficients,
    maps,
    normal,
    orthogonal,
    paired,
    planted_map,
    seeds,
    vector_in,
)

ESTIMATORS = {
    "ridge": ridge,
    "ridge, dual": ridge,
    "procrustes": orthogonal_procrustes,
    "procrustes, dual": orthogonal_procrustes,
    "reduced rank": reduced_rank,
    "reduced rank, dual": lambda x, y: reduced_rank(x, y, penalty=0.1),
    "concept deltas": concept_deltas,
}
ROWS = {"dual": 12, "deltas": 4}

every_estimator = pytest.mark.parametrize("name", ESTIMATORS)


def noisy(name, seed, d_source=6, d_target=4):
    """Paired rows under a noisy linear map; fewer than the widths where the name asks for it."""
    n = next((n for word, n in ROWS.items() if name.endswith(word)), 60)
    width = 3 * d_source if name.endswith("dual") else d_source
    x = normal(seed, n, width) * torch.linspace(0.5, 2, width)
    wide = 4 * d_target if name.endswith("dual") else d_target
    return x, x @ normal(seed + 1, width, wide) / width**0.5 + 0.2 * normal(seed + 2, n, wide) + 1


@every_estimator
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_turning_the_source_changes_nothing(name, seed):
    """The map of turned rows is the map, turned back: no coordinate of the source is special."""
    x, y = noisy(name, seed)
    turn = orthogonal(seed + 3, x.shape[1], x.shape[1])
    plain, turned = (ESTIMATORS[name](*paired(rows, y)) for rows in (x, x @ turn))
    torch.testing.assert_close(turn @ turned.weight, plain.weight, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(turned.bias, plain.bias, rtol=1e-3, atol=1e-3)
    assert turned.r2_held_out == pytest.approx(plain.r2_held_out, abs=1e-4)
    assert turned.effective_rank == pytest.approx(plain.effective_rank, rel=1e-4)


@every_estimator
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_turning_the_target_turns_the_map(name, seed):
    """No coordinate of the target is special either."""
    x, y = noisy(name, seed)
    turn = orthogonal(seed + 3, y.shape[1], y.shape[1])
    plain, turned = (ESTIMATORS[name](*paired(x, rows)) for rows in (y, y @ turn))
    torch.testing.assert_close(turned.weight, plain.weight @ turn, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(turned.bias, plain.bias @ turn, rtol=1e-3, atol=1e-3)


@every_estimator
@settings(max_examples=15, deadline=None)
@given(seed=seeds, a=coefficients, b=coefficients)
def test_carrying_directions_is_linear(name, seed, a, b):
    """Before the norm rule: the image of a sum is the sum of the images."""
    x, y = noisy(name, seed)
    adapter = ESTIMATORS[name](*paired(x, y))
    u, v = normal(seed + 4, 2, x.shape[1]).double()
    whole = adapter.map_direction(a * u + b * v)
    torch.testing.assert_close(whole, a * adapter.map_direction(u) + b * adapter.map_direction(v))


@settings(max_examples=30, deadline=None)
@given(drawn=maps, seed=seeds)
@pytest.mark.parametrize("estimator", [ridge, reduced_rank])
def test_a_map_of_a_map_is_the_map(estimator, drawn, seed):
    """On planted maps: source to middle to target is what source to target is, bias and all."""
    source, middle, weight, _ = planted_map(drawn)
    further = normal(seed, middle.d_model, 5)
    x, y, z = source.values, middle.values, middle.values @ further - 2
    first, second, direct = (estimator(*paired(*pair)) for pair in ((x, y), (y, z), (x, z)))
    step = normal(seed + 1, source.d_model)
    through = second.map_direction(first.map_direction(step))
    scale = float((weight.abs() @ further.abs()).max())
    torch.testing.assert_close(
        through, direct.map_direction(step), rtol=1e-3, atol=1e-3 * scale * source.d_model
    )
    points = second.map_points(first.map_points(x))
    torch.testing.assert_close(
        points, direct.map_points(x), rtol=1e-3, atol=1e-3 * float(z.abs().max())
    )


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_on_an_orthogonal_truth_ridge_and_procrustes_agree(seed):
    """Also with reduced rank: what is a rotation, all of them find."""
    x = normal(seed, 80, 6)
    pair = paired(x, 2 * x @ orthogonal(seed + 1, 6, 6) - 1)
    rotation = orthogonal_procrustes(*pair)
    for other in (ridge(*pair), reduced_rank(*pair)):
        torch.testing.assert_close(other.weight, rotation.weight, rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(other.bias, rotation.bias, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", [name for name in ESTIMATORS if "deltas" not in name])
def test_shuffled_pairs_are_explained_worse(name):
    """Held-out R² against that of shuffled pairs, which is not above what chance gives."""
    x, y = noisy(name, 0)
    adapter = ESTIMATORS[name](*paired(x, y))
    assert adapter.r2_held_out > adapter.r2_shuffled
    assert adapter.r2_shuffled < 0.2


@every_estimator
def test_a_map_and_what_it_carries_know_the_prompts_that_were_read(name):
    """The rows' of both sides; of a carried vector, its own and the map's."""
    source, target = paired(*noisy(name, 0))
    adapter = ESTIMATORS[name](source, target)
    assert adapter.read_from == {*source.ids}
    vector = replace(vector_in(source.space, normal(5, source.d_model)), read_from=frozenset({"q"}))
    carried = adapter.transport(vector, residual_norm=1.0)
    assert carried.read_from == {"q", *source.ids}
    assert (-carried).read_from == carried.at_relative_norm(2.0).read_from == carried.read_from
