"""`python -m reports render verdicts.json -o page.html`: the page again, without any model."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from prefvec.errors import PrefvecError
from reports import records
from reports.page import render


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status (0, or 2 with a sentence on stderr)."""
    parser = argparse.ArgumentParser(
        prog="python -m reports",
        description="Make the verdict report from the stored record of a run. "
        "Needs neither a model nor torch.",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    make = commands.add_parser("render", help="make the page from a verdicts.json")
    make.add_argument("record", type=Path, help="the record, e.g. reports/latest/verdicts.json")
    make.add_argument(
        "-o",
        "--output",
        type=Path,
        help="the page to write (default: the record's name, ending in .html)",
    )
    options = parser.parse_args(arguments)
    output = options.output or options.record.with_suffix(".html")
    try:
        if output.resolve() == options.record.resolve():
            raise PrefvecError(f"{output} is the record itself. Give the page another name.")
        page = render(records.read(options.record))
        records.write_whole(page, output)
    except (PrefvecError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(output)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
