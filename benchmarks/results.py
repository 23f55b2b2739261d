"""What a benchmark found, kept as JSON beside the machine that it was found on."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import described

KEPT = Path(__file__).parent / "results"


def keep(name: str, found: dict[str, Any], *, under: Path = KEPT) -> Path:
    """Write `found` to `name`.json, in place of an earlier result.

    Args:
        name: of the benchmark and what is special in this run, e.g. "extraction".
        found: what JSON takes.
        under: the folder.
    """
    under.mkdir(parents=True, exist_ok=True)
    path = under / f"{name}.json"
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    kept = {"when": when, "machine": described(), **found}
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return path
