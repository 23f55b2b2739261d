"""Criteria: readable, and within reason."""

import pytest

from prefvec.criteria import LONGER_BY_A_QUARTER, Fails, Steers, Works
from prefvec.errors import PrefvecError


@pytest.mark.parametrize(
    ("criterion", "wrong"),
    [
        (Steers, {"at_least": 0.0}),
        (Steers, {"alpha": 1.0}),
        (Fails, {"share_of_native": 0.0}),
        (Works, {"share_of_native": 1.5}),
        (Works, {"share_of_native": 0.2}),
        (Works, {"coherence_margin": -0.1}),
    ],
)
def test_criteria_that_decide_nothing_are_refused(
    criterion: type[Steers | Fails | Works], wrong: dict[str, float]
) -> None:
    """A slip in a claim's file is found before anything is generated."""
    with pytest.raises(PrefvecError):
        criterion(**wrong)


def test_criteria_speak() -> None:
    """Their sentences name their thresholds, their parameters are the protocol's."""
    assert "×1.25" in Steers().sentence
    assert "25 %" in Fails().sentence
    assert "50 %" in Works().sentence
    assert Works().parameters == {
        "alpha": 0.05,
        "D": LONGER_BY_A_QUARTER,
        "phi": 0.25,
        "rho": 0.5,
        "coherence_margin": 0.10,
    }
