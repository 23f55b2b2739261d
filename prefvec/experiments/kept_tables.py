"""Tables in files beside the completions, that grow while several runs write to them."""

import json
from pathlib import Path
from typing import Any

from prefvec.whole_files import write_whole

Table = dict[str, dict[str, Any]]
"""Rows by name; a row may grow, and a number in it stays."""


def load(path: Path) -> Table:
    """The rows that are kept; none of a file that is not there, or was damaged from outside."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        path.unlink()
        return {}


def save(path: Path, rows: Table) -> None:
    """Keep rows, with what another run has put there meanwhile."""
    there = load(path)
    merged = {name: there.get(name, {}) | rows.get(name, {}) for name in there | rows}
    write_whole(json.dumps(merged), path)
