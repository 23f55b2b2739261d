"""The three findings of some runs in words: a row for each pair of models, in Markdown."""

from collections.abc import Callable, Sequence

from prefvec.report.deciding import native_share, told_share
from prefvec.report.in_words import words_briefly
from prefvec.report.question_rows import questions
from prefvec.report.record import Claim, Record
from prefvec.vocabulary import THREE_FINDINGS

MARK = "headlines"
"""What the marks say between which the table stands in a file that has one."""
FOOTER = (
    "Mean words an answer: unsteered → at +c, at −c. In brackets the share of what the target's "
    "own vector does in the same cell."
)


def headlines(records: Sequence[Record]) -> str:
    """A row for each source and target, a column for each finding.

    Args:
        records: of one run or several; pairs stand in their order.

    Returns:
        The table, and what its numbers are.

    Example:
        >>> from prefvec.report import headlines
        >>> headlines.headlines([]).splitlines()[0]
        '| vector | in its own model | claim: copied raw, it fails |'
    """
    found = [
        claim
        for record in records
        for question in questions(record["claims"])
        if question.name == THREE_FINDINGS
        for claim in question.claims
    ]
    regimes = list(dict.fromkeys(_regime(claim) for claim in found if _regime(claim)))
    columns: list[tuple[str, Callable[[Claim], bool]]] = [
        ("in its own model", lambda claim: claim["source"] == claim["target"]),
        (
            "claim: copied raw, it fails",
            lambda claim: claim["source"] != claim["target"] and not _regime(claim),
        ),
    ]
    columns += [(f"adapted, {regime}", _adapted_on(regime)) for regime in regimes]
    rows = [
        f"| {' | '.join(['vector', *(name for name, _ in columns)])} |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for source, target in dict.fromkeys((claim["source"], claim["target"]) for claim in found):
        of_pair = [
            claim for claim in found if (claim["source"], claim["target"]) == (source, target)
        ]
        cells = [_cell([claim for claim in of_pair if wanted(claim)]) for _, wanted in columns]
        what = f"of {source}" if source == target else f"{source} → {target}"
        rows.append(f"| {' | '.join([what, *cells])} |")
    return "\n".join([*rows, "", FOOTER])


def marks(name: str = MARK) -> tuple[str, str]:
    """The marks between which a table stands.

    Args:
        name: what they say, where a file has several tables.

    Example:
        >>> from prefvec.report import headlines
        >>> headlines.marks()
        ('<!-- headlines -->', '<!-- /headlines -->')
    """
    return f"<!-- {name} -->", f"<!-- /{name} -->"


def _regime(claim: Claim) -> str:
    return claim["regime"] or ""


def _adapted_on(regime: str) -> Callable[[Claim], bool]:
    return lambda claim: _regime(claim) == regime


def _cell(claims: Sequence[Claim]) -> str:
    """The outcome in bold, the words, and the share of native."""
    return "<br>".join(
        f"**{claim['outcome']}** {words_briefly(claim)} {_share(claim)}".rstrip()
        for claim in claims
    )


def _share(claim: Claim) -> str:
    return f"({told_share(claim)})" if native_share(claim) else ""
