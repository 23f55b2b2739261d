"""The plugin, in small pytest sessions of its own: exit statuses, files, table and log."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from prefvec.pytest_plugin.claim_log import ClaimLog
from prefvec.pytest_plugin.terminal import reason, verdict_rows
from prefvec.report import record as records
from tests.claim_suite import (
    BLESS,
    BY_OUTCOME,
    ROOT,
    WHY,
    facts_of,
    findings_of,
    make_suite,
    only,
    record_of,
    write_claims,
    write_facts,
)
from tests.sample_record import sample_claims, sample_record

pytestmark = pytest.mark.integration

pytest_plugins = ["pytester"]


@pytest.fixture
def suite(pytester, monkeypatch):
    """A claims folder with a test for every outcome."""
    return make_suite(pytester, monkeypatch)


def test_each_outcome_is_shown_as_the_protocol_says(suite):
    """Unblessed: one passes, two fail, one is an error, one is skipped; exit status 1."""
    result = suite.runpytest("claims", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=2, errors=1, skipped=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*ERROR at call of test_invalid*", "INVALID: 23 % of*"])
    result.stdout.fnmatch_lines(["*ERROR claims/test_claims.py::test_invalid - INVALID: 23 % *"])
    assert "Traceback" not in result.stdout.str()


def test_an_invalid_claim_alone_makes_the_exit_status_one(suite):
    """An error counts."""
    assert suite.runpytest(*only("invalid")).ret == pytest.ExitCode.TESTS_FAILED


def test_the_record_and_the_page_hold_what_was_run(suite):
    """The plugin's own facts are in the record, the test's id in its claim."""
    suite.runpytest("claims")
    record = record_of(suite)
    assert [claim["id"] for claim in record["claims"]] == list(BY_OUTCOME.values())
    assert record["claims"][0]["nodeid"].startswith("claims/")
    run = record["run"]
    assert (run["complete"], run["selected"], run["collected"]) == (True, 5, 5)
    assert run["command"].startswith("pytest claims")
    assert run["duration_s"] > 0
    page = (suite.path / "reports" / "latest" / "verdicts.html").read_text(encoding="utf-8")
    assert all(f'id="{name}"' in page for name in BY_OUTCOME.values())


def test_the_terminal_ends_with_the_table_and_the_path_of_the_page(suite):
    """Claim, outcome, effect with interval, what decided; and no control characters."""
    result = suite.runpytest("claims")
    result.stdout.fnmatch_lines(
        [
            "=* verdicts: organisms, full run =*",
            "  claim * outcome * effect [[]95 %[]]",
            "The three findings: 1 supported, 1 refuted, 1 not applicable",
            "  self-steering-mini-mistral *SUPPORTED * ×1.?? [[]1.??, 1.??[]]",
            "  raw-mini-gemma * NOT APPLICABLE * —",
            "      needed < 25 % of native; decided by: mini-mistral is 128 wide and *",
            "What the adapter has read: 1 inconclusive, 1 invalid",
            "An effect is the odd part at the full dose, a factor of words per answer, unless *",
            "report: *verdicts.html",
            "No finding was blessed for these claims before.",
        ]
    )
    table = result.stdout.str().partition("verdicts: organisms")[2].splitlines()[1:]
    assert all(len(line) <= 100 for line in table if not line.startswith("report:"))
    assert "\x1b" not in result.stdout.str()
    quiet = suite.runpytest("claims", "-q").stdout.str()
    assert "self-steering-mini-mistral" in quiet
    assert "verdicts.html" not in suite.runpytest("claims", "-qq").stdout.str()


def test_below_a_row_stands_what_its_effect_is_of_and_what_decided_it():
    """Of one that is SUPPORTED, only the former, and only where it is no words."""
    claims = {claim["id"]: claim for claim in sample_record()["claims"]}
    supported, refuted = claims[BY_OUTCOME["supported"]], claims[BY_OUTCOME["refuted"]]
    assert reason(supported) == ""
    supported["measure"] = "formal over casual sentences"
    assert reason(supported) == "Effect: formal over casual sentences."
    said = reason(refuted)
    assert "needed ≥ ×1.25, > 50 % of native; decided by: " in said
    (unmet,) = [part for part in refuted["components"] if part["passed"] is False]
    assert unmet["sentence"] in said
    assert "would decide" not in said


def test_below_one_that_is_inconclusive_stands_what_would_decide_it():
    """How many more prompts, or that no number of them would, as the record has it."""
    claim = next(c for c in sample_record()["claims"] if c["outcome"] == "INCONCLUSIVE")
    for out in (
        "About 21 more prompts would decide, if means and spread stay as they are.",
        "No feasible number of prompts would decide this: the effect lies below 0.06, and too near "
        "it to be called smaller.",
    ):
        claim["power"]["to_decide"] = out
        assert reason(claim).endswith(f" {out}")
    del claim["power"]["to_decide"]  # a record of old
    assert "would decide" not in reason(claim)


def test_a_change_that_all_claims_share_has_no_column():
    """Where they differ, each row says its own."""
    claims = sample_record()["claims"]
    assert {row[-1] for row in verdict_rows(claims)} > {"unchanged", "regressed"}
    same = [claim for claim in claims if claim["change"] == "SAME"]
    assert {len(row) for row in verdict_rows(same)} == {3}


def test_findings_that_were_not_run_are_one_line(suite):
    """Of many only the number is told; the record has all of them."""
    everything = ("supported", "refuted", "inconclusive", "not_applicable")
    suite.runpytest(*only(*everything), *BLESS)
    file = suite.path / "reports" / "findings" / "organisms.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    known = content["findings"]["self-steering-mini-mistral"]
    content["findings"] |= {f"more-{k}": known for k in range(40)}
    file.write_text(json.dumps(content), encoding="utf-8")
    lines = suite.runpytest(*only("supported")).stdout.str().splitlines()
    assert [line for line in lines if line.startswith("NOT RUN")] == [
        "NOT RUN  43 findings that this run did not measure; the report names them."
    ]
    assert not any("more-7" in line for line in lines)
    assert len(record_of(suite)["run"]["not_run"]) == 43


def test_blessing_makes_known_negative_findings_expected(suite):
    """Blessed once with a reason, the next run passes with expected failures; INVALID never."""
    names = ("supported", "refuted", "inconclusive", "not_applicable")
    reason = "adapted-exposed-mini-gemma=The map reads too little."
    result = suite.runpytest("claims", *BLESS, "--bless-reason", reason)
    result.assert_outcomes(passed=1, xfailed=2, skipped=1, errors=1)
    result.stdout.fnmatch_lines(["4 findings blessed in *organisms.json"])
    file = findings_of(suite)
    assert BY_OUTCOME["invalid"] not in file["findings"]
    kept = file["findings"]["adapted-exposed-mini-gemma"]
    assert (kept["outcome"], kept["reason"]) == ("REFUTED", "The map reads too little.")
    assert len(kept["odd"]) == 96

    again = suite.runpytest(*only(*names), "-rx")
    again.assert_outcomes(passed=1, xfailed=2, skipped=1)
    assert again.ret == pytest.ExitCode.OK
    again.stdout.fnmatch_lines(["XFAIL * - REFUTED, as blessed: The map reads too little."])
    assert {claim["change"] for claim in record_of(suite)["claims"]} == {"SAME"}


def test_a_reason_survives_a_bless_that_does_not_give_one(suite):
    """As long as the claim is the same; one that is new takes the reason of the bless."""
    reason = "adapted-exposed-mini-gemma=The map reads too little."
    suite.runpytest(*only("refuted"), *BLESS, "--bless-reason", reason)
    suite.runpytest("claims", *BLESS)
    file = findings_of(suite)
    kept = file["findings"]
    assert kept["adapted-exposed-mini-gemma"]["reason"] == "The map reads too little."
    assert kept["adapted-exposure-0-mini-llama"]["reason"] == WHY
    assert kept["self-steering-mini-mistral"]["reason"] == WHY


def test_a_regression_fails_the_run_and_is_on_the_page(suite):
    """What was blessed as SUPPORTED and is now REFUTED."""
    suite.runpytest(*only("supported"), *BLESS)
    claims = {claim["id"]: claim for claim in sample_claims()}
    claims[BY_OUTCOME["supported"]]["outcome"] = "REFUTED"
    write_claims(suite, claims)
    result = suite.runpytest(*only("supported"))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*REGRESSED. It was blessed as SUPPORTED and is now REFUTED (*"])
    assert record_of(suite)["claims"][0]["change"] == "REGRESSED"
    page = (suite.path / "reports" / "latest" / "verdicts.html").read_text(encoding="utf-8")
    assert "▼ regressed" in page


def test_an_incomparable_run_fails_unless_allowed(suite):
    """Other sampling settings than those blessed."""
    suite.runpytest(*only("supported"), *BLESS)
    facts = facts_of(suite)
    facts["run"]["samples"] = 8
    write_facts(suite, facts)
    refused = suite.runpytest(*only("supported"))
    assert refused.ret == pytest.ExitCode.TESTS_FAILED
    refused.stdout.fnmatch_lines(["*sampling samples 4 → 8*"])
    assert suite.runpytest(*only("supported"), "--allow-incomparable").ret == pytest.ExitCode.OK


def test_findings_of_claims_that_did_not_run_are_named(suite):
    """A verdict that is missing is not one that stands."""
    suite.runpytest(*only("supported", "refuted"), *BLESS)
    suite.runpytest(*only("supported"))
    missing = [{"id": BY_OUTCOME["refuted"], "outcome": "REFUTED"}]
    assert record_of(suite)["run"]["not_run"] == missing


def test_a_smoke_run_compares_nothing_and_fails_on_nothing_but_invalid(suite):
    """And cannot be blessed."""
    suite.runpytest(*only("supported"), *BLESS)
    result = suite.runpytest("claims", "--quick")
    result.assert_outcomes(passed=1, xfailed=2, skipped=1, errors=1)
    assert {claim["change"] for claim in record_of(suite)["claims"]} == {None}
    page = (suite.path / "reports" / "latest" / "verdicts.html").read_text(encoding="utf-8")
    assert "Smoke run" in page
    both = suite.runpytest("claims", "--quick", *BLESS)
    assert both.ret == pytest.ExitCode.USAGE_ERROR
    both.stderr.fnmatch_lines(["*nothing of it can be blessed*"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--bless-reason", "a=b"], "give both"),
        ([*BLESS, "--bless-reason", "no sentence"], "CLAIM=SENTENCE"),
        (["--bless"], "expected one argument"),
        (["--bless", ""], "gives no reason"),
        (["--bless", "claims/"], "gives no reason"),
    ],
    ids=["without-bless", "without-sentence", "without-reason", "empty", "a-folder-for-a-reason"],
)
def test_a_reason_that_would_be_lost_is_a_usage_error(suite, options, said):
    """Before anything is run."""
    result = suite.runpytest("claims", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{said}*"])


def test_selecting_claims_makes_the_run_partial_and_complete(suite):
    """All that was selected was run; more could have been."""
    suite.runpytest("claims", "-m", "raw")
    run = record_of(suite)["run"]
    assert (run["complete"], run["selected"], run["collected"]) == (True, 1, 5)


def test_a_run_that_stops_early_is_incomplete(suite):
    """Here by -x, after the first failure; nothing is said about the rest."""
    suite.runpytest("claims", "-x")
    record = record_of(suite)
    assert not record["run"]["complete"]
    assert len(record["claims"]) == 2


def test_a_test_that_adds_and_never_settles_hides_nothing(suite):
    """Its test passes, the run does not."""
    path = suite.path / "claims" / "test_forgetful.py"
    path.write_text(
        "import json, pathlib\n\n\ndef test_forgets(described):\n"
        "    claims = json.loads(pathlib.Path('claims.json').read_text(encoding='utf-8'))\n"
        f"    described.add(claims[{BY_OUTCOME['refuted']!r}])\n",
        encoding="utf-8",
    )
    result = suite.runpytest("claims/test_forgetful.py")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_workers_and_one_process_write_the_samerecord_of(suite):
    """Under xdist the claims travel on the reports, and the controller writes and blesses."""
    suite.runpytest("claims", "-p", "no:cacheprovider", *BLESS)
    alone, blessed_alone = record_of(suite), findings_of(suite)
    (suite.path / "reports/findings/organisms.json").unlink()
    result = suite.runpytest("claims", "-n", "2", *BLESS)
    result.assert_outcomes(passed=1, xfailed=2, skipped=1, errors=1)
    together = record_of(suite)

    def by_id(record):
        claims = [claim | {"seconds": None} for claim in record["claims"]]  # they differ by load
        return sorted(claims, key=lambda claim: claim["id"])

    assert by_id(together) == by_id(alone)
    assert together["run"]["complete"]
    assert together["run"]["selected"] == 5
    assert together["models"] == alone["models"]
    assert findings_of(suite) == blessed_alone


def test_a_killed_run_leaves_the_claims_it_finished(suite):
    """SIGKILL in the second claim: the first is on disk, the page says the run was cut short."""
    slow = suite.path / "claims" / "test_slow.py"
    slow.write_text(
        "import time\n\n\n"
        f"def test_first(claim):\n    claim({BY_OUTCOME['supported']!r})\n\n\n"
        "def test_second(claim):\n    time.sleep(60)\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "claims/test_slow.py", "-q"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    path = suite.path / "reports" / "latest" / "verdicts.json"
    page = path.with_suffix(".html")
    with subprocess.Popen(
        command, cwd=suite.path, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        until = time.monotonic() + 30
        while not page.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    record = records.read(path)
    assert [claim["id"] for claim in record["claims"]] == [BY_OUTCOME["supported"]]
    assert record["run"]["finished"] is None
    assert "was cut short: 1 of 2 selected claims" in page.read_text(encoding="utf-8")


def test_tests_without_claims_write_nothing(suite):
    """The library's own tests leave the last report alone."""
    suite.makepyfile("def test_plain(): pass")
    assert suite.runpytest("test_tests_without_claims_write_nothing.py").ret == 0
    assert not (suite.path / "reports").exists()


