"""`python -m prefvec.store` list, size, check, export, merge or prune: the file of answers."""

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.generation.store_file import USUAL
from prefvec.printing import say
from prefvec.store.checking import faults
from prefvec.store.exporting import export
from prefvec.store.kinds import KINDS
from prefvec.store.listing import listed, sized
from prefvec.store.merging import merge
from prefvec.store.pruning import Unwanted, prune


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0; 1 where `check` found a fault; 2 with a sentence on stderr.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (PrefvecError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m prefvec.store",
        description="See to the file in which answers and a judge's replies are kept. "
        "Needs no model.",
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: object, about: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        made.add_argument(
            "store", type=Path, nargs="?", default=USUAL, help=f"the file (default: {USUAL})"
        )
        made.set_defaults(run=run)
        return made

    command("list", _list, "say which models' answers and which judges' replies are kept")
    command("size", _size, "say where the bytes are")
    command("check", _check, "look whether the file, its tables and each row are whole")
    write = command("export", _export, "write the rows as JSON lines or Parquet")
    write.add_argument(
        "-o",
        "--output",
        type=Path,
        help="the file to write, ending in .jsonl or .parquet (default: print JSON lines)",
    )
    write.add_argument("--kind", choices=[*KINDS], default="answers", help="default: answers")
    into = commands.add_parser(
        "merge",
        help="put the rows of several files into one",
        description="Put the rows of several files into one; what is there already stays.",
    )
    into.add_argument("parts", type=Path, nargs="+", metavar="part", help="a file that is read")
    into.add_argument("--into", type=Path, required=True, help="the file that is added to")
    into.set_defaults(run=_merge)
    _prune_options(command("prune", _prune, "delete rows, and give their room back"))
    return parser


def _prune_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--model", action="append", default=[], metavar="FINGERPRINT", help="answers of this model")
    code = parser.add_mutually_exclusive_group()
    code.add_argument("--code", metavar="FINGERPRINT", help="answers of this code")
    code.add_argument(
        "--older-code", action="store_true", help="answers of any code but that of this version"
    )
    add("--judge", action="append", default=[], metavar="NAME", help="replies of this judge")
    add("--before", type=_day, metavar="YYYY-MM-DD", help="rows last put before this day")
    add("--broken", action="store_true", help="rows of which `check` finds something wrong")
    add("--earlier", action="store_true", help="tables of earlier versions, which nothing reads")
    add("--yes", action="store_true", help="really delete them; else they are only counted")


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-30") from error


def _list(options: argparse.Namespace) -> int:
    say(listed(options.store))
    return 0


def _size(options: argparse.Namespace) -> int:
    say(sized(options.store))
    return 0


def _check(options: argparse.Namespace) -> int:
    wrong = 0
    for fault in faults(options.store):
        say(fault)
        wrong += 1
    say(f"{wrong:,} faults in {options.store}." if wrong else f"{options.store} is whole.")
    return int(wrong > 0)


def _export(options: argparse.Namespace) -> int:
    count = export(options.store, options.output, KINDS[options.kind])
    if options.output is not None:
        say(f"{count:,} {options.kind}: {options.output}")
    return 0


def _merge(options: argparse.Namespace) -> int:
    merge(options.parts, options.into, tell=lambda done: say(done.summary()))
    return 0


def _prune(options: argparse.Namespace) -> int:
    unwanted = Unwanted(
        models=tuple(options.model),
        code=options.code,
        code_but=_code_of_this_version() if options.older_code else None,
        judges=tuple(options.judge),
        before=options.before,
        broken=options.broken,
        earlier=options.earlier,
    )
    say(prune(options.store, unwanted, really=options.yes).summary())
    return 0


def _code_of_this_version() -> str:
    from prefvec.generation.requests import DECIDES  # loads torch
    from prefvec.provenance import code_fingerprint

    return code_fingerprint(*DECIDES)


if __name__ == "__main__":
    raise SystemExit(main())
