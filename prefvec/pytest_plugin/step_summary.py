"""The run as Markdown for the summary of a CI job, what changed first."""

import re
from collections.abc import Sequence
from pathlib import Path

from prefvec.report import instrument_check
from prefvec.report.changes import CHANGE_WORDS, ORDER, changed_rows, headline
from prefvec.report.effects import FOOTER, told
from prefvec.report.numerals import needed
from prefvec.report.plain_words import plain_claim
from prefvec.report.record import Claim, Record

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def summary(record: Record) -> str:
    """State of the run, changed rows with their suspects, and the table of verdicts."""
    parts = [f"## Verdicts: {_text(record['run']['model_set'])}", _state(record), headline(record)]
    known = instrument_check.headline(record)
    parts += [_text(known)] if known is not None else []
    rows = changed_rows(record)
    if rows:
        lines = []
        for row in rows:
            lines.append(f"- **{row.change}** {_text(row.claim)}: {_text(row.why)}")
            lines += [f"  - suspect: {_text(suspect)}" for suspect in row.suspects]
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, _table(record["claims"])]) + "\n"


def append(record: Record, path: Path) -> str | None:
    """Append the summary to a file; what went wrong, if it cannot be written."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(summary(record))
    except OSError as error:
        return (
            f"warning: the summary could not be written to GITHUB_STEP_SUMMARY ({error}). "
            "The run and its report are not touched by this; make that path writable."
        )
    return None


def _state(record: Record) -> str:
    run = record["run"]
    if run["mode"] == "quick":
        said = "**Smoke run: no evidence, nothing compared.**"
    else:
        said = "Full run."
    if not run["complete"]:
        said += f" **Incomplete: {len(record['claims'])} of {run['selected']} selected claims.**"
    elif run["selected"] < run["collected"]:
        said += f" {run['selected']} of {run['collected']} claims were selected, all of them run."
    else:
        said += f" Complete: {run['selected']} claims."
    return said


def _table(claims: Sequence[Claim]) -> str:
    """One row per claim: those that changed first and in bold, the others in their order."""
    rows = ["| claim | outcome | effect [95 %] | needed | change |", "|---|---|---|---|---|"]
    for claim in map(plain_claim, sorted(claims, key=_gravity)):
        change = CHANGE_WORDS[claim["change"]]
        label = f" ({_text(claim['label'])})" if claim["label"] else ""
        cells = (
            _text(claim["title"]),
            f"**{claim['outcome']}**{label}",
            _text(told(claim)),
            _text(needed(claim)),
            f"**{change}**" if claim["change"] in ORDER else change,
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, "", FOOTER])


def _gravity(claim: Claim) -> int:
    return ORDER.index(claim["change"]) if claim["change"] in ORDER else len(ORDER)


def _text(value: str) -> str:
    """Text that Markdown shows as it is, on one line, whatever stands in it."""
    return _SPECIAL.sub(r"\\\1", _UNPRINTABLE.sub(" ", value))
