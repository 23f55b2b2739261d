"""The shapes and types that signatures state are checked while tests run."""

import sys

import pytest
import torch
from jaxtyping import TypeCheckError

from prefvec.vectors.vector import unit


def test_a_wrong_shape_is_refused():
    """A matrix is no direction."""
    with pytest.raises(TypeCheckError, match="Float"):
        unit(torch.ones(2, 3))
    assert float(unit(torch.ones(4)).norm()) == pytest.approx(1.0)


def test_every_room_is_checked_but_the_plugins():
    """Pytest loads the plugin before any conftest; whatever else it loaded would go unchecked."""
    unchecked = {
        name.split(".")[1]
        for name, module in list(sys.modules.items())
        if name.startswith("prefvec.")
        and type(module.__spec__.loader).__name__ != "_JaxtypingLoader"
    }
    assert unchecked <= {"pytest_plugin", "errors", "vocabulary"}
