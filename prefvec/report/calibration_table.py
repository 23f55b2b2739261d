"""How often the verdicts are wrong: the record of the calibration, told in tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.report.calibration_record import (
    RECORD,
    Bound,
    CalibrationRecord,
    TrialKind,
    read,
)
from prefvec.report.numerals import NOT_MEASURED, percent
from prefvec.vocabulary import KINDS

BEGIN, END = "<!-- calibration -->", "<!-- /calibration -->"
PROMPTS = (24, 48, 96)
_KINDS: dict[TrialKind, str] = {
    "steers": "“steers”",
    "fails": "“fails”",
    "works": "“works”",
    "exceeds": "“exceeds”",
    "spares": "“spares”",
    "generalises": "“generalises” (over eight targets)",
    "family": "families of ten, by Holm",
    "contrast": "single contrasts, by each method",
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


def view(path: Path = RECORD) -> dict[str, object]:
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


def rows(record: CalibrationRecord, kind: TrialKind) -> list[Row]:
    """Every bounded or shown rate of a kind of claim, one row over the numbers of prompts."""
    found: dict[tuple[str, str], dict[int, Bound]] = {}
    names: dict[str, str] = {}
    for cell in record["cells"]:
        if cell["kind"] == kind:
            names[cell["key"]] = cell["name"]
            for held in cell["bounds"]:
                found.setdefault((cell["key"], held["of"]), {})[cell["n_prompts"]] = held
    return [_row(names[key], of, by_n) for (key, of), by_n in found.items()]


def summary(record: CalibrationRecord) -> list[Row]:
    """The worst of the errors, the power, and what the filter and few prompts do."""
    simulated: list[TrialKind] = [kind for kind in KINDS if kind in _KINDS]
    found = [_worst(record, kind, of) for kind in simulated for of in ("SUPPORTED", "REFUTED")]
    found.append(_worst(record, "family", "one or more significant"))
    for key, of in (
        ("steers-planned", "SUPPORTED"),
        ("fails-planned", "SUPPORTED"),
        ("works-planned", "SUPPORTED"),
        ("works-copied-planned", "SUPPORTED"),
        ("exceeds-planned", "SUPPORTED"),
        ("spares-planned", "SUPPORTED"),
        ("generalises-fails-planned", "SUPPORTED"),
        ("generalises-works-planned", "SUPPORTED"),
        ("generalises-kin", "SUPPORTED"),
        ("steers-d", "SUPPORTED"),
        ("works-d", "SUPPORTED"),
        ("fails-planned", "inert"),
    ):
        cells = [cell for cell in record["cells"] if cell["key"] == key]
        by_n = {
            cell["n_prompts"]: held for cell in cells for held in cell["bounds"] if held["of"] == of
        }
        name = f"{_KINDS[cells[0]['kind']]}: {cells[0]['name']}" if cells else key
        found.append(_row(name, of, by_n))
    return found


def table(record: CalibrationRecord) -> str:
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
        "several truths are counted, the highest rate stands, and the bound allows for "
        "Monte-Carlo error and for its being the worst of them (Bonferroni). All cells: "
        "`reports/calibration.json`."
    )
    return "\n".join([*head, *lines, "", facts])


def _worst(record: CalibrationRecord, kind: TrialKind, of: str) -> Row:
    """The highest rate of an error over the trials of a kind."""
    cells = [
        (cell["n_prompts"], held)
        for cell in record["cells"]
        if cell["kind"] == kind
        for held in cell["bounds"]
        if held["side"] == "at most" and held["of"] == of
    ]
    worst: dict[int, Bound] = {}
    for n, held in cells:
        if n not in worst or (held["rate"] or 0) > (worst[n]["rate"] or 0):
            worst[n] = held
    truths = sum(n == PROMPTS[-1] for n, _ in cells)
    name = f"{_KINDS[kind]}, wrong ({truths} truth{'s' if truths != 1 else ''})"
    return _row(name, of, worst)


def _row(name: str, of: str, by_n: Mapping[int, Bound]) -> Row:
    return Row(
        name=name,
        of=of,
        bound=_told(by_n.values()),
        rates=tuple(_rate(by_n.get(n)) for n in PROMPTS),
        within=all(held["within"] for held in by_n.values()),
    )


def _rate(held: Bound | None) -> str:
    return NOT_MEASURED if held is None else percent(held["rate"], 1)


def _told(bounds: Iterable[Bound]) -> str:
    """The bound that holds where one does; a power is asked for at the most prompts alone."""
    for held in bounds:
        if held["bound"] is not None:
            digits = 0 if round(1000 * held["bound"]) % 10 == 0 else 1
            sign = {"at most": "≤", "at least": "≥"}[held["side"]]
            return f"{sign} {percent(held['bound'], digits)}"
    return NOT_MEASURED
