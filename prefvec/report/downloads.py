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
from prefvec.report.changes import CHANGE_WORDS
from prefvec.report.deciding import decided_by, native_share, weakest_test
from prefvec.report.in_words import mean_words
from prefvec.report.latex_table import bibtex, latex_table
from prefvec.report.plain_words import arm_word, plain_claim
from prefvec.report.record import Claim, Record

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_CLAIM = ("id", "title", "question", "kind", "source", "target", "regime", "outcome", "label")
_PER_PROMPT = (
    *("claim", "arm", "prompt"),
    *("minus_log_ratio", "plus_log_ratio", "odd_log_ratio"),
)
_UNITS = """\
Models, arms and regimes have the names that they have on the page.
claims.csv: a row for each claim.
  factor, low, high: the effect as a ratio and its two-sided 95 % interval; `of` says of what
  share_of_native, share_low, share_high: shares of 1, two-sided 95 % interval
  words_unsteered, words_plus, words_minus: mean words per answer, unsteered, at +c and at -c
  p, p_holm: of the test that was surest to fail, one-sided, before and after Holm
  prompts, samples: test prompts, and answers to each at each dose
  measured: what decides with the bound that was tested; decided_by: which line of the verdict
  measured_on, measured_at_commit: when and with what code it was measured, where that is known
prompts.csv.gz: a row for each claim, arm and prompt; natural logarithms of ratios against the same
  prompt unsteered, at -c and at +c, and their odd part (plus - minus) / 2. exp() gives factors.
claims.tex: the same claims as a table; needs the LaTeX package booktabs.
prefvec.bib: a BibTeX entry.
"""


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
            "python -m prefvec.report render makes this page from it",
            mime="application/gzip",
            content=zipped(record),
        ),
        Download(
            name="claims.csv",
            what="a row for each claim: outcome, effect, share of native, p, prompts, criterion",
            mime="text/csv;charset=utf-8",
            content=claims_csv(record["claims"]).encode(),
        ),
        Download(
            name="prompts.csv.gz",
            what="a row for each claim, arm and prompt: log ratios at the full dose",
            mime="application/gzip",
            content=gzip.compress(prompts_csv(record["claims"]).encode(), mtime=0),
        ),
        Download(
            name="units.txt",
            what="what the columns of both tables are, and in which units",
            mime="text/plain;charset=utf-8",
            content=_UNITS.encode(),
        ),
        Download(
            name="claims.tex",
            what="the claims as a LaTeX table (booktabs)",
            mime="application/x-tex;charset=utf-8",
            content=latex_table(record["claims"]).encode(),
        ),
        Download(
            name="prefvec.bib",
            what="how to cite this, in BibTeX",
            mime="application/x-bibtex;charset=utf-8",
            content=bibtex(record["run"]).encode(),
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
    """The claims as CSV; effects are factors, shares are of 1."""
    rows = [_claim_cells(plain_claim(claim)) for claim in claims]
    return _csv(list(rows[0]) if rows else list(_CLAIM), [list(row.values()) for row in rows])


def _claim_cells(claim: Claim) -> dict[str, object]:
    effect, share = claim["effect"] or {}, native_share(claim) or {}
    power, when = claim.get("power") or {}, claim.get("measuring") or {}
    weakest = weakest_test(claim["components"]) or {}
    plain, plus, minus = mean_words(claim) or (None, None, None)
    return {
        **{key: claim.get(key) for key in _CLAIM},
        **{key: effect.get(key) for key in ("factor", "low", "high")},
        "of": effect.get("what"),
        "measured": effects.told(claim),
        "needed": numerals.needed(claim),
        "share_of_native": share.get("estimate"),
        "share_low": share.get("low"),
        "share_high": share.get("high"),
        "words_unsteered": plain,
        "words_plus": plus,
        "words_minus": minus,
        "p": weakest.get("pvalue"),
        "p_holm": weakest.get("holm"),
        "prompts": power.get("prompts"),
        "samples": claim.get("samples"),
        "decided_by": decided_by(claim),
        "change": CHANGE_WORDS[claim["change"]],
        "measured_on": when.get("started"),
        "measured_at_commit": when.get("commit"),
        "sentence": claim["sentence"],
    }


def prompts_csv(claims: Iterable[Claim]) -> str:
    """Each prompt's log ratios against unsteered at −c and +c, and their odd part, as CSV."""
    return _csv(
        _PER_PROMPT,
        (
            [claim["id"], arm_word(arm["name"], arm["label"]), prompt]
            + [f"{value:.6g}" for value in (low, high, (high - low) / 2)]
            for claim in map(plain_claim, claims)
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
