"""Progress is told to people who watch, in a line to a log, and to nobody under -q."""

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
TASK = """
import time

import pytest

from prefvec.pytest_plugin import terminal_progress

terminal_progress.WORTH_A_LINE = 0.0


@pytest.fixture
def progress(pytestconfig):
    return terminal_progress.TerminalProgress(pytestconfig)


def test_a_task(progress):
    progress.note("mind the pebble")
    with progress.task("mini-llama: searching, adapted", 40) as tell:
        for done in range(1, 41):
            time.sleep(0.02)
            tell(done, 40)


def test_a_training(pytestconfig, monkeypatch, capfd):
    def keep(name, count, seconds, *, unit):
        with capfd.disabled():
            print("kept", name, count, unit)

    monkeypatch.setattr(terminal_progress, "AGAIN", 0.0)
    monkeypatch.setattr(terminal_progress, "_KEPT_FROM", 0.0)
    progress = terminal_progress.TerminalProgress(pytestconfig, keep=keep)
    with progress.task("mini-llama: tuning", 0, unit="step") as tell:
        for done in range(1, 4):
            tell(done, 3)
"""


@pytest.fixture
def session(tmp_path):
    """Runs a session of one task; returns what its standard output got."""
    (tmp_path / "test_task.py").write_text(TASK)
    (tmp_path / "conftest.py").write_text("")

    def run(*options: str, terminal: bool) -> str:
        ours, theirs = pty.openpty() if terminal else os.pipe()
        if terminal:
            termios.tcsetwinsize(theirs, (24, 120))
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120"}
        process = subprocess.Popen(
            [*command, "--rootdir", str(tmp_path), *options],
            stdout=theirs,
            stderr=theirs,
            cwd=tmp_path,
            env=environment,
        )
        os.close(theirs)
        said = bytearray()
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux ends a terminal whose other side is closed with an error
                break
            if not piece:
                break
            said += piece
        os.close(ours)
        assert process.wait() == 0, said.decode()
        return said.decode()

    return run


def test_a_terminal_sees_which_arm_how_many_the_rate_and_the_time_left(session):
    """And the bar is gone when the task is over."""
    said = session(terminal=True)
    assert "mini-llama: searching, adapted" in said
    assert "/40" in said
    assert "answer/s" in said
    assert "<00:0" in said


def test_a_log_gets_a_line_and_no_control_characters(session):
    """What was done, and how long it took."""
    said = session(terminal=False)
    assert "mini-llama: searching, adapted: 40 answers in" in said
    assert not {"\r", "\x1b", "\b"} & set(said)


def test_a_log_is_told_of_work_that_is_not_over(session):
    """Now and then, with how much there is of it; of a training by its steps."""
    said = session("-k", "training", terminal=False)
    assert "mini-llama: tuning: 1 of 3 steps after" in said
    assert "mini-llama: tuning: 3 steps in" in said
    assert "kept mini-llama 3 step" in said


@pytest.mark.parametrize("terminal", [True, False])
def test_a_note_is_a_line_of_its_own(session, terminal):
    """At once, and not under -q."""
    assert "\nmind the pebble" in session(terminal=terminal).replace("\r", "")
    assert "pebble" not in session("-q", terminal=terminal)


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_is_quiet(session, terminal):
    """Under -q nothing of a task is said."""
    assert "searching" not in session("-q", terminal=terminal)
