"""The rows of a run that are not as they were blessed, for the terminal and for CI."""

from dataclasses import dataclass

from prefvec.report.record import Record
from prefvec.report.record.run import NotRun
from prefvec.vocabulary import Change

ORDER = (
    *("REGRESSED", "IMPROVED", "NOT REPRODUCED", "NOT COMPARABLE", "DRIFT"),
    *("WITHDRAWN", "NOT RUN"),
)
"""The changes that are told, the gravest first. A gain is as grave as a loss until somebody has
looked for a leak."""

CHANGE_WORDS: dict[Change | None, str] = {
    None: "not compared",
    "SAME": "unchanged",
    "REGRESSED": "regressed",
    "IMPROVED": "improved",
    "NOT REPRODUCED": "not reproduced from the same inputs",
    "DRIFT": "drift",
    "NEW": "new, never blessed",
    "NOT COMPARABLE": "not comparable with the blessed finding",
}
"""How a claim stands to what was blessed of it, as page and tables say it."""


@dataclass(frozen=True, kw_only=True)
class ChangedRow:
    """One finding that is not as it was blessed.

    Attributes:
        claim: its id.
        change: one of ORDER.
        why: in a sentence, with numbers.
        suspects: other differences, the likeliest first.
    """

    claim: str
    change: str
    why: str
    suspects: tuple[str, ...] = ()


def changed_rows(record: Record) -> list[ChangedRow]:
    """Every finding that changed or was not measured, the gravest first."""
    rows = [
        ChangedRow(
            claim=claim["id"],
            change=claim["change"],
            why=(claim.get("comparison") or {}).get("sentence", ""),
            suspects=tuple((claim.get("comparison") or {}).get("suspects", ())),
        )
        for claim in record["claims"]
        if claim["change"] in ORDER
    ]
    rows += [_unmeasured(missing) for missing in record["run"].get("not_run") or []]
    return sorted(rows, key=lambda row: ORDER.index(row.change))


def _unmeasured(missing: NotRun) -> ChangedRow:
    was = f"Blessed as {missing['outcome']}"
    if missing.get("withdrawn"):
        return ChangedRow(
            claim=missing["id"],
            change="WITHDRAWN",
            why=f"{was}, and no claim has this name any more: it was renamed or removed. "
            "A --bless of all claims removes its finding.",
        )
    return ChangedRow(
        claim=missing["id"], change="NOT RUN", why=f"{was} and not measured in this run."
    )


def headline(record: Record) -> str:
    """In one line, how the run stands to the blessed findings."""
    if record["run"]["mode"] == "quick":
        return "A smoke run is compared with nothing."
    changes = [claim["change"] for claim in record["claims"]]
    unmeasured = record["run"].get("not_run") or []
    withdrawn = sum(bool(each.get("withdrawn")) for each in unmeasured)
    new, not_run = changes.count("NEW"), len(unmeasured) - withdrawn
    compared = len([change for change in changes if change not in (None, "NEW")])
    changed = compared - changes.count("SAME")
    findings = compared + len(unmeasured)
    if not findings:
        return "No finding was blessed for these claims before."
    if not (changed or unmeasured):
        told = f"All {findings} findings as blessed" if findings > 1 else "The finding as blessed"
    else:
        parts = [f"{changed} changed"] if changed else []
        parts += [f"{withdrawn} withdrawn"] if withdrawn else []
        parts += [f"{not_run} not run"] if not_run else []
        told = f"Of {findings} finding{'s' * (findings > 1)}: {', '.join(parts)}"
    return f"{told}; {new} new." if new else f"{told}."
