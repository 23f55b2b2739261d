"""The rows of the larger question, each with the claims that answer it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from prefvec.report.record import Claim
from prefvec.vocabulary import KINDS, OUTCOMES, THREE_FINDINGS

_NOT_OF_A_PLACE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One row of the question.

    Attributes:
        id: names its place in the page.
        name: as the claims' records give it.
        claims: their records, in the order of the run.
    """

    id: str
    name: str
    claims: list[Claim]

    @property
    def heading(self) -> str:
        """The name as a heading."""
        return self.name[:1].upper() + self.name[1:]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many claims came out in which way, what did not occur left out."""
        found = Counter(claim["outcome"] for claim in self.claims)
        return [(outcome, found[outcome]) for outcome in OUTCOMES if found[outcome]]

    @property
    def tally(self) -> str:
        """Such as "2 supported, 1 refuted"."""
        return ", ".join(f"{count} {outcome.lower()}" for outcome, count in self.counts)


def questions(claims: Iterable[Claim]) -> list[Question]:
    """The claims by their question: the three findings, then others as each first occurs.

    Of the findings the first stands first: a vector steers its own model, copied raw it fails in
    another, adapted it works.
    """
    grouped: dict[str, list[Claim]] = {}
    for claim in claims:
        grouped.setdefault(claim.get("question") or THREE_FINDINGS, []).append(claim)
    if (findings := grouped.pop(THREE_FINDINGS, None)) is not None:
        findings.sort(key=lambda claim: KINDS.index(claim["kind"]))
        grouped = {THREE_FINDINGS: findings, **grouped}
    return [
        Question(id=_place(name, number), name=name, claims=members)
        for number, (name, members) in enumerate(grouped.items(), 1)
    ]


def _place(name: str, number: int) -> str:
    """Unique by its number, so that names that differ in signs alone lead to two places."""
    return f"question-{number}-{_NOT_OF_A_PLACE.sub('-', name.lower()).strip('-')}".rstrip("-")
