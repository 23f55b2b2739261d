"""Signed permutations: what they keep, and what they lose."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from prefvec.vectors.random_directions import signed_permutation
from tests.strategies import space, vector_in


@pytest.fixture(scope="module")
def vector():
    """A vector one coordinate of which carries most of it, as in trained streams."""
    values = torch.randn(32, generator=torch.Generator().manual_seed(7))
    values[0] = 10.0
    return vector_in(space("mini-mistral"), values)


@given(seed=st.integers(0, 2**48))
def test_coordinates_are_kept_but_for_order_and_sign(vector, seed):
    """Outliers stay outliers, so that the null is as heavy-tailed as the vector."""
    control = signed_permutation(vector, seed=seed)
    mixed, own = (each.direction.abs().sort().values for each in (control, vector))
    assert torch.equal(mixed, own)
    assert (control.norm, control.site, control.read_from) == (
        vector.norm,
        vector.site,
        vector.read_from,
    )


def test_seeds_give_directions_of_their_own(vector):
    """The same seed the same one, other seeds others, as like the vector as chance has it."""
    drawn = [signed_permutation(vector, seed=seed).direction for seed in range(40)]
    assert torch.equal(drawn[3], signed_permutation(vector, seed=3).direction)
    assert len({tuple(each.tolist()) for each in drawn}) == 40
    cosines = torch.stack(drawn) @ vector.direction
    assert abs(float(cosines.mean())) < 0.3
