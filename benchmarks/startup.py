"""What the plugin adds to a start of pytest in somebody else's project.

    python -m benchmarks.startup [--runs 9]

Timed are `pytest --help` and the run of one test that does nothing, in a folder that knows nothing
of prefvec; each with the plugin and with `-p no:prefvec`, in turns. Printed are the medians of the
wall-clock times, their ratio, and the median of the differences between neighbours.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
WITHOUT = ("-p", "no:prefvec")
COMMANDS = {"pytest --help": ("--help",), "one test that does nothing": ("-q",)}


def seconds(folder: Path, *options: str) -> float:
    """One run of pytest in a folder, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def compared(folder: Path, options: tuple[str, ...], runs: int) -> tuple[float, float, float]:
    """Medians with and without the plugin, and of the difference, after one run of each."""
    for extra in ((), WITHOUT):
        seconds(folder, *options, *extra)
    pairs = [(seconds(folder, *options), seconds(folder, *options, *WITHOUT)) for _ in range(runs)]
    ours, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    return ours, bare, statistics.median(one - other for one, other in pairs)


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    print(f"{'':28}{'with':>9}{'without':>10}{'ratio':>8}{'difference':>13}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_theirs.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
        for what, options in COMMANDS.items():
            ours, bare, more = compared(folder, options, runs)
            print(f"{what:28}{ours:8.3f}s{bare:9.3f}s{ours / bare:8.2f}{1000 * more:+10.0f} ms")


if __name__ == "__main__":
    main()
