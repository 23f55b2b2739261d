"""The workflow for GitHub Actions: valid, harmless, and calling what the Makefile has."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PATH = ROOT / ".github" / "workflows" / "claims.yml"
WORKFLOW = yaml.safe_load(PATH.read_text(encoding="utf-8"))
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_the_workflow_follows_githubs_own_schema():
    """The oracle is the schema of workflows that check-jsonschema carries."""
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [program, "--builtin-schema", "vendor.github-workflows", PATH]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_it_runs_on_each_push_and_pull_request():
    """YAML 1.1 reads the key `on` as true."""
    assert set(WORKFLOW[True]) == {"push", "pull_request"}


def test_every_make_target_that_it_calls_exists():
    """Nothing but make is run, so that a checkout can do the same."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    called = [step["run"].split() for step in STEPS if "run" in step]
    assert {words[0] for words in called} == {"make"}
    needed = {"test", "integration", "smoke", "verdicts"}
    assert {words[1] for words in called} == needed <= set(targets)


def test_the_arguments_of_make_reach_pytest():
    """`make -n` prints what would be run."""
    command = ["make", "-n", "-o", ".venv/ready", "verdicts", "ARGS=--junitxml=x.xml"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 'pytest claims/ -m "not slow and not matrix" --junitxml=x.xml' in told


def test_it_may_read_the_code_and_nothing_else():
    """Least permissions, a time limit for every job, and actions held to a major version."""
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in WORKFLOW["jobs"].values())
    assert all(job["timeout-minutes"] <= 90 for job in WORKFLOW["jobs"].values())
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z/-]+@v\d+", name) for name in used)


def test_answers_of_other_code_are_never_reused():
    """The key holds the sources' hash, and there is no fallback to an older key."""
    (restore,) = [s for s in STEPS if s.get("uses", "").startswith("actions/cache/restore")]
    assert "hashFiles('prefvec/**', 'fixtures/**'" in restore["with"]["key"]
    assert "restore-keys" not in restore["with"]


def test_the_report_is_kept_of_a_failed_run_too():
    """The run that regressed is the one to be read."""
    (upload,) = [s for s in STEPS if s.get("uses", "").startswith("actions/upload-artifact")]
    assert upload["if"] == "${{ !cancelled() }}"
    assert upload["with"]["path"] == "reports/latest"
