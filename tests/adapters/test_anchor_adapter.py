"""Anchors carry what their similarities tell: known answers, invariances, and what is refused."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings

from prefvec.adapters import anchor_projection, canonical
from prefvec.adapters.anchors import fit_anchors
from prefvec.errors import PrefvecError
from tests.strategies import activations_of, normal, orthogonal, paired, seeds, space, vector_in

ROWS, WIDTH = 80, 6


def likeness(one, other):
    """The cosine of two steps."""
    one, other = one.double(), other.double()
    return float(one @ other / one.norm() / other.norm())


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_into_a_rotated_twin_enough_anchors_carry_a_direction_as_the_rotation_does(seed):
    """Whatever the twin's scale and shift are, also into a wider stream."""
    x, rotation = normal(seed, ROWS, WIDTH), orthogonal(seed + 1, WIDTH, 9)
    adapter = anchor_projection(*paired(x, 5 * x @ rotation + 2), against_shuffled=False)
    step = normal(seed + 2, WIDTH)
    assert likeness(adapter.map_direction(step), step @ rotation) > 0.95
    assert adapter.r2_held_out > 0.8


def test_many_anchors_of_a_twin_lose_nothing():
    """Where all principal directions are needed to hold the anchors, the map is the rotation."""
    x, rotation = normal(0, 400, WIDTH), orthogonal(1, WIDTH, WIDTH)
    x = x / x.norm(dim=1, keepdim=True)
    adapter = anchor_projection(*paired(x, 3 * x @ rotation), count=400, against_shuffled=False)
    assert adapter.rank == WIDTH
    torch.testing.assert_close(adapter.weight, 3 * rotation, rtol=1e-3, atol=1e-3)
    assert adapter.scale == pytest.approx(3)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_turning_scaling_and_shifting_the_source_changes_no_image_s_direction(seed):
    """Cosines to anchors know of none of these."""
    x, y = normal(seed, ROWS, WIDTH), normal(seed + 1, ROWS, 5)
    turn, step = orthogonal(seed + 2, WIDTH, WIDTH), normal(seed + 3, WIDTH)
    plain = anchor_projection(*paired(x, y), count=20, against_shuffled=False)
    turned = anchor_projection(*paired(7 * x @ turn - 3, y), count=20, against_shuffled=False)
    assert likeness(plain.map_direction(step), turned.map_direction(step @ turn)) > 0.999


def test_one_anchor_says_how_far_a_step_goes_along_it():
    """Its image is the target's anchor, as long as the cosine has it."""
    x, y = normal(0, ROWS, WIDTH), normal(1, ROWS, WIDTH)
    adapter = anchor_projection(*paired(x, y), count=1, against_shuffled=False)
    along, theirs = x[0] - x.mean(dim=0), y[0] - y.mean(dim=0)
    assert adapter.rank == 1
    assert likeness(adapter.map_direction(along), theirs) == pytest.approx(1, abs=1e-5)
    assert likeness(adapter.map_direction(-along), theirs) == pytest.approx(-1, abs=1e-5)
    across = normal(2, WIDTH)
    across = across - across @ along / (along @ along) * along
    assert float(adapter.map_direction(across).norm()) < 1e-5 * float(adapter.gain)


def test_anchors_are_taken_evenly_and_are_all_rows_where_there_are_few():
    """More than there are rows is as many as there are."""
    x, y = normal(0, 12, WIDTH).double(), normal(1, 12, WIDTH).double()
    every, more = (fit_anchors(x, y, count=count).weight for count in (12, 99))
    torch.testing.assert_close(every, more)
    halved = fit_anchors(x, y, count=6).weight
    other = x.clone()
    other[1::2] = other[1::2].flip(0)  # the same mean, and other rows that are no anchors
    torch.testing.assert_close(fit_anchors(other, y, count=6).weight, halved)


