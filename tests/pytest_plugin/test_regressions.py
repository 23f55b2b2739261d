"""Findings as regressions, end to end: bless, change something, run again; and what CI is told."""

import xml.etree.ElementTree as ET

import pytest

from tests.claim_suite import (
    BLESS,
    BY_OUTCOME,
    facts_of,
    findings_of,
    make_suite,
    only,
    record_of,
    write_claims,
    write_facts,
)
from tests.sample_claim import sample_claim
from tests.sample_record import sample_claims

pytestmark = pytest.mark.integration

pytest_plugins = ["pytester"]
STEERS = BY_OUTCOME["supported"]
HOSTILE = "a<b>&\"'|*x* \x00\x1b[31m\u202e]]> \ud800"
PROPERTIES = {
    *("claim", "outcome", "label", "effect_factor", "effect_low", "effect_high"),
    *("p_holm", "needed", "change", "model_set"),
}


@pytest.fixture
def suite(pytester, monkeypatch):
    """A claims folder with a test for every outcome, nothing blessed yet."""
    return make_suite(pytester, monkeypatch)


def _remeasured(suite, *, odd=0.49, relative_norm=0.5, **entries):
    """What the supported claim measures from now on."""
    claim = sample_claim(STEERS, title="t", kind="steers", arms={"native": odd}, **entries)
    claim["arms"][0]["relative_norm"] = relative_norm
    write_claims(suite, {**{c["id"]: c for c in sample_claims()}, STEERS: claim})


def _again(suite, *options):
    return suite.runpytest(*only("supported"), *options)


def _tail(result):
    """What stands under the line with the report's path."""
    lines = result.stdout.lines
    start = next(i for i, line in enumerate(lines) if line.startswith("report: "))
    return lines[start + 1 : -1]


def test_a_smaller_dose_with_a_smaller_effect_regresses_and_is_named(suite):
    """Still SUPPORTED, yet exit status 1; the changed row is told last, its dose the suspect."""
    _remeasured(suite, odd=0.49, relative_norm=0.4)
    _again(suite, *BLESS)
    _remeasured(suite, odd=0.30, relative_norm=0.1)
    result = _again(suite)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    headline, row, suspect = _tail(result)
    assert headline == "Of 1 finding: 1 changed."
    assert row.startswith(f"REGRESSED  {STEERS}: The odd part fell by more than a quarter")
    assert "(effect ×1.65 → ×1.37)" in row
    assert suspect.strip() == "suspect: dose of the native arm: relative norm 0.4 → 0.1"


def test_nothing_changed_is_one_line(suite):
    """All findings as blessed, exit status 0."""
    _again(suite, *BLESS)
    result = _again(suite)
    assert result.ret == pytest.ExitCode.OK
    assert _tail(result) == ["The finding as blessed."]


def test_another_prompt_set_is_not_comparable_unless_allowed(suite):
    """The same ids with other texts: exit status 1, and 0 with --allow-incomparable."""
    _again(suite, *BLESS)
    facts = facts_of(suite)
    for split in facts["splits"]:
        split["fingerprint"] += ", rewritten" if split["name"] == "test" else ""
    write_facts(suite, facts)
    refused = _again(suite)
    assert refused.ret == pytest.ExitCode.TESTS_FAILED
    told = "NOT COMPARABLE  *the same 96 ids with other texts*"
    refused.stdout.fnmatch_lines([told])
    allowed = _again(suite, "--allow-incomparable")
    assert allowed.ret == pytest.ExitCode.OK
    allowed.stdout.fnmatch_lines([told])


