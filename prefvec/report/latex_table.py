r"""The verdicts as a LaTeX table for an appendix, and how to cite what made them.

The table needs the package booktabs: `\usepackage{booktabs}`.
"""

import re
from collections.abc import Iterable
from importlib import metadata

from prefvec.report.deciding import told_share
from prefvec.report.effects import measured, of_what
from prefvec.report.in_words import words_briefly
from prefvec.report.numerals import needed
from prefvec.report.plain_words import plain_claim
from prefvec.report.question_rows import questions
from prefvec.report.record import Claim, Run

_HEAD = (
    *("Claim", "Outcome", r"Words: unsteered $\to$ $+c$, $-c$", r"Effect [95\,\%]"),
    *("Of native", "Needed"),
)
_SIGNS = {
    "\\": r"\textbackslash{}",
    "×": r"$\times$",
    "≥": r"$\geq$",
    "±": r"$\pm$",
    "−": r"$-$",
    "→": r"$\to$",
    "<": r"$<$",
    ">": r"$>$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "—": "--",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
_SIGN = re.compile("|".join(map(re.escape, _SIGNS)))
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def latex_table(claims: Iterable[Claim]) -> str:
    """One row per claim, under its question; text that LaTeX would run is text."""
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{tabular}{p{0.34\linewidth}llllp{0.14\linewidth}}",
        r"\toprule",
        " & ".join(_HEAD) + r" \\",
    ]
    for question in questions(claims):
        lines += [
            r"\midrule",
            rf"\multicolumn{{{len(_HEAD)}}}{{l}}{{\emph{{{_tex(question.heading)}}}}} \\",
            *(_row(plain_claim(claim)) for claim in question.claims),
        ]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def bibtex(run: Run) -> str:
    """An entry for the suite, in the version and at the commit of the run."""
    made_at = run.get("commit")
    commit = f", commit {made_at}" if made_at else ""
    year = f"  year = {{{run['started'][:4]}}},\n" if run["started"] else ""
    return (
        "@software{prefvec,\n"
        "  author = {{The prefvec authors}},\n"
        "  title = {prefvec: do preference vectors steer, and do they transfer?},\n"
        f"{year}"
        f"  version = {{{_tex(_version() + commit)}}},\n"
        f"  note = {{Verdicts on the model set {_tex(run['model_set'])}}}\n"
        "}\n"
    )


def _version() -> str:
    try:
        return metadata.version("prefvec")
    except metadata.PackageNotFoundError:  # a checkout that was not installed
        return "unreleased"


def _row(claim: Claim) -> str:
    effect = f"{measured(claim)} {of_what(claim)}".rstrip()
    cells = (claim["title"], claim["outcome"].lower(), words_briefly(claim), effect)
    told = (*cells, told_share(claim), needed(claim))
    return " & ".join(map(_tex, told)) + r" \\"


def _tex(text: str) -> str:
    return _SIGN.sub(lambda sign: _SIGNS[sign[0]], _UNPRINTABLE.sub(" ", text))