@pytest.mark.parametrize(
    ("rows", "count", "says"),
    [
        (normal(0, ROWS, WIDTH), 0, "0 anchors"),
        (torch.ones(ROWS, WIDTH), 8, "are the same"),
        (
            torch.cat([torch.zeros(1, WIDTH), torch.eye(WIDTH), -torch.eye(WIDTH)]),
            13,
            "at the mean",
        ),
    ],
    ids=["none", "equal-rows", "an-anchor-at-the-mean"],
)
def test_what_can_tell_nothing_is_refused(rows, count, says):
    """In a sentence, with what to give."""
    with pytest.raises(PrefvecError, match=says):
        anchor_projection(*paired(rows, rows), count=count)


def two_sources(seed=0):
    """Two sources, of other rotations and scales, and what they share with a target."""
    x = normal(seed, 200, WIDTH)
    turns = [orthogonal(seed + k, WIDTH, WIDTH) for k in (1, 2)]
    target = activations_of(2 * x @ orthogonal(seed + 3, WIDTH, WIDTH), space("target"))
    sides = [
        activations_of(scale * x @ turn, space(f"source {k}"))
        for k, (scale, turn) in enumerate(zip((1, 30), turns, strict=True))
    ]
    adapters = [anchor_projection(side, target, against_shuffled=False) for side in sides]
    return x, turns, sides, target, adapters


def test_what_two_sources_agree_on_is_what_each_of_them_says():
    """And coordinates have equal weight, however large a source's stream is."""
    _, turns, sides, _, adapters = two_sources()
    step, other = normal(8, WIDTH), normal(9, WIDTH)
    same = [vector_in(side.space, step @ turn) for side, turn in zip(sides, turns, strict=True)]
    both = canonical(adapters, same, residual_norm=1.0)
    alone = adapters[0].transport(same[0], residual_norm=1.0)
    assert likeness(both.direction, alone.direction) > 0.999
    assert both.space == alone.space
    assert both.norm == alone.norm
    assert "averaged over 2 sources" in both.estimator
    differ = [same[0], vector_in(sides[1].space, other @ turns[1])]
    mixed = canonical(adapters, differ, residual_norm=1.0).direction
    wanted = step / step.norm() + other / other.norm()
    into = adapters[0].map_direction(wanted @ turns[0])
    assert likeness(mixed, into) > 0.999


def test_a_canonical_vector_has_read_what_all_vectors_and_maps_have():
    """So that it is not measured on any of it."""
    _, turns, sides, target, adapters = two_sources()
    vectors = [
        replace(vector_in(side.space, turn[0]), read_from=frozenset({f"read {k}"}))
        for k, (side, turn) in enumerate(zip(sides, turns, strict=True))
    ]
    both = canonical(adapters, vectors, residual_norm=1.0)
    assert both.read_from == {"read 0", "read 1", *target.ids}


def test_vectors_that_have_no_mean_are_refused():
    """None, one too few, of two traits, by other rows, or of opposite signs."""
    _, turns, sides, target, adapters = two_sources()
    vectors = [vector_in(side.space, turn[0]) for side, turn in zip(sides, turns, strict=True)]
    for few, found in (([], []), (adapters, vectors[:1])):
        with pytest.raises(PrefvecError, match="one adapter for each"):
            canonical(few, found, residual_norm=1.0)
    tense = [vectors[0], replace(vectors[1], trait="tense")]
    with pytest.raises(PrefvecError, match="of several traits"):
        canonical(adapters, tense, residual_norm=1.0)
    fewer = anchor_projection(sides[1].select([*range(50)]), target.select([*range(50)]))
    with pytest.raises(PrefvecError, match="several targets or rows"):
        canonical([adapters[0], fewer], vectors, residual_norm=1.0)
    opposite = [vectors[0], -vectors[1]]
    with pytest.raises(PrefvecError, match="cancels out"):
        canonical(adapters, opposite, residual_norm=1.0)
