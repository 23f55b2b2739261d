"""What can be taken out of the page: the record it was made from, and tables of it.

Each is a `data:` address of the page itself, so that it needs neither a network nor a script.
"""

import base64
import csv
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from prefvec.report import effects, numerals
from prefvec.report.archive import merged, zipped
from prefvec.report.arm_styles import at_full_dose
from prefvec.report.record import Claim, Record

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_CLAIM = ("id", "title", "question", "kind", "source", "target", "regime", "outcome", "label")
_PER_PROMPT = ("claim", "arm", "prompt", "minus", "plus", "odd")


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file inside the page.

    Attributes:
        name: of the file.
        what: what is in it.
        mime: its type.
        content: its bytes.
    """

    name: str
    what: str
    mime: str
    content: bytes

    @property
    def href(self) -> str:
        """The file as an address."""
        return f"data:{self.mime};base64,{base64.b64encode(self.content).decode('ascii')}"

    @property
    def size(self) -> str:
        """Its length, for people."""
        return f"{max(1, round(len(self.content) / 1000)):,} kB"


def downloads(record: Record) -> dict[str, Download]:
    """The record with all its answers, the claims, and what every prompt did; by their names.

    Args:
        record: as `carried` gives it.
    """
    files = (
        Download(
            name="verdicts.json.gz",
            what="the record of the run with all answers, numbers to seven digits; "
            "python -m reports render makes this page from it",
            mime="application/gzip",
            content=zipped(record),
        ),
        Download(
            name="claims.csv",
            what="a row for each claim: outcome, effect, interval, criterion, change",
            mime="text/csv;charset=utf-8",
            content=claims_csv(record["claims"]).encode(),
        ),
        Download(
            name="prompts.csv.gz",
            what="a row for each claim, arm and prompt: log ratios at the full dose",
            mime="application/gzip",
            content=gzip.compress(prompts_csv(record["claims"]).encode(), mtime=0),
        ),
    )
    return {file.name: file for file in files}


def carried(record: Record) -> Record:
    """The record as the page carries it, and is made from.

    The answers of all claims are in one place, where an arm is kept once, and numbers have seven
    significant digits: more than any measurement here, and half of the space.
    """
    if "answers" in record:
        return cast("Record", _briefly(record))
    claims = [{k: v for k, v in claim.items() if k != "archive"} for claim in record["claims"]]
    brief = cast("Record", _briefly({**record, "claims": claims}))
    return {**brief, "answers": merged(record["claims"])}


def _briefly(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, object]", value).items()
        return {key: _briefly(each) for key, each in entries}
    if isinstance(value, list):
        return [_briefly(each) for each in cast("list[object]", value)]
    return value


def claims_csv(claims: Iterable[Claim]) -> str:
    """The claims as CSV; effects are factors."""
    rows: list[list[object]] = []
    for claim in claims:
        effect = claim["effect"] or {}
        rows.append(
            [
                *(claim.get(key) for key in _CLAIM),
                *(effect.get(key) for key in ("factor", "low", "high", "what")),
                effects.told(claim),
                numerals.needed(claim),
                claim["change"],
                claim["sentence"],
            ]
        )
    head = [*_CLAIM, "factor", "low", "high", "of", "measured", "needed", "change", "sentence"]
    return _csv(head, rows)


def prompts_csv(claims: Iterable[Claim]) -> str:
    """Each prompt's log ratios against unsteered at −c and +c, and their odd part, as CSV."""
    return _csv(
        _PER_PROMPT,
        (
            [claim["id"], arm["name"], prompt, *(f"{v:.6g}" for v in (low, high, (high - low) / 2))]
            for claim in claims
            for arm in claim["arms"]
            for prompt, (low, high) in at_full_dose(arm).items()
        ),
    )


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_defused(cell) for cell in row] for row in rows)
    return text.getvalue()


def _defused(cell: object) -> object:
    """Text that a spreadsheet would take for a formula, made text; numbers stay numbers.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if not isinstance(cell, str) or not cell.startswith(_FORMULAS):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell
