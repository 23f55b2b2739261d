"""Signed permutations: what they keep, and what they lose."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from prefvec.vectors.activations import at_last_prompt_token
from prefvec.vectors.extraction import difference_in_means
from prefvec.vectors.random_directions import signed_permutation
from prefvec.vectors.residual import Site
from tests.tiny import questions, tiny


@pytest.fixture(scope="module")
def vector():
    """A vector of a tiny model, with one coordinate that carries most of it."""
    model, site = tiny("mistral"), Site(layer=1, point="resid_post")
    read = at_last_prompt_token(model, questions(6), [site])[site]
    found = difference_in_means(
        read.select([0, 1, 2]),
        replace(read.select([3, 4, 5]), ids=read.ids[:3]),
        trait="verbosity",
        prompt_set="abc",
    )
    direction = found.direction.clone()
    direction[0] = 10.0
    return replace(found, direction=direction / direction.norm(), residual_norm=2.0)


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