def test_the_engineering_log_has_the_outcomes_and_escapes_everything(suite):
    """A parameter's id and a captured print, both hostile."""
    path = suite.path / "claims" / "test_hostile.py"
    path.write_text(
        "import pytest\n\n\n"
        "@pytest.mark.parametrize('x', [1], ids=['<img src=x onerror=alert(1)>'])\n"
        "def test_x(x):\n    print('<script>alert(2)</script>')\n    assert not x\n",
        encoding="utf-8",
    )
    suite.runpytest("claims", "--metadata", "<b>key</b>", "<script>alert(3)</script>")
    log = (suite.path / "reports" / "latest" / "log.html").read_text(encoding="utf-8")
    data = log[log.index('data-jsonblob="') :].split('"')[1]
    for raw in ("<img", "<script", "<b>"):
        assert raw not in data
    # The page's script unescapes the attribute once and then sets inner HTML.
    assert "&amp;lt;img src=x onerror=alert(1)&amp;gt;" in data
    assert "&amp;lt;script&amp;gt;alert(3)" in data
    assert "INCONCLUSIVE" in data
    assert "Verdict" in log


@pytest.mark.parametrize(
    ("log", "link"),
    [
        ("reports/latest/log.html", "verdicts.html"),
        ("elsewhere/x.html", "../reports/latest/verdicts.html"),
    ],
)
def test_the_engineering_log_leads_to_the_report_wherever_it_is_written(suite, log, link):
    """By a relative address, so that both can be moved together."""
    suite.runpytest("claims", f"--html={log}")
    text = (suite.path / log).read_text(encoding="utf-8")
    assert f'<a href="{link}">The verdict report</a>' in text
    assert (suite.path / log).parent.joinpath(link).resolve().exists()


def test_a_smoke_run_is_not_failed_for_want_of_prompts(tmp_path):
    """Under --quick an undecided positive control is no error, and a failed check still is."""
    log = ClaimLog(tmp_path)
    log.describe(run={"mode": "quick", "model_set": "organisms", "models_are": "organisms"})

    def ending(*lacking: str | None) -> str:
        claim = {
            "outcome": "INVALID",
            "sentence": "It cannot be told.",
            "change": None,
            "blessed": None,
            "components": [
                {"role": "precondition", "about": about, "passed": False} for about in lacking
            ],
        }
        return log.ending(claim)[0]

    assert ending("assay sensitivity") == "xfail"
    assert ending("assay sensitivity", "assay sensitivity") == "xfail"
    assert ending(None) == ending("assay sensitivity", None) == "error"
