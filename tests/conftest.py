"""What many tests of the decision rules start from."""

import pytest
from hypothesis import settings

from prefvec.verdicts.doses import DoseResponse
from tests.simulated import NATIVE, Scene

# A law is searched for counterexamples, not for speed: other jobs may share the machine.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture
def scene() -> Scene:
    """Ninety-six prompts."""
    return Scene(0)


@pytest.fixture
def native(scene: Scene) -> DoseResponse:
    """The planned native effect."""
    return scene.arm("native", *NATIVE)