@pytest.mark.parametrize(
    ("was", "now", "ending", "change"),
    [
        ({}, {"outcome": "INVALID"}, {"errors": 1}, "REGRESSED"),
        ({}, {"outcome": "NOT APPLICABLE"}, {"failed": 1}, "REGRESSED"),
        ({"outcome": "REFUTED"}, {}, {"failed": 1}, "IMPROVED"),
        ({"odd": 0.3}, {"odd": 0.5}, {"failed": 1}, "IMPROVED"),
        ({"odd": 0.3}, {"odd": 0.303}, {"failed": 1}, "NOT REPRODUCED"),
        ({"label": "one"}, {"label": "two"}, {"failed": 1}, "DRIFT"),
        ({"outcome": "REFUTED"}, {"outcome": "INCONCLUSIVE"}, {"failed": 1}, "DRIFT"),
    ],
    ids=["invalid", "undefined", "improved", "stronger", "another", "relabelled", "undecided"],
)
def test_a_change_ends_the_test_as_the_protocol_says(suite, was, now, ending, change):
    """Whatever is not as blessed fails, upward too; what is INVALID is an error."""
    _remeasured(suite, **was)
    _again(suite, *BLESS)
    _remeasured(suite, **now)
    result = _again(suite)
    result.assert_outcomes(**ending)
    assert result.ret == (0 if "passed" in ending else 1)
    result.stdout.fnmatch_lines([f"{change}  {STEERS}: *"])
    assert f"{change}. " in result.stdout.str()


def test_a_finding_that_was_not_measured_is_told_and_does_not_fail(suite):
    """A part of the claims may be run; the others' findings stand unexamined."""
    suite.runpytest(*only("supported", "refuted"), *BLESS)
    result = _again(suite)
    assert result.ret == pytest.ExitCode.OK
    headline, row = _tail(result)
    assert headline == "Of 2 findings: 1 not run."
    assert row.startswith(f"NOT RUN  {BY_OUTCOME['refuted']}: Blessed as REFUTED and not measured")


def _rename(suite):
    """What was refuted is claimed under another name from now on, and the old claim is no more."""
    claims = {claim["id"]: claim for claim in sample_claims()}
    old = claims.pop(BY_OUTCOME["refuted"])
    write_claims(suite, {**claims, "renamed": old | {"id": "renamed"}})
    path = suite.path / "claims" / "test_claims.py"
    text = path.read_text(encoding="utf-8").replace(BY_OUTCOME["refuted"], "renamed")
    cut = text.index("def test_invalid")
    path.write_text(text[:cut], encoding="utf-8")


def test_a_finding_whose_claim_is_no_more_is_told_and_fails_until_all_are_blessed(suite):
    """Renamed, a leak detector would be gone; only a bless of all claims removes its finding."""
    suite.runpytest(*only("supported", "refuted", "inconclusive"), *BLESS)
    _rename(suite)
    suite.runpytest(*only("refuted"), *BLESS)
    gone = BY_OUTCOME["refuted"]
    result = suite.runpytest("claims")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1, xfailed=2)
    assert _tail(result)[0] == "Of 4 findings: 1 withdrawn."
    assert _tail(result)[1].startswith(f"WITHDRAWN  {gone}: Blessed as REFUTED, and no claim has")
    for part in (only("supported"), ["claims", "-k", "supported"]):
        suite.runpytest(*part, *BLESS)
        assert gone in findings_of(suite)["findings"]
    suite.runpytest("claims", *BLESS)
    assert gone not in findings_of(suite)["findings"]
    assert len(findings_of(suite)["findings"]) == 3
    assert suite.runpytest("claims").ret == pytest.ExitCode.OK


def test_a_gain_says_that_a_leak_is_looked_for_first(suite):
    """And how it is blessed; then it is green, its reason beside it in the findings."""
    _remeasured(suite, outcome="REFUTED")
    _again(suite, *BLESS)
    _remeasured(suite)
    told = _again(suite).stdout.str()
    assert "A gain is not green until it is blessed. Look for a leak first" in told
    assert '(--bless "the reason")' in told
    _again(suite, "--bless", "The leak was looked for.")
    assert _again(suite).ret == pytest.ExitCode.OK
    assert findings_of(suite)["findings"][STEERS]["reason"] == "The leak was looked for."


