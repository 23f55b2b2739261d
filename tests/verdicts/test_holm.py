"""Holm's correction over declared families."""

import gc
import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.verdicts.assessment import not_applicable
from prefvec.verdicts.criteria import Fails
from prefvec.verdicts.holm import holm, resolve
from prefvec.verdicts.verdict import Outcome
from tests.simulated import NATIVE, Scene, fails, steers

pvalues = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_holm_is_by_hand() -> None:
    """R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"): 0.03, 0.06, 0.06, 0.02."""
    adjusted = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert adjusted == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    """Statsmodels collects garbage at every call, slow where much is alive."""
    gc.freeze()
    yield
    gc.unfreeze()


@settings(deadline=None, max_examples=30)
@given(pvalues)
def test_holm_lies_between_the_raw_and_bonferronis(raw: list[float]) -> None:
    """It keeps the order and is never below the raw p-value."""
    adjusted = list(holm({str(i): p for i, p in enumerate(raw)}).values())
    for before, after in zip(raw, adjusted, strict=True):
        assert before <= after <= min(1, len(raw) * before) + 1e-12
    order = sorted(range(len(raw)), key=raw.__getitem__)
    assert [adjusted[i] for i in order] == sorted(adjusted)


def test_members_that_were_not_selected_count_as_one() -> None:
    """Selecting one of three claims does not make its p-value smaller."""
    assert holm({"a": 0.02, "b": None, "c": None}) == pytest.approx({"a": 0.06, "b": 1, "c": 1})


@pytest.mark.parametrize("pvalue", [math.nan, -0.1, 1.1])
def test_a_broken_p_value_is_loud(pvalue: float) -> None:
    """A nan would pass through statsmodels in silence."""
    with pytest.raises(PrefvecError, match="'b'"):
        holm({"a": 0.01, "b": pvalue})


def test_an_empty_family_is_refused() -> None:
    """There is nothing to correct."""
    with pytest.raises(PrefvecError, match="members"):
        holm({})


def test_a_family_is_resolved_together() -> None:
    """Each member's verdict carries the Holm p-value; what cannot be judged counts as 1."""
    scene = Scene(0)
    native = scene.arm("native", *NATIVE)
    steering = steers(scene, native)
    verdicts = resolve(
        {
            "steers": steering,
            "fails": fails(scene, scene.arm("raw", censored=0.5), native),
            "works": None,
            "gemma": not_applicable("gemma", Fails(), "unequal widths"),
        }
    )
    assert {name: verdict.outcome for name, verdict in verdicts.items()} == {
        "steers": Outcome.SUPPORTED,
        "fails": Outcome.INVALID,
        "gemma": Outcome.NOT_APPLICABLE,
    }
    tests = [c for c in verdicts["steers"].components if c.role == "test"]
    assert max(c.holm for c in tests if c.holm is not None) == pytest.approx(4 * steering.pvalue)
