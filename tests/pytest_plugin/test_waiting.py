"""Threads wait briefly in a run of claims, and as before anywhere else."""

import subprocess
import sys
from pathlib import Path

import pytest

from prefvec.pytest_plugin.waiting import SETTINGS, wait_briefly

ROOT = Path(__file__).parents[2]
LOOK = """
import os, sys
import pytest

class Look:
    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config):
        print("found", os.environ.get("GOMP_SPINCOUNT"), "torch" in sys.modules)
        sys.stdout.flush()
        os._exit(0)

pytest.main([*sys.argv[1:], "-p", "no:cacheprovider"], plugins=[Look()])
"""


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_a_user_has_decided_stays(setting):
    """Whichever way it was said."""
    environment = {setting: "as I say"}
    wait_briefly(environment)
    assert environment == {setting: "as I say"}


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["claims/", "--plan"], "found 1000 False"),
        (["claims/", "--device", "cpu"], "found 1000"),
        (["tests/"], "found None"),
    ],
)
def test_it_is_said_before_torch_is_loaded(arguments, found, monkeypatch):
    """In a run of claims; a session without them is left alone."""
    for setting in SETTINGS:
        monkeypatch.delenv(setting, raising=False)
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert found in ended.stdout, ended.stderr[-2000:]
