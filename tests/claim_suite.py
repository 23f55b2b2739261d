"""A small claims folder in a pytest session of its own, for tests of the plugin."""

import json
from pathlib import Path

# pytester forgets what its sessions import, and neither numpy nor a class that others have already
# been checked against can be imported twice.
import scipy.stats  # noqa: F401

import prefvec.pytest_plugin.instrument
import prefvec.pytest_plugin.judge
import prefvec.pytest_plugin.recorder  # noqa: F401
from prefvec.report import record as records
from tests.sample_record import sample_claims, sample_record

ROOT = Path(__file__).parent.parent
CONFTEST = """
import json
import pathlib
import pytest

HERE = pathlib.Path(__file__).parent


def read(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def described(claim_log, pytestconfig):
    facts = read("facts.json")
    facts["run"]["mode"] = "quick" if pytestconfig.getoption("--quick") else "full"
    claim_log.describe(**facts)
    return claim_log


@pytest.fixture
def claim(described):
    def judge(name):
        record = read("claims.json")[name]
        described.add(record)
        described.settle(record)
    return judge
"""
BY_OUTCOME = {
    "supported": "self-steering-mini-mistral",
    "refuted": "adapted-exposed-mini-gemma",
    "inconclusive": "adapted-exposure-0-mini-llama",
    "invalid": "adapted-exposure-0-mini-gemma",
    "not_applicable": "raw-mini-gemma",
}
WHY = "Looked at, and found sound."
BLESS = ("--bless", WHY)
_MARKS = {"not_applicable": "@pytest.mark.raw\n"}
_PLUGINS_OWN = ("started", "finished", "duration_s", "complete", "selected", "collected", "command")


def make_suite(pytester, monkeypatch):
    """A claims folder with a test for every outcome; its claims and facts can be rewritten."""
    # On a CI server these tests must not write into the summary of their own job.
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    pytester.makeini(
        "[pytest]\npythonpath = .\nfilterwarnings = error\nmarkers =\n    raw: about raw transfer\n"
    )
    pytester.makeconftest(CONFTEST)
    record = sample_record()
    run = {key: value for key, value in record["run"].items() if key not in _PLUGINS_OWN}
    write_facts(pytester, {"run": run, "models": record["models"], "splits": record["splits"]})
    write_claims(pytester, {claim["id"]: claim for claim in sample_claims()})
    folder = pytester.mkdir("claims")
    body = "\n\n".join(
        f"{_MARKS.get(name, '')}def test_{name}(claim):\n    claim({claim!r})\n"
        for name, claim in BY_OUTCOME.items()
    )
    folder.joinpath("test_claims.py").write_text(
        f'"""Claims in the sense of prefvec."""\n\nimport pytest\n\n{body}\n', encoding="utf-8"
    )
    pytester.syspathinsert(ROOT)
    return pytester


def only(*names):
    """The tests of these outcomes, as arguments of pytest."""
    return [f"claims/test_claims.py::test_{name}" for name in names]


def write_claims(pytester, claims):
    """Replace what the claims' tests measure, by claim id."""
    _write(pytester.path / "claims.json", claims)


def facts_of(pytester):
    """What the run is described with: run, models and splits."""
    return json.loads((pytester.path / "facts.json").read_text(encoding="utf-8"))


def write_facts(pytester, facts):
    """Replace what the run is described with."""
    _write(pytester.path / "facts.json", facts)


def record_of(pytester):
    """The record of the last session."""
    return records.read(pytester.path / "reports" / "latest" / "verdicts.json")


def findings_of(pytester):
    """The findings file, as it is on disk."""
    path = pytester.path / "reports" / "findings" / "organisms.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")
