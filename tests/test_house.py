"""The house keeps its floors: imports go downward, and the evidence wing needs no torch."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_imports_go_downward_only():
    """The import contracts of pyproject.toml hold."""
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


MODULES = [
    "prefvec",
    "prefvec.verdicts.holm",
    "prefvec.calibration.__main__",
    "prefvec.report.page",
]


@pytest.mark.parametrize("module", MODULES)
def test_evidence_and_report_import_no_torch(module):
    """Judging and reporting load neither torch nor transformers."""
    program = (
        f"import sys, {module}; sys.exit(bool({{'torch', 'transformers'}} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr


def test_no_two_test_files_have_one_name():
    """Pytest imports them by their basename, so that one would be taken for the other."""
    files = [path for room in ("claims", "tests") for path in (ROOT / room).rglob("test_*.py")]
    names = [path.name for path in files]
    assert len(names) > 100
    assert sorted(names) == sorted(set(names))
