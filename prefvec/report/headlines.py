"""The three findings of some runs in words: a row for each pair of models, in Markdown."""

from collections.abc import Callable, Sequence

from prefvec.report.numerals import percent
from prefvec.report.record import Arm, Claim, Record
from prefvec.vocabulary import THREE_FINDINGS

BEGIN, END = "<!-- headlines -->", "<!-- /headlines -->"
FOOTER = (
    "Mean words an answer: unsteered → at +c, at −c. In brackets the share of what the target's "
    "own vector does in the same cell."
)
_UNSTEERED, _MORE, _LESS = 0.0, 1.0, -1.0


def headlines(records: Sequence[Record]) -> str:
    """A row for each source and target, a column for each finding.

    Args:
        records: of one run or several; pairs stand in their order.

    Returns:
        The table, and what its numbers are.

    Example:
        >>> from prefvec.report import headlines
        >>> headlines.headlines([]).splitlines()[0]
        '| vector | in its own model | copied raw |'
    """
    found = [claim for record in records for claim in _of_the_three(record)]
    regimes = list(dict.fromkeys(_regime(claim) for claim in found if _regime(claim)))
    columns: list[tuple[str, Callable[[Claim], bool]]] = [
        ("in its own model", lambda claim: claim["source"] == claim["target"]),
        ("copied raw", lambda claim: claim["source"] != claim["target"] and not _regime(claim)),
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


def _of_the_three(record: Record) -> list[Claim]:
    return [
        claim
        for claim in record["claims"]
        if (claim.get("question") or THREE_FINDINGS) == THREE_FINDINGS
    ]


def _regime(claim: Claim) -> str:
    return claim["regime"] or ""


def _adapted_on(regime: str) -> Callable[[Claim], bool]:
    return lambda claim: _regime(claim) == regime


def _cell(claims: Sequence[Claim]) -> str:
    """The outcome in bold, the words, and the share of native."""
    return "<br>".join(
        " ".join([f"**{claim['outcome']}**", *_in_words(claim)]).rstrip() for claim in claims
    )


def _in_words(claim: Claim) -> list[str]:
    if not claim["arms"] or claim["outcome"] == "NOT APPLICABLE":
        return []
    arm, *others = claim["arms"]
    words = {dose["coefficient"]: dose.get("mean_words") for dose in arm["doses"]}
    told = [str(round(words.get(at) or 0)) for at in (_UNSTEERED, _MORE, _LESS)]
    native = next((each for each in others if each["name"] == "native"), None)
    share = "" if native is None else _share(arm, native)
    return [f"{told[0]} → {told[1]}, {told[2]}", share]


def _share(arm: Arm, native: Arm) -> str:
    odd, own = ((each.get("odd") or {}).get("estimate") for each in (arm, native))
    return f"({percent(odd / own)})" if odd is not None and own else ""
