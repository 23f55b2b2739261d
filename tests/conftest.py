"""What many tests of the decision rules start from."""

import pytest

from prefvec.verdicts.doses import DoseResponse
from tests.simulated import NATIVE, Scene


@pytest.fixture
def scene() -> Scene:
    """Ninety-six prompts."""
    return Scene(0)


@pytest.fixture
def native(scene: Scene) -> DoseResponse:
    """The planned native effect."""
    return scene.arm("native", *NATIVE)
