"""`python -m reports render verdicts.json -o page.html`, or `table`: without any model."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from prefvec.errors import PrefvecError
from reports import markdown, records
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
    write = commands.add_parser("table", help="print the verdicts as a Markdown table")
    write.add_argument("record", type=Path, help="the record")
    write.add_argument("--into", type=Path, help="put it between the marks of this file instead")
    make.set_defaults(run=_render)
    write.set_defaults(run=_table)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (PrefvecError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _render(options: argparse.Namespace) -> None:
    output = options.output or options.record.with_suffix(".html")
    if output.resolve() == options.record.resolve():
        raise PrefvecError(f"{output} is the record itself. Give the page another name.")
    records.write_whole(render(records.read(options.record)), output)
    print(output)


def _table(options: argparse.Namespace) -> None:
    text = markdown.table(records.read(options.record))
    if options.into is None:
        print(text)
    else:
        markdown.put(text, options.into)


if __name__ == "__main__":
    raise SystemExit(main())
