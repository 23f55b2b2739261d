"""Controls: what an arm must stand out from."""

import math

import pytest

from prefvec.controls import beyond, differs_from_unrelated, prediction_limit
from prefvec.doses import DoseResponse
from tests.simulated import NATIVE, Scene, share_of


def test_the_prediction_limit_is_by_hand() -> None:
    """Of 1…8: mean 4.5, s = √6, t(0.95, 7) = 1.894579 (tables), √(1 + 1/8)."""
    limit = 4.5 + 1.894579 * math.sqrt(6) * math.sqrt(9 / 8)
    assert prediction_limit([1, 2, 3, 4, 5, 6, 7, 8]) == pytest.approx(limit, rel=1e-6)


def test_an_arm_must_exceed_the_limit_and_the_largest(scene: Scene, native: DoseResponse) -> None:
    """One outlier among the controls that exceeds the arm is enough."""
    calm = scene.controls(kinds=1).random
    assert beyond(native, calm, "random directions").passed is True
    assert beyond(calm[0], calm, "random directions").passed is False
    assert beyond(native, (*calm, scene.arm("x", 1.0, -1.0)), "x").passed is False


def test_an_unrelated_concept_must_do_significantly_less(
    scene: Scene, native: DoseResponse
) -> None:
    """Both ways round, since its poles are named arbitrarily."""
    calm = scene.arm("formality", 0.02, -0.02)
    assert differs_from_unrelated(native, [calm], 0.05).passed is True
    for sign in (1, -1):
        strong = scene.arm("formality", *share_of(NATIVE, sign))
        assert differs_from_unrelated(native, [calm, strong], 0.05).passed is None
