"""The shapes that signatures state are checked while tests run."""

import importlib

import pytest
import torch
from jaxtyping import TypeCheckError

from prefvec.vectors.vector import unit
from tests.shapes import stating_shapes


def test_a_wrong_shape_is_refused():
    """A matrix is no direction."""
    with pytest.raises(TypeCheckError, match="Float"):
        unit(torch.ones(2, 3))
    assert float(unit(torch.ones(4)).norm()) == pytest.approx(1.0)


def test_every_module_that_states_shapes_is_checked():
    """Pytest loads the plugin before any conftest; whatever else it loaded would go unchecked."""
    stating = stating_shapes()
    assert len(stating) > 40
    for name in stating:
        loader = importlib.import_module(name).__spec__.loader
        assert type(loader).__name__ == "_JaxtypingLoader", name
