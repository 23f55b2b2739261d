"""Criteria: readable, and within reason."""

import math

import pytest

from prefvec.errors import PrefvecError
from prefvec.verdicts.criteria import (
    LONGER_BY_A_QUARTER,
    Criterion,
    Exceeds,
    Fails,
    Spares,
    Steers,
    Works,
)


@pytest.mark.parametrize(
    ("criterion", "wrong"),
    [
        (Steers, {"at_least": 0.0}),
        (Steers, {"alpha": 1.0}),
        (Steers, {"going_on_at_least": 0.0}),
        (Works, {"going_on_at_least": -0.5}),
        (Fails, {"transfer_from": 0.2}),
        (Fails, {"share_of_native": 0.0}),
        (Works, {"share_of_native": 1.5}),
        (Works, {"share_of_native": 0.2}),
        (Works, {"coherence_margin": -0.1}),
        (Exceeds, {"margin": math.nan}),
        (Exceeds, {"alpha": 0.0}),
        (Spares, {"share_of_native": 1.0}),
        (Spares, {"alpha": 1.0}),
    ],
)
def test_criteria_that_decide_nothing_are_refused(
    criterion: type[Criterion], wrong: dict[str, float]
) -> None:
    """A slip in a claim's file is found before anything is generated."""
    with pytest.raises(PrefvecError):
        criterion(**wrong)


def test_criteria_speak() -> None:
    """Their sentences name their thresholds, their parameters are the protocol's."""
    assert "×1.25" in Steers().sentence
    assert "25 %" in Fails().sentence
    assert "50 %" in Works().sentence
    assert "±25 %" in Spares().sentence
    assert "above ×1.00" in Exceeds().sentence
    assert "above 0.00" in Exceeds(scale="correlation").sentence
    assert "copied" in Works(mapped=False).sentence
    assert "×1.65" in Steers(going_on_at_least=0.5).sentence
    assert Steers(going_on_at_least=0.5).parameters["D_going_on"] == 0.5
    assert "D_going_on" not in Steers().parameters
    assert Fails().parameters["rho"] == 0.5
    assert Works().parameters == {
        "alpha": 0.05,
        "D": LONGER_BY_A_QUARTER,
        "phi": 0.25,
        "rho": 0.5,
        "coherence_margin": 0.10,
    }
