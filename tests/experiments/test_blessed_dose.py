"""A finding about an organism, blessed, and measured again after the experiment was changed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DOSE = """
import prefvec.experiments.cells

prefvec.experiments.cells.KAPPAS = (0.001,)
"""
PROMPTS = """
import dataclasses

from prefvec.organisms import world_questions as material

asked = material.prompts_of


def reworded(split, count):
    first, *rest = asked(split, count)
    return [dataclasses.replace(first, text=first.text + " Please."), *rest]


material.prompts_of = reworded
"""


class Suite:
    """Runs of the self-steering claim over one store and one folder of findings."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *options, changed=""):
        """One run; `changed` is code that a plugin runs before the claims are collected.

        Returns the process and the claim's record.
        """
        (self.folder / "changes.py").write_text(
            "def pytest_collection_finish(session):\n"
            + "\n".join(f"    {line}" for line in (changed or "pass").strip().splitlines())
        )
        # What was measured is known by the code in its files, and this change is in none of them.
        shutil.rmtree(self.folder / "measured", ignore_errors=True)
        command = [sys.executable, "-m", "pytest", "claims/test_self_steering.py", "-q"]
        command += ["-p", "no:cacheprovider", "-p", "changes", "--report-dir", str(self.folder)]
        command += ["--store", str(self.folder / "kept.sqlite"), *options]
        process = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        record = json.loads((self.folder / "latest" / "verdicts.json").read_text(encoding="utf-8"))
        return process, record["claims"][0]


@pytest.fixture(scope="module")
def blessed(tmp_path_factory):
    """A suite whose finding is blessed."""
    suite = Suite(tmp_path_factory.mktemp("blessed"))
    process, claim = suite.run("--bless", "The vector steers its own model.")
    assert process.returncode == 0, process.stdout + process.stderr
    assert claim["outcome"] == "SUPPORTED"
    return suite


def test_a_changed_dose_is_a_regression_and_the_first_suspect(blessed):
    """REGRESSED, exit status 1, and the dose named first among what differs."""
    process, claim = blessed.run(changed=DOSE)
    assert process.returncode == 1
    assert claim["change"] == "REGRESSED"
    assert claim["comparison"]["suspects"][0].startswith("dose of the native arm: relative norm")
    last = process.stdout[process.stdout.index("report:") :]
    assert "REGRESSED" in last
    assert "suspect: dose of the native arm" in last


def test_a_changed_prompt_is_not_comparable(blessed):
    """NOT COMPARABLE: one reworded question is another experiment, and no regression."""
    process, claim = blessed.run(changed=PROMPTS)
    assert process.returncode == 1
    assert claim["change"] == "NOT COMPARABLE"
    assert "other texts" in claim["comparison"]["sentence"]


def test_a_changed_prompt_may_be_allowed(blessed):
    """With --allow-incomparable the run passes, and says so all the same."""
    process, claim = blessed.run("--allow-incomparable", changed=PROMPTS)
    assert process.returncode == 0, process.stdout
    assert claim["change"] == "NOT COMPARABLE"


def test_the_same_experiment_gives_the_same_finding(blessed):
    """Nothing changed: SAME, exit status 0, and no suspects."""
    process, claim = blessed.run()
    assert process.returncode == 0, process.stdout
    assert claim["change"] == "SAME"
    assert claim["comparison"]["suspects"] == []
