"""A whole run of the claims from an empty store: what it costs, and where its minutes go.

    python -m benchmarks.whole "make verdicts" claims/ -m "not slow and not matrix"

The name is the command that a user would give; what stands behind it is given to pytest as it
stands. Report, store and activations lie in a folder of the run's own, which is removed
afterwards unless `--into` names it. The run may fail, by a finding that changed; how it ended is
kept.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.results import KEPT, keep

ROOT = Path(__file__).parents[1]


def bytes_under(folder: Path) -> int:
    """Of all files in a folder, however deep."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def shares(looks: dict[str, float], most: dict[str, int], minutes: float) -> list[dict[str, Any]]:
    """A row for each kind of work, the longest first.

    Args:
        looks: how often each was seen.
        most: bytes that the process held at most while it was.
        minutes: of the whole run.

    Example:
        >>> shares({"written": 30.0, "read": 10.0}, {"written": 2 * 10**9, "read": 10**9}, 4.0)[0]
        {'work': 'written', 'minutes': 3.0, 'share, %': 75.0, 'most memory, GB': 2.0}
    """
    total = sum(looks.values())
    ordered = sorted(looks.items(), key=lambda each: -each[1])
    return [
        {
            "work": work,
            "minutes": minutes * n / total,
            "share, %": 100 * n / total,
            "most memory, GB": most[work] / 1e9,
        }
        for work, n in ordered
    ]


def run(arguments: list[str], folder: Path) -> dict[str, Any]:
    """Run the claims once, all they keep in one folder; what it took."""
    report, store, counted = folder / "report", folder / "kept" / "answers.sqlite", folder / "looks"
    shutil.copytree(ROOT / "reports" / "findings", report / "findings")
    store.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "pytest", "-p", "benchmarks.minutes", *arguments]
    command += ["--report-dir", str(report), "--store", str(store)]
    begun = time.perf_counter()
    ended = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PREFVEC_MINUTES": str(counted)}, check=False
    )
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    record = json.loads((report / "latest" / "verdicts.json").read_text(encoding="utf-8"))
    return {
        **json.loads(counted.read_text(encoding="utf-8")),
        "claims": len(record["claims"]) + len(record["known_answers"] or []),
        "answers": record["run"]["cache"]["misses"],
        "minutes": seconds / 60,
        "processor minutes": (used.ru_utime + used.ru_stime) / 60,
        "peak memory, GB": used.ru_maxrss * 1024 / 1e9,
        "kept on disk, MB": bytes_under(store.parent) / 1e6,
        "exit status": ended.returncode,
    }


def main() -> None:
    """Run, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", help="which the result is kept by, as whole-COMMAND")
    parser.add_argument("--keep-under", type=Path, default=KEPT)
    parser.add_argument("--into", type=Path, help="an empty folder for report and store, to keep")
    options, arguments = parser.parse_known_args()
    with ExitStack() as stack:
        folder = options.into or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = run(arguments, folder)
    rows = shares(found.pop("looks"), found.pop("most bytes"), found["minutes"])
    for row in rows:
        print(f"{row['minutes']:8.1f} min {row['share, %']:5.1f} %  {row['work']}")
    name = "-".join(re.findall(r"[a-z0-9]+", options.command.removeprefix("make ").lower()))
    facts = {"command": options.command, **found}
    kept = keep(f"whole-{name}", rows, under=options.keep_under, **facts)
    print(f"kept in {kept}")


if __name__ == "__main__":
    main()
