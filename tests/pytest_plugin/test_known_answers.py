"""Known answers in a run: told apart from the claims, and a wrong one convicts the instrument."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

import pytest

from prefvec.generation.store_file import StoreError
from prefvec.pytest_plugin import instrument
from prefvec.report import instrument_check
from prefvec.report.page import render
from tests.claim_suite import BLESS, findings_of, make_suite, only, record_of
from tests.sample_record import sample_known, sample_record

pytestmark = pytest.mark.integration

pytest_plugins = ["pytester"]

TEST = """
import pytest

@pytest.fixture
def instrument(described):
    return described.know

@pytest.mark.known_answers
def test_known(instrument):
    instrument({record!r})
"""
NAME = "raw-transfer-mini-mistral-to-identical-twin"


@pytest.fixture
def suite(pytester, monkeypatch):
    """A claims folder with a test for every outcome, and room for known answers."""
    made = make_suite(pytester, monkeypatch)
    made.makeini(
        "[pytest]\npythonpath = .\nfilterwarnings = error\nmarkers =\n    raw: x\n"
        "    known_answers: x\n"
    )
    return made


def add_known(suite, **changes):
    """A known-answer test beside the claims."""
    folder = suite.path / "claims" / "known_answers"
    folder.mkdir()
    record = sample_known(NAME, "REFUTED", **changes)
    (folder / "test_known.py").write_text(TEST.format(record=record), encoding="utf-8")


def test_known_answers_are_counted_apart_from_the_claims(suite):
    """The record holds them in a place of their own, and the run is complete with both."""
    add_known(suite)
    result = suite.runpytest("claims/known_answers", *only("supported"))
    result.assert_outcomes(passed=2)
    record = record_of(suite)
    assert [known["id"] for known in record["known_answers"]] == [NAME]
    assert len(record["claims"]) == 1
    assert record["run"]["complete"]
    assert record["run"]["selected"] == 1
    result.stdout.fnmatch_lines(["Known answers: all 1 came out as expected."])


def test_known_answers_alone_leave_a_record_and_a_table(suite):
    """With no claim selected each known answer has a row."""
    add_known(suite)
    result = suite.runpytest("claims/known_answers")
    assert record_of(suite)["claims"] == []
    result.stdout.fnmatch_lines([f"{NAME}  REFUTED  needed REFUTED  as expected"])


def test_a_wrong_instrument_fails_its_test_and_says_so(suite):
    """The needed and the measured outcome and the reason stand in the message and on the page."""
    add_known(suite, needed="SUPPORTED")
    result = suite.runpytest("claims/known_answers", *only("supported"))
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*The instrument is wrong about*needed SUPPORTED, measured REFUTED*same model*"]
    )
    page = (suite.path / "reports" / "latest" / "verdicts.html").read_text(encoding="utf-8")
    assert "The instrument is wrong" in page


def test_a_wrong_instrument_blesses_nothing(suite):
    """Findings of an instrument that contradicts a known answer are not kept."""
    add_known(suite, needed="SUPPORTED")
    result = suite.runpytest("claims/known_answers", *only("supported"), *BLESS)
    result.stdout.fnmatch_lines(["Nothing was blessed*"])
    with pytest.raises(FileNotFoundError):
        findings_of(suite)


def test_on_a_smoke_run_a_wrong_instrument_is_expected(suite):
    """Too few prompts decide little: the test is an expected failure, and the page has no alarm."""
    add_known(suite, needed="SUPPORTED")
    suite.runpytest("claims/known_answers", "--quick").assert_outcomes(xfailed=1)
    page = (suite.path / "reports" / "latest" / "verdicts.html").read_text(encoding="utf-8")
    assert "trust none of these verdicts" not in page


def test_a_known_answer_has_properties_of_its_own_in_junit_xml(suite):
    """Its id, the outcome and whether it is right."""
    add_known(suite)
    suite.runpytest("claims/known_answers", "--junitxml=junit.xml")
    found = {
        each.get("name"): each.get("value")
        for each in ET.parse(suite.path / "junit.xml").iter("property")
    }
    assert found == {
        "known_answer": NAME,
        "outcome": "REFUTED",
        "needed": "REFUTED",
        "agrees": "true",
    }


def test_the_page_shows_known_answers_as_text():
    """Their titles are escaped, and the check stands beside what was needed."""
    page = render(sample_record())
    assert "&lt;null-vector-mini-mistral&gt;" in page
    assert "not SUPPORTED" in page


def test_without_known_answers_the_page_says_how_to_measure_them():
    """A run that left them out is not silent about it."""
    record = sample_record() | {"known_answers": []}
    assert "-m known_answers" in render(record)
    assert instrument_check.headline(record) is None


def test_claims_are_compared_with_the_findings_of_their_own_models(suite):
    """Known answers about other models come first, and must not choose the findings file."""
    add_known(suite)
    suite.runpytest(*only("supported"), *BLESS)
    path = suite.path / "claims" / "known_answers" / "test_known.py"
    described = path.read_text(encoding="utf-8").replace(
        "    return described.know",
        '    claim_log.describe(run={"mode": "full", "model_set": "others"})\n'
        '    claim_log.describe(run={"models_are": "organisms"})\n    return claim_log.know',
    )
    path.write_text(described.replace("instrument(described)", "instrument(claim_log)"))
    suite.runpytest("claims/known_answers", *only("supported"))
    assert record_of(suite)["claims"][0]["change"] == "SAME"


OF_WEIGHTS = """
import pytest

@pytest.mark.known_answers(of="smollm2-135m-instruct")
def test_of_weights(claim_log):
    pass

@pytest.mark.known_answers
def test_of_organisms(claim_log):
    pass
"""
SMOLLM2 = ("--source", "smollm2-135m-instruct", "--target", "gemma-3-270m")


@pytest.mark.parametrize(
    ("arguments", "run"),
    [
        ((), "test_of_organisms"),
        (("-m", "known_answers"), "test_of_organisms"),
        (SMOLLM2, "test_of_weights"),
        (("--source", "gemma-3-270m", "--target", "mistral-7b"), ""),
        ((*SMOLLM2, "-m", "known_answers"), "test_of_weights test_of_organisms"),
    ],
)
def test_known_answers_about_weights_in_use_run_where_these_are_a_source(suite, arguments, run):
    """Those about organisms run as ever."""
    folder = suite.path / "claims" / "known_answers"
    folder.mkdir()
    (folder / "test_known.py").write_text(OF_WEIGHTS, encoding="utf-8")
    told = suite.runpytest("claims/known_answers", "--collect-only", "-q", *arguments).outlines
    assert [line.partition("::")[2] for line in told if "::" in line] == run.split()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (OSError(28, "No space left on device"), "cannot be kept in here ([Errno 28] No space"),
        (StoreError("The store is no store."), "The store is no store."),
    ],
)
def test_where_nothing_can_be_kept_the_first_known_answer_ends_the_run(monkeypatch, reason, said):
    """In a sentence and with status 4, as the first claim would."""
    known = SimpleNamespace(claim=None, pair=None)

    def full(*_, **__):
        raise reason

    monkeypatch.setattr(instrument, "models_of", lambda *_: ())
    lab = SimpleNamespace(options=SimpleNamespace(store=Path("here/answers.sqlite")))
    put = instrument.Instrument(SimpleNamespace(lab=lab, recall=full), SimpleNamespace())
    with pytest.raises(pytest.exit.Exception, match=re.escape(said)) as ended:
        put(known, nodeid="")
    assert ended.value.returncode == pytest.ExitCode.USAGE_ERROR
