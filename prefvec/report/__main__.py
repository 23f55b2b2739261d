"""`python -m prefvec.report`: pages, tables and sentences from stored records, without a model."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.printing import say
from prefvec.report import calibration_record, headlines, markdown
from prefvec.report import calibration_table as calibration
from prefvec.report import record as records
from prefvec.report.page import render
from prefvec.whole_files import write_whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status (0, or 2 with a sentence on stderr)."""
    parser = argparse.ArgumentParser(
        prog="python -m prefvec.report",
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
    write.add_argument("--mark", default="verdicts", help="what the marks say (default: verdicts)")
    words = commands.add_parser("headlines", help="print the three findings in words")
    words.add_argument("record", type=Path, nargs="+", help="records, of one run or several")
    words.add_argument("--into", type=Path, help="put them between the marks of this file instead")
    words.add_argument(
        "--mark", default=headlines.MARK, help=f"what the marks say (default: {headlines.MARK})"
    )
    words.set_defaults(run=_headlines)
    rates = commands.add_parser("calibration", help="print how often the verdicts are wrong")
    rates.add_argument("--record", type=Path, default=calibration_record.RECORD, help="the record")
    rates.add_argument("--into", type=Path, help="put it between the marks of this file instead")
    make.set_defaults(run=_render)
    write.set_defaults(run=_table)
    rates.set_defaults(run=_calibration)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (PrefvecError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _render(options: argparse.Namespace) -> None:
    unpacked = options.record.with_name(options.record.name.removesuffix(".gz"))
    output = options.output or unpacked.with_suffix(".html")
    if output.resolve() == options.record.resolve():
        raise PrefvecError(f"{output} is the record itself. Give the page another name.")
    write_whole(render(records.read(options.record)), output)
    say(output)


def _table(options: argparse.Namespace) -> None:
    _tell(markdown.table(records.read(options.record)), options.into, headlines.marks(options.mark))


def _headlines(options: argparse.Namespace) -> None:
    text = headlines.headlines([records.read(path) for path in options.record])
    _tell(text, options.into, headlines.marks(options.mark))


def _calibration(options: argparse.Namespace) -> None:
    record = calibration_record.read(options.record)
    if record is None:
        raise PrefvecError(f"There is no record at {options.record}. Run `make calibrate`.")
    _tell(calibration.table(record), options.into, (calibration.BEGIN, calibration.END))


def _tell(text: str, into: Path | None, marks: tuple[str, str]) -> None:
    """Print a text, or put it between two marks of a file where one is named."""
    if into is None:
        say(text)
    else:
        markdown.put(text, into, marks)


if __name__ == "__main__":
    raise SystemExit(main())
