"""The table of verdicts in Markdown, and its place between two marks of another file."""

from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.report.effects import FOOTER, told
from prefvec.report.numerals import needed
from prefvec.report.question_rows import questions
from prefvec.report.record import Record, write_whole

BEGIN, END = "<!-- verdicts -->", "<!-- /verdicts -->"


def table(record: Record) -> str:
    """One row per claim, under its question: the sentence, the outcome, the effect, the needed."""
    run = record["run"]
    rows = ["| claim | outcome | effect [95 %] | needed |", "|---|---|---|---|"]
    for question in questions(record["claims"]):
        rows.append(_row(f"*{question.heading}*", "", "", ""))
        for claim in question.claims:
            label = f" ({claim['label']})" if claim["label"] else ""
            outcome = f"**{claim['outcome']}**{label}"
            rows.append(_row(claim["title"], outcome, told(claim), needed(claim)))
    usual = run.get("samples")
    taken = {claim.get("samples") or usual for claim in record["claims"]} or {usual}
    samples = " or ".join(map(str, sorted(count for count in taken if count is not None)))
    facts = f"{run.get('n_prompts')} prompts, {samples} samples each. {FOOTER}"
    return "\n".join([*rows, "", facts])


def _row(*cells: str) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def put(text: str, path: Path, marks: tuple[str, str] = (BEGIN, END)) -> None:
    """Replace what stands between two marks of a file.

    Raises:
        PrefvecError: if the marks do not stand there, once each and in order.
    """
    content = path.read_text(encoding="utf-8")
    before, begin, rest = content.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not (begin and end):
        first, last = marks
        raise PrefvecError(f"{path} has no place for the table. Put {first} and {last} into it.")
    write_whole(f"{before}{begin}\n{text}\n{end}{after}", path)
