"""What a benchmark found, kept as JSON beside the machine that it was found on."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import described
from prefvec.whole_files import write_whole

KEPT = Path(__file__).parent / "results"


def keep(name: str, rows: Iterable[Mapping[str, Any]], *, under: Path = KEPT, **facts: Any) -> Path:
    """Write what was found to `name`.json, in place of an earlier result.

    Rows may be found while they are written: each is kept as it comes in `name`.unfinished, where
    it lies if the benchmark is broken off. The earlier result stays until all are there.

    Args:
        name: of the benchmark and what is special in this run, e.g. "extraction".
        rows: of the table that a reader sees; the keys are the heads of its columns.
        under: the folder.
        facts: what was measured, in which settings.
    """
    beside, path = under / f"{name}.unfinished", under / f"{name}.json"
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    found: list[Mapping[str, Any]] = []
    kept = {"when": when, "machine": described(), "facts": facts, "rows": found}
    write_whole(json.dumps(kept, indent=1) + "\n", beside)
    for row in rows:
        found.append(row)
        write_whole(json.dumps(kept, indent=1) + "\n", beside)
    return beside.replace(path)
