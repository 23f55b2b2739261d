"""A steering is what it adds, and belongs to the model it adds it in."""

import pytest
import torch
from hypothesis import given

from prefvec.errors import PrefvecError
from prefvec.vectors.steering import NOTHING, UNSTEERED, Steering
from tests.strategies import coefficients
from tests.tiny import tiny
from tests.vectors.test_vector import of_model


@given(coefficient=coefficients)
def test_the_delta_is_coefficient_times_norm_times_direction(coefficient):
    """In residual units."""
    vector = of_model(tiny("mistral"))
    delta = Steering(vector=vector, coefficient=coefficient).delta()
    assert torch.equal(delta, coefficient * vector.norm * vector.direction)


@given(coefficient=coefficients)
def test_the_same_addition_is_the_same_steering(coefficient):
    """A vector at -c and its negative at +c share a fingerprint; other doses do not."""
    vector = of_model(tiny("mistral"))
    one = Steering(vector=vector, coefficient=coefficient)
    same = Steering(vector=-vector, coefficient=-coefficient)
    other = Steering(vector=vector, coefficient=2 * coefficient)
    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != other.fingerprint
    assert NOTHING not in (one.fingerprint, other.fingerprint)


def test_everything_that_adds_nothing_is_unsteered():
    """Coefficient 0 of any vector has the fingerprint of no vector."""
    zero = Steering(vector=of_model(tiny("mistral")), coefficient=0.0)
    assert zero.fingerprint == UNSTEERED.fingerprint == NOTHING
    assert zero.delta() is None


def test_another_site_is_another_steering():
    """The same coordinates at another block are kept apart."""
    model = tiny("mistral")
    one, other = (Steering(vector=of_model(model, layer), coefficient=1.0) for layer in (0, 1))
    assert one.fingerprint != other.fingerprint


def test_other_positions_are_another_steering():
    """Unless nothing is added; what nothing can be added at is refused."""
    vector = of_model(tiny("mistral"))
    one, other = (
        Steering(vector=vector, coefficient=1.0, positions=where) for where in ("answer", "all")
    )
    assert one.fingerprint == Steering(vector=vector, coefficient=1.0).fingerprint
    assert one.fingerprint != other.fingerprint
    assert (one.before_answer.fingerprint, other.before_answer) == (NOTHING, other)
    zero = Steering(vector=vector, coefficient=0.0, positions="all")
    assert zero.fingerprint == NOTHING
    object.__setattr__(one, "positions", "prompt")  # past the types that tests check
    with pytest.raises(PrefvecError, match="names no positions"):
        one.__post_init__()


def test_a_vector_steers_only_its_own_model():
    """Use in another model without a transfer step raises."""
    steering = Steering(vector=of_model(tiny("mistral")), coefficient=1.0)
    steering.require(tiny("mistral"))
    with pytest.raises(PrefvecError, match="does not belong"):
        steering.require(tiny("llama"))


@pytest.mark.parametrize("coefficient", [float("nan"), float("inf"), 1.0])
def test_doses_that_cannot_be_applied_are_refused(coefficient):
    """Not finite, or a dose of nothing."""
    with pytest.raises(PrefvecError, match="cannot be applied"):
        Steering(vector=None, coefficient=coefficient)
