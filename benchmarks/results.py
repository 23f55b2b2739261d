"""What a benchmark found, kept as JSON beside its command and the machine that it was found on."""

import json
import shlex
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import described
from prefvec.whole_files import write_whole

KEPT = Path(__file__).parent / "results"


def command() -> str:
    """What this process was started by, as it would be typed."""
    module = getattr(sys.modules["__main__"], "__spec__", None)
    started = sys.argv[:1] if module is None else ["-m", module.name]
    return shlex.join(["python", *started, *sys.argv[1:]])


def keep(name: str, rows: Iterable[Mapping[str, Any]], *, under: Path = KEPT, **facts: Any) -> Path:
    """Write what was found to `name`.json, in place of an earlier result.

    Rows may be found while they are written: each is kept as it comes in `name`.unfinished, where
    it lies if the benchmark is broken off. The earlier result stays until all are there. Kept, too,
    are the day, the machine and the command.

    Args:
        name: of the benchmark and what is special in this run, e.g. "extraction".
        rows: of the table that a reader sees; the keys are the heads of its columns.
        under: the folder.
        facts: what was measured, in which settings.
    """
    beside, path = under / f"{name}.unfinished", under / f"{name}.json"
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    found: list[Mapping[str, Any]] = []
    about = {"when": when, "command": command(), "machine": described(), "facts": facts}
    kept = about | {"rows": found}
    write_whole(json.dumps(kept, indent=1) + "\n", beside)
    for row in rows:
        found.append(row)
        write_whole(json.dumps(kept, indent=1) + "\n", beside)
    return beside.replace(path)
