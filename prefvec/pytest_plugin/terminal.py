"""The end of a terminal run: the table of verdicts, and what changed since they were blessed."""

from collections.abc import Iterable
from textwrap import shorten

import pytest

from prefvec.report import changes
from prefvec.report.changes import changed_rows
from prefvec.report.effects import FOOTER, measured, of_what
from prefvec.report.instrument_check import headline, wrong
from prefvec.report.numerals import needed
from prefvec.report.question_rows import questions
from prefvec.report.record import Claim, Record
from prefvec.vocabulary import OutcomeWord

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
_LONGEST = 70
_HEADER = ("claim", "outcome", "effect [95 %]", "needed", "change", "")


def verdict_rows(claims: Iterable[Claim]) -> list[tuple[str, ...]]:
    """Id, outcome with its label, effect with interval, criterion, change; last, of what.

    What an effect is of stands last, where a long one stretches no column.
    """
    return [
        (
            claim["id"],
            claim["outcome"] + (f" ({claim['label']})" if claim["label"] else ""),
            measured(claim),
            needed(claim),
            claim["change"] or "not compared",
            shorten(of_what(claim), _LONGEST, placeholder=" …"),
        )
        for claim in claims
    ]


def write_table(terminal: pytest.TerminalReporter, record: Record) -> None:
    """Write the table to pytest's terminal reporter, the claims of each question under it."""
    claims = record["claims"]
    columns = zip(_HEADER, *verdict_rows(claims), strict=True)
    widths = [max(map(len, column)) for column in columns]
    run = record["run"]
    state = "smoke run, not evidence" if run["mode"] == "quick" else "full run"
    if not run["complete"]:
        state += ", incomplete"
    terminal.write_sep("=", f"verdicts: {run['model_set']}, {state}")
    terminal.write_line(_line(_HEADER, widths))
    for question in questions(claims):
        terminal.write_line(f"{question.heading}: {question.tally}", bold=True)
        for claim, row in zip(question.claims, verdict_rows(question.claims), strict=True):
            terminal.write_line(_line(row, widths), **_COLOURS[claim["outcome"]])
    if claims:
        terminal.write_line(FOOTER)


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
            mark = "as it must" if known["agrees"] else "WRONG"
            cells = (known["id"], known["outcome"], f"needed {known['needed']}", mark)
            terminal.write_line("  ".join(cells), **({} if known["agrees"] else {"red": True}))
    terminal.write_line(line, **({"red": True} if wrong(record) else {}))


def write_changes(terminal: pytest.TerminalReporter, record: Record) -> None:
    """Write how the run stands to the findings: each changed row, why, and its suspects."""
    rows = changed_rows(record)
    width = max((len(row.change) for row in rows), default=0)
    terminal.write_line(changes.headline(record))
    for row in rows:
        colour = _CHANGE_COLOURS.get(row.change, {})
        terminal.write_line(f"{row.change.ljust(width)}  {row.claim}: {row.why}", **colour)
        for suspect in row.suspects:
            terminal.write_line(f"{' ' * width}  suspect: {suspect}")


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  " + "  ".join(padded).rstrip()