def test_other_conditions_may_be_allowed_and_another_outcome_may_not(suite):
    """What was REFUTED under other settings is not green by being SUPPORTED now."""
    _remeasured(suite, outcome="REFUTED")
    _again(suite, *BLESS)
    _remeasured(suite)
    facts = facts_of(suite)
    facts["run"]["samples"] = 8
    write_facts(suite, facts)
    result = _again(suite, "--allow-incomparable")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "not another outcome" in result.stdout.str()


def test_a_bless_leaves_other_claims_findings_and_what_became_invalid_alone(suite):
    """Only what was measured and could be judged is replaced."""
    suite.runpytest(*only("supported", "refuted"), *BLESS)
    before = findings_of(suite)
    facts = facts_of(suite)
    facts["run"]["commit"] = "later"
    write_facts(suite, facts)
    _remeasured(suite, outcome="INVALID")
    suite.runpytest(*only("supported", "inconclusive"), *BLESS)
    after = findings_of(suite)
    for name in ("supported", "refuted"):
        assert after["findings"][BY_OUTCOME[name]] == before["findings"][BY_OUTCOME[name]]
    new = after["findings"][BY_OUTCOME["inconclusive"]]
    assert after["conditions"][new["conditions"]]["commit"] == "later"


def test_findings_of_an_older_version_stop_the_run_and_stay(suite):
    """Even under --bless: what stands in the file would be lost."""
    path = suite.path / "reports" / "findings" / "organisms.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"schema": 1, "model_set": "organisms", "findings": {}}', encoding="utf-8")
    result = _again(suite, *BLESS)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*Bless them again: note the `reason` of each*"])
    assert findings_of(suite)["schema"] == 1


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_junit_xml_carries_outcome_effect_and_change(suite, workers):
    """Ten properties a claim, whatever stands in a name, with and without workers."""
    suite.runpytest(*only("supported", "inconclusive"), *BLESS)
    facts = facts_of(suite)
    claims = {claim["id"]: claim for claim in sample_claims()}
    claims[STEERS] |= {"label": HOSTILE, "change": None}
    write_claims(suite, claims)
    suite.runpytest("claims", "--junitxml=junit.xml", *workers)
    cases = {
        case.get("name"): {p.get("name"): p.get("value") for p in case.iter("property")}
        for case in ET.parse(suite.path / "junit.xml").iter("testcase")
    }
    assert all(set(told) == PROPERTIES for told in cases.values())
    supported, invalid = cases["test_supported"], cases["test_invalid"]
    assert supported["change"] == "DRIFT"
    assert supported["label"].startswith("a<b>&\"'|*x* #x00#x1B[31m")
    effect = next(c for c in record_of(suite)["claims"] if c["id"] == STEERS)["effect"]
    for key, name in (("factor", "effect_factor"), ("low", "effect_low"), ("high", "effect_high")):
        assert float(supported[name]) == effect[key]
    assert supported["p_holm"] == "0.0012"
    assert cases["test_inconclusive"]["p_holm"] == "0.66"
    assert (invalid["outcome"], invalid["change"]) == ("INVALID", "NEW")
    assert cases["test_not_applicable"]["effect_factor"] == ""
    assert facts["run"]["model_set"] == invalid["model_set"]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_the_summary_of_a_ci_step_has_the_table_once(suite, monkeypatch, workers):
    """Appended to what other steps wrote, by one process."""
    path = suite.path / "summary.md"
    path.write_text("earlier\n", encoding="utf-8")
    _remeasured(suite)
    suite.runpytest(*only("supported", "refuted"), *BLESS)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    _remeasured(suite, odd=0.3, relative_norm=0.1)
    suite.runpytest(*only("supported", "refuted"), *workers)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("earlier\n")
    assert text.count("| claim | outcome |") == 1
    assert text.count("  - suspect: dose of the native arm: relative norm 0.5 → 0.1") == 1


def test_a_summary_that_cannot_be_written_loses_nothing(suite, monkeypatch):
    """A warning in the terminal; the record, the page and the exit status are as ever."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(suite.path / "missing" / "summary.md"))
    result = _again(suite)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["warning: the summary could not be written *", "report: *"])
    assert record_of(suite)["run"]["complete"]
