"""Why a claim came out as it did, in the page and in the tables, never against its own bounds."""

import re

import pytest

from prefvec.report import effects
from prefvec.report.deciding import decided_by, deciding_parts, native_share, told_share
from prefvec.report.numerals import scale_interval
from tests.sample_claim import sample_claim
from tests.sample_record import sample_claims


def _claim(outcome="SUPPORTED", **entries):
    arms = {"native": 0.5, "adapted": 0.3}
    return sample_claim("x", title="x", kind="works", arms=arms, outcome=outcome, **entries)


def _part(name, **entries):
    blank = {"about": None, "inequality": None, "role": "test", "passed": True, "sentence": ""}
    return blank | {"name": name, "scale": "log"} | entries


def test_a_bound_of_one_side_is_written_as_one():
    """A lower one as at least, an upper one as at most; both are an interval."""
    told = {"estimate": 0.0, "low": -0.1, "high": None}
    assert scale_interval(told, "points") == "0.0 points, at least −10.0 points"
    told = {"estimate": 0.3, "low": None, "high": 0.4}
    assert scale_interval(told, "share") == "30 %, at most 40 %"
    assert scale_interval(told | {"low": 0.2}, "share") == "30 % [20, 40]"


def test_every_claim_that_was_tested_says_what_decided_it():
    """In few enough letters for a row, whatever it came to."""
    for claim in sample_claims():
        told = decided_by(claim)
        assert told != "—", claim["id"]
        assert len(told) < 320


def test_what_supports_is_the_weakest_of_the_tests_with_its_bound():
    """By its p-value; of one test alone, that one."""
    sure = _part("longer at +c", estimate=0.5, low=0.4, high=None, pvalue=0.0001)
    weak = _part("shorter at −c", estimate=-0.2, low=None, high=-0.1, pvalue=0.03)
    claim = _claim(components=[sure, weak])
    assert decided_by(claim) == "all of 2 tests; weakest: shorter at −c: ×0.82, at most ×0.90"
    assert decided_by(_claim(components=[weak])) == "shorter at −c: ×0.82, at most ×0.90"


def test_what_refutes_is_the_inequality_and_no_part_that_was_merely_missed():
    """Nor a filter that was not reached; in an invalid claim it is what voids it."""
    missed = _part("large enough", role="filter", passed=False, estimate=0.1, low=0.0, high=0.2)
    shown = _part("refuted: odd part below ×1.25", about="refutation", estimate=0.1, low=None)
    shown |= {"high": 0.15, "inequality": "odd part below ×1.25", "threshold": 0.223}
    claim = _claim("REFUTED", components=[missed, shown])
    assert deciding_parts(claim["components"]) == [shown]
    assert decided_by(claim) == "odd part below ×1.25: ×1.11, at most ×1.16"
    void = _part("positive control", role="precondition", passed=False, estimate=None)
    void |= {"sentence": "Its own vector does not steer it."}
    claim = _claim("INVALID", components=[missed, void])
    assert decided_by(claim) == "Its own vector does not steer it."


def test_a_control_that_stands_in_the_way_tells_its_rank():
    """The share of random directions that do as much."""
    said = "Needed p_chance of at most 0.05; measured ×1.35, p_chance = 0.075."
    part = _part("beyond shuffled maps", role="control", passed=False, estimate=0.3, sentence=said)
    told = decided_by(_claim("INCONCLUSIVE", components=[part]))
    assert told == "beyond shuffled maps: ×1.35, p_chance = 0.075"


def test_the_share_of_native_is_the_one_that_was_measured():
    """Not the test of the same name; none where it is not defined."""
    share = _part("share of native", role="shown", scale="share", estimate=0.966, passed=None)
    claim = _claim(components=[_part("share of native", estimate=0.2), share])
    assert native_share(claim) is share
    assert told_share(claim) == "97 %"
    assert told_share(_claim(components=[])) == "—"


@pytest.mark.parametrize(
    ("outcome", "about", "ends", "told"),
    [
        ("SUPPORTED", None, {"low": 0.03, "high": None}, "×1.11, at least ×1.03"),
        ("REFUTED", "refutation", {"low": None, "high": 0.05}, "×1.11, at most ×1.05"),
    ],
)
def test_a_contrast_that_is_tested_on_one_side_is_shown_with_that_bound(outcome, about, ends, told):
    """So that no row is SUPPORTED against its own interval."""
    effect = {"factor": 1.11, "low": 0.99, "high": 1.24, "what": "a contrast", "of": "contrast"}
    part = _part("above its margin", estimate=0.1044, about=about, threshold=0.0, **ends)
    claim = _claim(outcome, components=[part], effect=effect) | {"kind": "exceeds"}
    assert effects.measured(claim) == told
    assert not re.search(r"\[0\.99", effects.told(claim))
