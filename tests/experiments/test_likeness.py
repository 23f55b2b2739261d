"""A file is said to be one block off where that is clear, and nowhere else."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from prefvec.experiments.likeness import CLEAR, Beside, Likeness, compared
from prefvec.vectors.vector import unit

WIDTH, BLOCKS = 576, 12
COSINES = st.floats(-1, 1)


def chain(alike: float, seed: int = 0) -> dict[int, torch.Tensor]:
    """A model's own directions, each as much like the one before."""
    generator = torch.Generator().manual_seed(seed)
    own = {0: unit(torch.randn(WIDTH, generator=generator))}
    for n in range(1, BLOCKS):
        own[n] = noisy(own[n - 1], alike, generator)
    return own


def noisy(direction: torch.Tensor, cosine: float, generator: torch.Generator) -> torch.Tensor:
    """A direction of a cosine to another one, and random otherwise."""
    drawn = torch.randn(WIDTH, generator=generator)
    other = unit(drawn - (drawn @ direction) * direction)
    return unit(cosine * direction + (1 - cosine**2) ** 0.5 * other)


def file_of(own: dict[int, torch.Tensor], cosine: float, shift: int = 0, seed: int = 1):
    """What stands in a file for the blocks but the last: noisy, and that of blocks beside."""
    generator = torch.Generator().manual_seed(seed)
    return {
        n: noisy(own[n + shift], cosine, generator) for n in range(BLOCKS - 1) if n + shift in own
    }


def test_a_near_tie_accuses_nobody():
    """Neighbouring blocks are alike: 0.42 beside 0.41 is no shift, whichever side it is on."""
    near = Beside(here=0.41, there=0.42, own=0.9)
    for own in (near, Beside(here=0.41, there=0.42, own=0.3)):
        for shift in (-1, 1):
            found = Likeness(
                here=0.41, beside={shift: own, -shift: Beside(here=0.41, there=0.4, own=0.9)}
            )
            assert found.shift == 0
            assert "looks shifted" not in found.sentence()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("shift", "way"), [(-1, "earlier"), (1, "later")])
def test_a_clear_shift_is_named_with_its_figures(shift, way, sign):
    """In sign or against it."""
    clear = Beside(here=0.35 * sign, there=0.9 * sign, own=0.4)
    tie = Beside(here=0.35 * sign, there=0.36 * sign, own=0.4)
    found = Likeness(here=0.35 * sign, beside={shift: clear, -shift: tie})
    assert found.shift == shift
    assert (
        f"is {0.35 * sign:.2f} at its blocks, and {0.9 * sign:.2f} one block {way}; the model's "
        "own of these neighbours have 0.40."
    ) in found.sentence()


def test_of_two_neighbours_that_are_more_alike_the_clearer_is_named():
    """As a file between two conventions would have it."""
    less, more = (Beside(here=0.1, there=there, own=0.2) for there in (0.5, 0.8))
    assert Likeness(here=0.1, beside={-1: less, 1: more}).shift == 1
    assert Likeness(here=0.1, beside={-1: more, 1: less}).shift == -1


def test_less_than_half_of_what_a_shift_would_make_is_no_shift():
    """Where neighbours are unlike one another, a shift would make nearly all of the cosine."""
    assert not Beside(here=0.3, there=0.4, own=0.1).looks_shifted
    assert Beside(here=0.1, there=0.4, own=0.1).looks_shifted


@given(COSINES, COSINES, COSINES)
def test_less_than_a_clear_gain_is_no_shift(here, there, own):
    """However unlike the model's own neighbours are."""
    if abs(there) - abs(here) <= CLEAR:
        assert not Beside(here=here, there=there, own=own).looks_shifted


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cosine", [0.1, 0.42, 0.9, 1.0])
@pytest.mark.parametrize("alike", [0.0, 0.5, 0.9, 0.98])
def test_a_file_that_is_right_is_never_accused(alike, cosine, seed):
    """However little it is like the model's own, and however alike those are."""
    own = chain(alike, seed)
    assert compared(file_of(own, cosine, seed=seed + 10), own).shift == 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shift", [-1, 1])
@pytest.mark.parametrize(("alike", "cosine"), [(0.0, 0.3), (0.5, 0.42), (0.8, 0.9), (0.9, 1.0)])
def test_a_file_that_is_one_block_off_is_named(alike, cosine, shift, seed):
    """Where that makes more than chance does."""
    own = chain(alike, seed)
    found = compared(file_of(own, cosine, shift, seed + 10), own)
    assert found.shift == shift
    assert "looks shifted by one block" in found.sentence()


def test_blocks_without_a_neighbour_are_left_out_on_both_sides():
    """A first block that is unlike the model's own makes no shift to the blocks before."""
    own = chain(0.8)
    theirs = {n: own[n] for n in (1, 2)} | {0: chain(0.8, seed=5)[0]}
    found = compared(theirs, own)
    assert found.here == pytest.approx(2 / 3, abs=0.05)
    assert found.beside[-1].here == pytest.approx(1, abs=1e-5)
    assert found.shift == 0


@pytest.mark.parametrize(("alike", "cosine"), [(0.98, 1.0), (0.9, 0.3)])
def test_where_a_shift_cannot_be_told_that_is_said(alike, cosine):
    """Rather than nothing, which would read as if the convention had been confirmed."""
    own = chain(alike)
    for shift in (-1, 0, 1):
        found = compared(file_of(own, cosine, shift), own)
        assert found.shift == 0
        assert "nobody can tell whether it is one block off" in found.sentence()
    assert "nobody can tell" not in compared(file_of(chain(0.5), 0.9), chain(0.5)).sentence()
