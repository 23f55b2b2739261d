"""`python -m prefvec.exchange export …` and `… import …`: files for other tools, and from them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.exchange.conventions import CONVENTIONS, convention_called
from prefvec.exchange.export import FORMATS, export
from prefvec.exchange.foreign import read_foreign
from prefvec.exchange.judged import judged_in
from prefvec.exchange.llama_cpp_rules import refusals
from prefvec.models.language_model import LanguageModel
from prefvec.organisms.named_models import load
from prefvec.printing import say
from prefvec.vectors.vector import PreferenceVector


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for.

    Returns:
        0, or 1 if llama.cpp would refuse the file of `check`.

    Raises:
        PrefvecError: see `export`, `read_foreign` and `judged_in`.
    """
    options = _parser().parse_args(arguments)
    return int(options.do(options) or 0)


def _export(options: argparse.Namespace) -> None:
    model = _model(options)
    judged = None
    if options.record is not None:
        if options.claim is None:
            raise PrefvecError("A record holds many verdicts. Name one claim by --claim ID.")
        judged = judged_in(options.record, claim=options.claim, model=model, arm=options.arm)
    if options.file is not None:
        vector = PreferenceVector.load(options.file, model=model)
    elif judged is not None:
        vector = judged.arm
    else:
        raise PrefvecError(
            "There is no vector to export. Give the file of one, or --record and --claim of one "
            "that was judged."
        )
    written = export(
        vector,
        options.out,
        format=options.format,
        model=model,
        coefficient=options.coefficient,
        judged=judged,
    )
    say("\n".join((written.summary(), *written.use)))


def _import(options: argparse.Namespace) -> None:
    convention_called(options.convention)
    model = _model(options)
    found = read_foreign(
        options.file, convention=options.convention, model=model, trait=options.trait
    )
    vector = found.middle if options.block is None else found.at(options.block)
    vector.save(options.out)
    say(f"{options.out}: {vector.summary()}. There are vectors at {_blocks(found.sites)}.")


def _check(options: argparse.Namespace) -> bool:
    reasons = refusals(options.file)
    say("\n".join(reasons) or f"llama.cpp takes {options.file} as a control vector.")
    return bool(reasons)


def _model(options: argparse.Namespace) -> LanguageModel:
    return load(options.model, device=options.device, dtype=options.dtype)


def _blocks(sites: Sequence[object]) -> str:
    return "; ".join(map(str, sites))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m prefvec.exchange", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="export|import|check")
    out = commands.add_parser("export", help="write a vector for another tool")
    out.add_argument(
        "file", nargs="?", type=Path, help="of PreferenceVector.save; else that of a judged claim"
    )
    out.add_argument("--format", required=True, choices=FORMATS)
    out.add_argument("--out", required=True, type=Path, metavar="FILE")
    out.add_argument(
        "--coefficient", type=float, default=1.0, metavar="C", help="what scale 1 is (default: 1)"
    )
    out.add_argument("--record", type=Path, metavar="FILE", help="a verdicts.json")
    out.add_argument("--claim", metavar="ID", help="the claim of the record that judged it")
    out.add_argument("--arm", metavar="NAME", help="its arm, e.g. adapted")
    out.set_defaults(do=_export)
    into = commands.add_parser("import", help="read another tool's file as a vector of a model")
    into.add_argument("file", type=Path)
    into.add_argument("--convention", metavar="|".join(CONVENTIONS))
    into.add_argument("--block", type=int, metavar="N", help="from 0 (default: the middle one)")
    into.add_argument("--trait", default="preference", help="what it is a preference for")
    into.add_argument("--out", required=True, type=Path, metavar="FILE")
    into.set_defaults(do=_import)
    check = commands.add_parser("check", help="say why llama.cpp would refuse a file")
    check.add_argument("file", type=Path)
    check.set_defaults(do=_check)
    for command in (out, into):
        command.add_argument("--model", required=True, help="an organism, alias, hub id or folder")
        command.add_argument("--device")
        command.add_argument("--dtype")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PrefvecError as reason:
        sys.exit(str(reason))
