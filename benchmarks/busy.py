"""What small maps cost on a busy machine, with threads that wait awake and with ones that give up.

    python -m benchmarks.busy [--fits 20]

Ridge maps of an organism's width are fitted by as many threads as there are cores, once on an idle
machine and once beside another process that multiplies matrices with as many. "awake" is how
torch's threads wait by default, "briefly" how they do in a run of claims
(`prefvec.pytest_plugin.waiting`). The best that a busy machine could give is twice the idle time.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.results import keep
from prefvec.pytest_plugin.waiting import SETTINGS, wait_briefly

FITS = """
import sys, time
from benchmarks.adapters import paired_rows
from prefvec.adapters import ridge
rows = paired_rows(1000, 128)
ridge(*rows)
start = time.perf_counter()
for _ in range(int(sys.argv[1])):
    ridge(*rows)
print(time.perf_counter() - start)
"""
BESIDE = """
import torch
a = torch.randn(1024, 1024)
while True:
    a @ a
"""
BESIDE_FROM = 5.0
"""Seconds after which the other process has loaded its libraries and multiplies."""


def environment(*, briefly: bool) -> dict[str, str]:
    """This process's own, with nothing said of waiting, or what a run of claims says."""
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    clean.pop("OMP_NUM_THREADS", None)
    if briefly:
        wait_briefly(clean)
    return clean


def seconds(fits: int, *, briefly: bool) -> float:
    """So many fits in a process of their own, its start left out."""
    found = subprocess.run(
        [sys.executable, "-c", FITS, str(fits)],
        env=environment(briefly=briefly),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(found.stdout)


@contextmanager
def another() -> Generator[None]:
    """Another process that keeps every core busy inside the block."""
    other = subprocess.Popen([sys.executable, "-c", BESIDE], env=environment(briefly=False))
    time.sleep(BESIDE_FROM)
    try:
        yield
    finally:
        other.kill()
        other.wait()


def rows(fits: int) -> Iterator[dict[str, Any]]:
    """Times and their ratio to the default on an idle machine."""
    idle = [seconds(fits, briefly=briefly) for briefly in (False, True)]
    with another():
        busy = [seconds(fits, briefly=briefly) for briefly in (False, True)]
    for machine, found in (("idle", idle), ("busy", busy)):
        for waiting, took in zip(("awake", "briefly"), found, strict=True):
            yield {
                "machine": machine,
                "threads wait": waiting,
                "ms a fit": 1000 * took / fits,
                "ratio": took / idle[0],
            }


def main() -> None:
    """Measure, and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fits", type=int, default=20)
    fits = parser.parse_args().fits
    keep("busy", rows(fits), fits=fits, shape="1000x128", threads=os.cpu_count() or 1)


if __name__ == "__main__":
    main()
