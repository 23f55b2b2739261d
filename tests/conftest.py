"""Shapes are checked wherever a test imports a module that states some.

No reader of types knows how long an axis is, so that only a run can tell. What needs no run, the
type checker tells of every module: to check types in all of them took half as long again.
Claims stand outside this folder and run unchecked. Beside that, what many tests of the decision
rules start from.
"""

from hypothesis import settings

from tests.shapes import check_shapes

check_shapes()
# A law is no slower on a machine that does other things as well.
settings.register_profile("laws", deadline=None)
settings.load_profile("laws")

import pytest  # noqa: E402  (what is imported from here on is checked)

from prefvec.verdicts.doses import DoseResponse  # noqa: E402
from tests.simulated import NATIVE, Scene  # noqa: E402


@pytest.fixture
def scene() -> Scene:
    """Ninety-six prompts."""
    return Scene(0)


@pytest.fixture
def native(scene: Scene) -> DoseResponse:
    """The planned native effect."""
    return scene.arm("native", *NATIVE)
