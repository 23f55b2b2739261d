"""How often the decision rules are wrong: `python -m prefvec.calibration` tries them all.

Each trial is played some thousands of times by the real rules on simulated answers. Its runs
come in chunks with seeds of their own, so that the record depends neither on the number of
workers nor on interruptions. Finished cells are kept, and a second call goes on from there.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from prefvec.calibration.record import Kept, problems, record, write
from prefvec.calibration.runs import RUNS, SEED, calibrate
from prefvec.errors import PrefvecError

RECORD = Path("reports/calibration.json")
KEPT = Path(".prefvec/calibration.json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns 1 if a rate is out of its bound, naming the cell."""
    parser = argparse.ArgumentParser(prog="python -m prefvec.calibration", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each cell")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--output", type=Path, default=RECORD, help="the record to write")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where finished cells are kept")
    parser.add_argument("--fresh", action="store_true", help="play finished cells again")
    options = parser.parse_args(arguments)
    kept = Kept(path=options.kept, runs=options.runs, seed=SEED)
    try:
        if options.fresh:
            kept.forget()
        found = calibrate(options.runs, options.workers, kept)
        made = record(found, runs=options.runs, seed=SEED, rules=kept.rules)
        write(made, options.output)
    except KeyboardInterrupt:
        print("\nInterrupted. Finished cells are kept; run the same command again to go on.")
        return 130
    except PrefvecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    kept.forget()
    wrong = problems(made)
    print(f"{len(made['cells'])} cells of {options.runs} runs: {options.output}")
    print("\n".join(wrong) if wrong else "Every rate lies within its bound.")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
