"""What the room shows to others: a few names, each loaded when it is first used."""

import subprocess
import sys

import pytest

from prefvec import report


def test_every_name_that_the_room_shows_is_there():
    """And no other."""
    assert [name for name in report.__all__ if not callable(getattr(report, name))] == []
    with pytest.raises(AttributeError, match="no attribute 'shapes_of_old'"):
        _ = report.shapes_of_old


def test_the_room_costs_nothing_before_it_is_used():
    """No templates, no numbers, no models: `import prefvec.report` alone loads none of those."""
    heavy = {"jinja2", "numpy", "scipy", "torch", "pytest"}
    program = f"import sys, prefvec.report; sys.exit(sorted({heavy!r} & set(sys.modules)) or 0)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert found.returncode == 0, found.stderr.decode()
