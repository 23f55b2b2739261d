"""Holm's correction over declared families, and the p-value by which a claim is judged."""

import gc
import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.verdicts.assessment import not_applicable
from prefvec.verdicts.criteria import Fails
from prefvec.verdicts.holm import adjusted, holm
from prefvec.verdicts.verdict import Outcome
from prefvec.verdicts.wording import conclude
from tests.simulated import NATIVE, Scene, fails, steers

pvalues = st.lists(st.floats(0, 1), min_size=1, max_size=12)
families = st.lists(
    st.dictionaries(st.sampled_from("bcdefgh"), st.none() | st.floats(0, 1)), min_size=1, max_size=4
)
"""Families by what stands in them beside the claim "a"."""


def test_holm_is_by_hand() -> None:
    """R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"): 0.03, 0.06, 0.06, 0.02."""
    corrected = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert corrected == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})


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
    corrected = list(holm({str(i): p for i, p in enumerate(raw)}).values())
    for before, after in zip(raw, corrected, strict=True):
        assert before <= after <= min(1, len(raw) * before) + 1e-12
    order = sorted(range(len(raw)), key=raw.__getitem__)
    assert [corrected[i] for i in order] == sorted(corrected)


def test_members_that_were_not_selected_count_as_one() -> None:
    """Selecting one of three claims does not make its p-value smaller."""
    assert holm({"a": 0.02, "b": None, "c": None}) == pytest.approx({"a": 0.06, "b": 1, "c": 1})
    assert adjusted("a", [{"a": 0.02, "b": None, "c": None}]) == pytest.approx(0.06)


@pytest.mark.parametrize("pvalue", [math.nan, -0.1, 1.1])
def test_a_broken_p_value_is_loud(pvalue: float) -> None:
    """A nan would pass through statsmodels in silence."""
    with pytest.raises(PrefvecError, match="'b'"):
        adjusted("a", [{"a": 0.01, "b": pvalue}])


def test_an_empty_family_is_refused() -> None:
    """There is nothing to correct."""
    with pytest.raises(PrefvecError, match="members"):
        holm({})


def test_a_claim_is_judged_by_its_strictest_family() -> None:
    """By hand: 2 · 0.01 among two, 3 · 0.01 among three of which one was not selected."""
    two, three = {"a": 0.01, "b": 0.5}, {"a": 0.01, "c": None, "d": 0.5}
    assert adjusted("a", [two]) == pytest.approx(0.02)
    assert adjusted("a", [two, three]) == adjusted("a", [three, two]) == pytest.approx(0.03)
    assert adjusted("a", iter([{"a": 0.01}])) == 0.01


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 1), families)
def test_another_family_never_makes_a_p_value_smaller(
    pvalue: float, others: list[dict[str, float | None]]
) -> None:
    """It is the largest of those of each family, and so at least the raw one."""
    belongs = [{**other, "a": pvalue} for other in others]
    each = [adjusted("a", [family]) for family in belongs]
    assert adjusted("a", belongs) == max(each) >= pvalue


def test_a_claim_outside_its_families_is_refused() -> None:
    """With no family at all, or one that it is no member of, nothing would be corrected."""
    with pytest.raises(PrefvecError, match="'a' belongs to no family"):
        adjusted("a", [])
    with pytest.raises(PrefvecError, match=r"'a' is to be corrected over .* no member of: b"):
        adjusted("a", [{"a": 0.01}, {"b": 0.01}])


def test_the_collector_is_as_it_was() -> None:
    """What was kept out of garbage collection meanwhile is given back."""
    gc.unfreeze()
    adjusted("a", [{"a": 0.0123, "b": 0.0456}])
    assert gc.get_freeze_count() == 0


def test_verdicts_of_a_family_carry_the_corrected_p_value() -> None:
    """What cannot be judged counts as 1, and so does what was not selected."""
    scene = Scene(0)
    native = scene.arm("native", *NATIVE)
    assessed = {
        "steers": steers(scene, native),
        "fails": fails(scene, scene.arm("raw", changed=0.0), native),
        "gemma": not_applicable("gemma", Fails(), "unequal widths"),
    }
    family = {"works": None, **{name: claim.pvalue for name, claim in assessed.items()}}
    verdicts = {name: conclude(claim, adjusted(name, [family])) for name, claim in assessed.items()}
    assert {name: verdict.outcome for name, verdict in verdicts.items()} == {
        "steers": Outcome.SUPPORTED,
        "fails": Outcome.INVALID,
        "gemma": Outcome.NOT_APPLICABLE,
    }
    tests = [c for c in verdicts["steers"].components if c.role == "test"]
    shown = max(c.holm for c in tests if c.holm is not None)
    assert shown == pytest.approx(4 * assessed["steers"].pvalue)
