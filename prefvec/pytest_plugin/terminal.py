"""The end of a terminal run: the table of verdicts, and what changed since they were blessed.

The table has 100 columns at most. A claim that is not SUPPORTED says below its row what decided it.
"""

from collections.abc import Sequence
from textwrap import wrap

import pytest

from prefvec.report import changes
from prefvec.report.changes import CHANGE_WORDS, changed_rows
from prefvec.report.effects import FOOTER, measured, of_what
from prefvec.report.instrument_check import headline, wrong
from prefvec.report.numerals import NOT_MEASURED, needed
from prefvec.report.plain_words import plain_claim
from prefvec.report.question_rows import questions
from prefvec.report.record import Claim, Record
from prefvec.vocabulary import OutcomeWord

WIDTH = 100
"""Columns that a line has at most."""
_COLOURS: dict[OutcomeWord, dict[str, bool]] = {
    "SUPPORTED": {"green": True},
    "REFUTED": {"red": True},
    "INCONCLUSIVE": {"yellow": True},
    "INVALID": {"purple": True},
    "NOT APPLICABLE": {},
}
_CHANGE_COLOURS: dict[str, dict[str, bool]] = {
    "REGRESSED": {"red": True},
    "NOT COMPARABLE": {"red": True},
    "NOT REPRODUCED": {"red": True},
    "WITHDRAWN": {"red": True},
    "DRIFT": {"yellow": True},
    "IMPROVED": {"yellow": True},
}
_HEADER = ("claim", "outcome", "effect [95 %]", "change")
_BELOW = " " * 6
_NAMED = 3
"""Findings that were not run and are named; of more only the number is told."""


def verdict_rows(claims: Sequence[Claim]) -> list[tuple[str, ...]]:
    """Id, outcome, effect with its interval, and the change unless all claims have the same."""
    changed = len({claim["change"] for claim in claims}) > 1
    return [
        (claim["id"], claim["outcome"], measured(claim))
        + ((CHANGE_WORDS[claim["change"]],) if changed else ())
        for claim in claims
    ]


def reason(claim: Claim) -> str:
    """What an effect is of, and of a claim that is not SUPPORTED what decided it, in a sentence.

    It is the inequality that refuted the claim, or else the first of what it lacks; where nothing
    was decided, what would.
    """
    what = of_what(claim)
    parts = [f"Effect: {what}."] if what else []
    if claim["outcome"] == "SUPPORTED":
        return " ".join(parts)
    beside = [part for part in claim["components"] if part["role"] != "shown"]
    refuted = [p for p in beside if p["role"] == "test" and p["about"] == "refutation"]
    deciding = refuted or [part for part in beside if part["passed"] is False]
    said = claim["sentence"]
    if deciding:
        first, others = deciding[0], len(deciding) - 1
        said = f"{first['name']}. {first['sentence']}" + f" ({others} more.)" * bool(others)
        power = claim.get("power")
        if power and (would := power.get("to_decide")):
            said += f" {would}"
    label = f"{claim['label']}; " if claim["label"] else ""
    wanted = needed(claim)
    needs = "" if wanted == NOT_MEASURED else f"needed {wanted}; "
    return " ".join([*parts, f"{label}{needs}decided by: {said}"])


def write_table(terminal: pytest.TerminalReporter, record: Record) -> None:
    """Write the table to pytest's terminal reporter, the claims of each question under it."""
    claims = [plain_claim(claim) for claim in record["claims"]]
    rows = dict(zip((claim["id"] for claim in claims), verdict_rows(claims), strict=True))
    header = _HEADER[: len(next(iter(rows.values()), _HEADER))]
    widths = [max(map(len, column)) for column in zip(header, *rows.values(), strict=True)]
    run = record["run"]
    state = "smoke run, not evidence" if run["mode"] == "quick" else "full run"
    if not run["complete"]:
        state += ", incomplete"
    terminal.write_sep("=", f"verdicts: {run['model_set']}, {state}")
    for line in _lines(header, widths):
        terminal.write_line(line)
    for question in questions(claims):
        terminal.write_line(f"{question.heading}: {question.tally}", bold=True)
        for claim in question.claims:
            for line in _lines(rows[claim["id"]], widths):
                terminal.write_line(line, **_COLOURS[claim["outcome"]])
            for line in _wrapped(reason(claim)):
                terminal.write_line(line)
    if claims:
        for line in wrap(FOOTER, WIDTH):
            terminal.write_line(line)


def write_known_answers(terminal: pytest.TerminalReporter, record: Record) -> None:
    """Write whether the instrument gave the verdicts that are certain; each, if there is no more.

    Args:
        terminal: pytest's terminal reporter.
        record: of the run.
    """
    line = headline(record)
    if line is None:
        return
    if not record["claims"]:
        for known in record["known_answers"]:
            mark = "as expected" if known["agrees"] else "WRONG"
            cells = (known["id"], known["outcome"], f"needed {known['needed']}", mark)
            terminal.write_line("  ".join(cells), **({} if known["agrees"] else {"red": True}))
    terminal.write_line(line, **({"red": True} if wrong(record) else {}))


def write_changes(terminal: pytest.TerminalReporter, record: Record) -> None:
    """Write how the run stands to the findings: each changed row, why, and its suspects.

    Each is one line, to be searched for, and many findings that were not run are one line together:
    a run of some claims says nothing of others.
    """
    every = changed_rows(record)
    missing = [row for row in every if row.change == "NOT RUN"]
    many = len(missing) > _NAMED
    rows = [row for row in every if not (many and row.change == "NOT RUN")]
    width = max((len(row.change) for row in every), default=0)
    terminal.write_line(changes.headline(record))
    for row in rows:
        colour = _CHANGE_COLOURS.get(row.change, {})
        terminal.write_line(f"{row.change.ljust(width)}  {row.claim}: {row.why}", **colour)
        for suspect in row.suspects:
            terminal.write_line(f"{' ' * width}  suspect: {suspect}")
    if many:
        told = f"{len(missing)} findings that this run did not measure; the report names them."
        terminal.write_line(f"{'NOT RUN'.ljust(width)}  {told}")


def _lines(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """A row; an id that leaves no room for the other cells has a line of its own."""
    beside = sum(widths[1:]) + 2 * len(widths)
    room = max(0, min(widths[0], WIDTH - beside))
    first, *others = cells
    padded = [cell.ljust(width) for cell, width in zip(others, widths[1:], strict=True)]
    if len(first) <= room:
        return [("  " + "  ".join([first.ljust(room), *padded])).rstrip()]
    return [f"  {first}", ("  " + "  ".join([" " * room, *padded])).rstrip()]


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=_BELOW, subsequent_indent=_BELOW)
