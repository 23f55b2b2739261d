"""The table of verdicts in Markdown, and its place between two marks of another file."""

from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.report.deciding import decided_by, told_share
from prefvec.report.effects import FOOTER, told
from prefvec.report.in_words import words_briefly
from prefvec.report.numerals import needed
from prefvec.report.plain_words import plain_claim
from prefvec.report.question_rows import questions
from prefvec.report.record import Claim, Record
from prefvec.whole_files import write_whole

_HEAD = (
    *("claim", "outcome", "words: unsteered → +c, −c", "effect [95 %]", "share of native"),
    *("needed", "decided by"),
)
_BOUNDS = (
    "What is needed with ≥ must be reached by the estimate, what is needed with > or < by the "
    "one-sided bound under “decided by”."
)
BEGIN, END = "<!-- verdicts -->", "<!-- /verdicts -->"


def table(record: Record) -> str:
    """One row per claim, under its question, with what decided it."""
    run = record["run"]
    rows = [_row(*_HEAD), "|" + "---|" * len(_HEAD)]
    for question in questions(record["claims"]):
        rows.append(_row(f"*{question.heading}*", *[""] * (len(_HEAD) - 1)))
        rows += [_row(*_cells(plain_claim(claim))) for claim in question.claims]
    usual = run.get("samples")
    taken = {claim.get("samples") or usual for claim in record["claims"]} or {usual}
    samples = " or ".join(map(str, sorted(count for count in taken if count is not None)))
    facts = f"{run.get('n_prompts')} prompts, {samples} samples each. {_BOUNDS} {FOOTER}"
    return "\n".join([*rows, "", facts])


def _cells(claim: Claim) -> list[str]:
    label = f" ({claim['label']})" if claim["label"] else ""
    return [
        claim["title"],
        f"**{claim['outcome']}**{label}",
        words_briefly(claim),
        told(claim),
        told_share(claim),
        needed(claim),
        decided_by(claim),
    ]


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
