"""What the plugin adds to a start of pytest in somebody else's project.

    python -m benchmarks.startup [--runs 9]

Timed are `pytest --help` and the run of one test that does nothing, in a folder that knows nothing
of prefvec; each with the plugin and with `-p no:prefvec`, in turns. Printed are medians, of the
wall-clock time and of the processor's, which other jobs on the machine disturb less; the ratio of
each two, and the median of the differences between neighbours.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.results import keep

ROOT = Path(__file__).parents[1]
WITHOUT = ("-p", "no:prefvec")
CLOCKS = ("wall clock", "processor")
COMMANDS = {"pytest --help": ("--help",), "one test that does nothing": ("-q",)}


def seconds(folder: Path, *options: str) -> tuple[float, float]:
    """Wall-clock and processor time of pytest in a folder, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
    ended, after = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return ended - begun, busy


def compared(folder: Path, options: tuple[str, ...], runs: int) -> list[list[float]]:
    """For either clock: medians with the plugin, without it, and of their difference."""
    for extra in ((), WITHOUT):
        seconds(folder, *options, *extra)
    turns = [(seconds(folder, *options), seconds(folder, *options, *WITHOUT)) for _ in range(runs)]
    return [
        [
            statistics.median(ours[clock] for ours, _ in turns),
            statistics.median(bare[clock] for _, bare in turns),
            statistics.median(ours[clock] - bare[clock] for ours, bare in turns),
        ]
        for clock in range(len(CLOCKS))
    ]


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    print(f"{'':40}{'with':>9}{'without':>10}{'ratio':>8}{'difference':>13}")
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_theirs.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
        for what, options in COMMANDS.items():
            found = compared(folder, options, runs)
            for clock, (ours, bare, more) in zip(CLOCKS, found, strict=True):
                label, ratio = f"{what}, {clock}", ours / bare
                print(f"{label:40}{ours:8.3f}s{bare:9.3f}s{ratio:8.2f}{1000 * more:+10.0f} ms")
                row = {"start": label, "with, s": ours, "without, s": bare, "ratio": ratio}
                rows.append(row | {"difference, ms": 1000 * more})
    print(f"kept in {keep('startup', rows, runs=runs)}")


if __name__ == "__main__":
    main()
