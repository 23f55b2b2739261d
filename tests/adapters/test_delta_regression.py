"""A map of a few concept deltas carries their span, and nothing else."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from prefvec.adapters import concept_deltas, delta_rows
from prefvec.adapters.delta_regression import fit_deltas
from prefvec.errors import PrefvecError
from tests.strategies import normal, orthogonal, seeds, space, vector_in

CONCEPTS = ("formality", "politeness", "tense", "mood", "hedging")


def deltas(seed, k, d_source=8, d_target=6):
    """The vectors of k concepts in the source and in the target, under one linear map."""
    x = normal(seed, k, d_source)
    y = x @ normal(seed + 1, d_source, d_target)
    return [
        [vector_in(space(n), row, trait) for row, trait in zip(rows, CONCEPTS, strict=False)]
        for n, rows in (("source", x), ("target", y))
    ]


def fitted(seed, k):
    """Both sides' vectors and the map of their deltas."""
    ours, theirs = deltas(seed, k)
    return ours, theirs, concept_deltas(delta_rows(ours), delta_rows(theirs))


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
@pytest.mark.parametrize("k", [1, 2, 5])
def test_each_delta_goes_to_its_own(k, seed):
    """Fewer deltas than width are met exactly, direction and length."""
    ours, theirs, adapter = fitted(seed, k)
    for mine, other in zip(ours, theirs, strict=True):
        image = adapter.map_direction(mine.norm * mine.direction)
        expected = (other.norm * other.direction).double()
        torch.testing.assert_close(image, expected, rtol=1e-2, atol=1e-3)
        assert adapter.span(mine) == pytest.approx(1, abs=1e-5)
        moved = adapter.transport(mine, residual_norm=other.residual_norm)
        assert moved.relative_norm == pytest.approx(mine.relative_norm)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_a_map_of_rank_two_carries_nothing_outside_its_two_directions(seed):
    """A third direction across both has no image, no span, and is refused with a sentence."""
    ours, _, adapter = fitted(seed, 2)
    plane = torch.linalg.qr(torch.stack([vector.direction for vector in ours]).T).Q
    third = normal(seed + 2, 8)
    third = third - plane @ (plane.T @ third)
    across = vector_in(space("source"), third)
    assert adapter.rank == 2
    assert adapter.span(across) < 1e-6
    assert float(adapter.map_direction(across.direction).norm()) < 1e-5 * adapter.gain
    with pytest.raises(PrefvecError, match="nothing of it"):
        adapter.transport(across, residual_norm=1.0)
    slanted = vector_in(space("source"), third / third.norm() + plane[:, 0])
    carried = adapter.map_direction(slanted.direction)
    torch.testing.assert_close(
        carried, adapter.map_direction(plane[:, 0]) / 2**0.5, rtol=1e-3, atol=1e-4 * adapter.gain
    )
    assert adapter.span(slanted) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("k", [3, 8, 20])
def test_it_is_least_squares_of_minimum_norm(k):
    """Oracle: numpy.linalg.lstsq without centring, with few deltas and with many."""
    x, y = normal(0, k, 8).double(), normal(1, k, 6).double()
    found = fit_deltas(x, y)
    expected = torch.from_numpy(np.linalg.lstsq(x.numpy(), y.numpy(), rcond=None)[0])
    torch.testing.assert_close(found.weight, expected)
    assert torch.equal(found.bias, torch.zeros(6, dtype=torch.float64))


def test_concepts_that_repeat_each_other_count_once():
    """A delta and its double make a map of rank one."""
    x, y = normal(0, 8), normal(1, 6)
    rows = [
        delta_rows([vector_in(space(n), c * v, t) for c, t in zip((1, 2), CONCEPTS, strict=False)])
        for n, v in (("source", x), ("target", y))
    ]
    adapter = concept_deltas(*rows)
    assert adapter.rank == 1
    assert adapter.effective_rank == pytest.approx(1, abs=1e-4)
    assert adapter.r2_held_out == pytest.approx(1, abs=1e-4)


def test_concepts_are_judged_by_leaving_each_out():
    """Oracle: orthogonal deltas say nothing of each other: predicted as nothing, R² is 0."""
    x, y = orthogonal(0, 4, 8), normal(1, 4, 6)
    sides = [
        delta_rows([vector_in(space(n), row, t) for row, t in zip(rows, CONCEPTS, strict=False)])
        for n, rows in (("source", x), ("target", y))
    ]
    assert concept_deltas(*sides).r2_held_out == pytest.approx(0, abs=1e-6)


def test_a_single_concept_cannot_be_judged():
    """It has a map, but neither a concept to hold out nor another pairing."""
    _, _, adapter = fitted(0, 1)
    assert adapter.rows == adapter.rank == 1
    assert adapter.r2_held_out is None
    assert adapter.r2_shuffled is None


def test_deltas_that_do_not_belong_together_are_refused():
    """A concept twice, two spaces, none at all, other concepts on the other side."""
    ours, theirs = deltas(0, 3)
    for wrong in ([ours[0], ours[0]], [ours[0], theirs[1]], []):
        with pytest.raises(PrefvecError, match="not vectors of different"):
            delta_rows(wrong)
    with pytest.raises(PrefvecError, match="do not pair up"):
        concept_deltas(delta_rows(ours), delta_rows(theirs[::-1]))


def test_a_map_of_deltas_has_read_the_prompts_and_not_the_concepts():
    """Its rows are named by concepts; what it must not be measured on are their questions."""
    ours, theirs, adapter = fitted(0, 2)
    prompts = frozenset[str]().union(*(vector.read_from for vector in (*ours, *theirs)))
    assert adapter.read_from == prompts
    assert not prompts & {*CONCEPTS}
