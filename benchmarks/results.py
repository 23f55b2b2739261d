"""What a benchmark found, kept as JSON beside the machine that it was found on."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import described

KEPT = Path(__file__).parent / "results"


def keep(name: str, rows: Sequence[Mapping[str, Any]], *, under: Path = KEPT, **facts: Any) -> Path:
    """Write what was found to `name`.json, in place of an earlier result.

    Args:
        name: of the benchmark and what is special in this run, e.g. "extraction".
        rows: of the table that a reader sees; the keys are the heads of its columns.
        under: the folder.
        facts: what was measured, in which settings.
    """
    under.mkdir(parents=True, exist_ok=True)
    path = under / f"{name}.json"
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    kept = {"when": when, "machine": described(), "facts": facts, "rows": rows}
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return path
