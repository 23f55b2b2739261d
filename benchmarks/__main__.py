"""Every benchmark that needs minutes, one after the other, and last the tables made of them.

    python -m benchmarks

Each runs in a process of its own. One that fails stops none of the others: it is named at the end,
and the exit status is 1. What cannot be measured on this machine, such as a page where none was
made, is named with its reason by the benchmark itself and is no failure.
"""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
EVERY = (
    "decoding",
    "metrics",
    "adapters",
    "busy",
    "cells mini-mistral mini-llama mini-gemma",
    "page",
    "startup",
    "extraction",
    "extraction --random-1b --pairs 8 --repeats 2 --dtype bfloat16",
    "floor",
    "growth",
    "sweep --prompts 12 --samples 1",
    "engines",
    "store_scale --answers 1000000",
    "tables",
)
"""Modules of this folder, with their options; `tables` comes last."""


def failed(every: Sequence[str]) -> list[str]:
    """Run benchmarks in turn; those that failed.

    Args:
        every: modules of this folder, each with its options.
    """
    found: list[str] = []
    for each in every:
        name, *options = shlex.split(each)
        print(f"== python -m benchmarks.{each}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *options]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            found.append(each)
    return found


def main() -> None:
    """Run all of them, and name at the end what failed."""
    found = failed(EVERY)
    for each in found:
        print(f"python -m benchmarks.{each} failed; its error stands above.", file=sys.stderr)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
