"""Each prompt by itself: the same numbers that its claim rests on."""

import math
import statistics

import pytest

from prefvec.report.per_prompt import prompt_table
from tests.sample_claim import sample_claim


def _claim(**arms):
    return sample_claim("x", title="x", kind="works", arms=arms)


def test_the_odd_parts_have_the_mean_of_the_arm():
    """And those of the native arm stand beside them."""
    claim = _claim(adapted=0.3, native=0.5)
    table = prompt_table(claim)
    of = {arm["name"]: arm["odd"]["estimate"] for arm in claim["arms"]}
    assert statistics.fmean(row.odd for row in table.rows) == pytest.approx(of["adapted"])
    assert statistics.fmean(row.native for row in table.rows) == pytest.approx(of["native"])


def test_the_columns_of_the_table_have_the_words_of_the_page(parsed):
    """The target's own vector is native there, too."""
    assert "native, odd" in parsed.texts


def test_prompts_moved_most_come_first_and_those_moved_the_wrong_way_are_counted():
    """By the odd part."""
    table = prompt_table(_claim(adapted=0.02, native=0.5))
    odd = [row.odd for row in table.rows]
    assert odd == sorted(odd, reverse=True)
    assert 0 < table.moved_wrong == sum(value < 0 for value in odd) < len(odd)
    assert table.wrong_way.count("M") == table.moved_wrong
    assert table.right_way.count("M") == len(odd) - table.moved_wrong


def test_odd_and_even_parts_are_half_the_difference_and_half_the_sum():
    """d(−c) = −0.2 and d(+c) = 0.6, by hand: 0.4 and 0.2."""
    claim = _claim(adapted=0.3)
    claim["arms"][0]["per_prompt"] = {"a": {"1.0": 0.6, "-1.0": -0.2, "0.5": 9.0}, "b": {"1.0": 1}}
    (row,) = prompt_table(claim).rows
    assert (row.odd, row.even) == (pytest.approx(0.4), pytest.approx(0.2))
    assert row.cells == [
        *(f"×{math.exp(value):.2f}" for value in (-0.2, 0.6, 0.4, 0.2)),
        "—",
    ]


def test_a_claim_without_prompts_has_no_table():
    """Nothing was measured, or nothing both ways."""
    claim = _claim(adapted=0.3)
    claim["arms"][0]["per_prompt"] = {"a": {"1.0": 0.6}}
    assert prompt_table(claim) is None
    assert prompt_table(sample_claim("x", title="x", kind="works", arms={})) is None
