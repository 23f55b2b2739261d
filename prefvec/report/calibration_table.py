"""How often the verdicts are wrong: the record of the calibration, read, checked and told."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.report.numerals import NOT_MEASURED, percent
from prefvec.report.shapes import ListOf, MapOf, Maybe, OneOf, mismatches
from prefvec.shipped import CALIBRATION

RECORD = CALIBRATION
BEGIN, END = "<!-- calibration -->", "<!-- /calibration -->"
PROMPTS = (24, 48, 96)
SCHEMA = 1
_KINDS = {
    "steers": "“steers”",
    "fails": "“fails”",
    "works": "“works”",
    "exceeds": "“exceeds”",
    "spares": "“spares”",
    "family": "families of ten, by Holm",
    "contrast": "single contrasts, by each method",
}
_BOUND = {
    "of": str,
    "side": OneOf(("at most", "at least", "shown")),
    "bound": Maybe(float),
    "rate": Maybe(float),
    "within": bool,
}
_SHAPE = {
    "schema": int,
    "fingerprint": str,
    "settings": {"runs": int, "seed": int, "one_in": int, "versions": MapOf(str)},
    "cells": ListOf(
        {
            "key": str,
            "kind": OneOf(tuple(_KINDS)),
            "truth": str,
            "name": str,
            "n_prompts": int,
            "runs": int,
            "counts": MapOf(int),
            "bounds": ListOf(_BOUND),
        }
    ),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table: a rate with few, some and many prompts.

    Attributes:
        name: what is true, in words.
        of: what is counted.
        bound: such as "≤ 5 %", or "—" if it is only shown.
        rates: by `PROMPTS`, as text.
        within: whether none of them is out of its bound.
    """

    name: str
    of: str
    bound: str
    rates: tuple[str, ...]
    within: bool = True


def read(path: Path = RECORD) -> dict[str, Any] | None:
    """The record, checked; None if there is none.

    Raises:
        PrefvecError: if the file is not the record of a calibration.
    """
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        wrong = mismatches(record, _SHAPE)
        if not wrong and record["schema"] != SCHEMA:
            wrong = [f"its schema is {record['schema']}, not {SCHEMA}"]
    except (OSError, ValueError, RecursionError) as error:
        wrong = [str(error)]
    if wrong:
        raise PrefvecError(
            f"{path} is not the record of a calibration: {wrong[0]}. Run `make calibrate`."
        )
    return record


def view(path: Path = RECORD) -> dict[str, Any]:
    """What the page shows: the tables, or under "problem" why there are none."""
    try:
        record = read(path)
    except PrefvecError as error:  # a run's verdicts are not lost over it
        return {"problem": str(error)}
    if record is None:
        return {"problem": "No calibration is recorded. Run `make calibrate`."}
    settings = record["settings"]
    return {
        "problem": None,
        "runs": f"{settings['runs']:,}",
        "one_in": f"{settings['one_in']:,}",
        "prompts": PROMPTS,
        "summary": summary(record),
        "groups": [(title, rows(record, kind)) for kind, title in _KINDS.items()],
        "fingerprint": record["fingerprint"],
        "versions": ", ".join(f"{name} {v}" for name, v in settings["versions"].items()),
    }


def rows(record: Mapping[str, Any], kind: str) -> list[Row]:
    """Every bounded or shown rate of a kind of claim, one row over the numbers of prompts."""
    found: dict[tuple[str, str], dict[int, Mapping[str, Any]]] = {}
    names: dict[str, str] = {}
    for cell in record["cells"]:
        if cell["kind"] == kind:
            names[cell["key"]] = cell["name"]
            for held in cell["bounds"]:
                found.setdefault((cell["key"], held["of"]), {})[cell["n_prompts"]] = held
    return [_row(names[key], of, by_n) for (key, of), by_n in found.items()]


def summary(record: Mapping[str, Any]) -> list[Row]:
    """The worst of the errors, the power, and what the filter and few prompts do."""
    found = [
        _worst(record, kind, of)
        for kind in ("steers", "fails", "works", "exceeds", "spares")
        for of in ("SUPPORTED", "REFUTED")
    ]
    found.append(_worst(record, "family", "one or more significant"))
    for key, of in (
        ("steers-planned", "SUPPORTED"),
        ("fails-planned", "SUPPORTED"),
        ("works-planned", "SUPPORTED"),
        ("works-copied-planned", "SUPPORTED"),
        ("exceeds-planned", "SUPPORTED"),
        ("spares-planned", "SUPPORTED"),
        ("steers-d", "SUPPORTED"),
        ("works-d", "SUPPORTED"),
        ("fails-planned", "inert"),
    ):
        by_n = {
            cell["n_prompts"]: held
            for cell in record["cells"]
            if cell["key"] == key
            for held in cell["bounds"]
            if held["of"] == of
        }
        name = next((cell["name"] for cell in record["cells"] if cell["key"] == key), key)
        found.append(_row(f"{_KINDS[key.split('-')[0]]}: {name}", of, by_n))
    return found


def table(record: Mapping[str, Any]) -> str:
    """The summary in Markdown."""
    head = [
        "| truth | came out | bound | " + " | ".join(f"{n} prompts" for n in PROMPTS) + " |",
        "|---|---|---|" + "---|" * len(PROMPTS),
    ]
    lines = [
        f"| {row.name} | {row.of} | {row.bound} | {' | '.join(row.rates)} |"
        for row in summary(record)
    ]
    settings = record["settings"]
    facts = (
        f"{settings['runs']:,} simulated runs a cell, by the rules of the claims themselves "
        f"(fingerprint `{record['fingerprint']}`), before Holm except for the families. Where "
        "several truths are counted, the highest rate stands. All cells: "
        "[`reports/calibration.json`](reports/calibration.json)."
    )
    return "\n".join([*head, *lines, "", facts])


def _worst(record: Mapping[str, Any], kind: str, of: str) -> Row:
    """The highest rate of an error over the trials of a kind."""
    cells = [
        (cell["n_prompts"], held)
        for cell in record["cells"]
        if cell["kind"] == kind
        for held in cell["bounds"]
        if held["side"] == "at most" and held["of"] == of
    ]
    worst: dict[int, Mapping[str, Any]] = {}
    for n, held in cells:
        if n not in worst or (held["rate"] or 0) > (worst[n]["rate"] or 0):
            worst[n] = held
    truths = sum(n == PROMPTS[-1] for n, _ in cells)
    name = f"{_KINDS[kind]}, wrong ({truths} truth{'s' if truths != 1 else ''})"
    return _row(name, of, worst)


def _row(name: str, of: str, by_n: Mapping[int, Mapping[str, Any]]) -> Row:
    return Row(
        name=name,
        of=of,
        bound=_told(by_n.values()),
        rates=tuple(_rate(by_n.get(n)) for n in PROMPTS),
        within=all(held["within"] for held in by_n.values()),
    )


def _rate(held: Mapping[str, Any] | None) -> str:
    return NOT_MEASURED if held is None else percent(held["rate"], 1)


def _told(bounds: Iterable[Mapping[str, Any]]) -> str:
    """The bound that holds where one does; a power is asked for at the most prompts alone."""
    for held in bounds:
        if held["bound"] is not None:
            digits = 0 if round(1000 * held["bound"]) % 10 == 0 else 1
            sign = {"at most": "≤", "at least": "≥"}[held["side"]]
            return f"{sign} {percent(held['bound'], digits)}"
    return NOT_MEASURED
