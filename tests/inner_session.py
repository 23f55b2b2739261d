"""A session of pytest inside the test that asks for it: no process, no second import of torch."""

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class Said:
    """How a session ended.

    Attributes:
        status: its exit status.
        text: what it wrote, to either stream.
    """

    status: int
    text: str


def session(*arguments: str) -> Said:
    """Run pytest with the suite's own settings, in its root folder."""
    written = io.StringIO()
    own = ["-c", str(ROOT / "pytest.ini"), "--rootdir", str(ROOT), "--capture=no", "-q"]
    paths = [str(ROOT / each) if each.startswith("claims/") else each for each in arguments]
    with redirect_stdout(written), redirect_stderr(written):
        status = pytest.main([*own, "-p", "no:cacheprovider", *paths])
    return Said(status=int(status), text=written.getvalue())
