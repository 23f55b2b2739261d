"""Which vector works where: a row for each claim and a column for each pair of models.

Of many pairs that table would be too wide: then each claim has a grid of its own, source by target.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from prefvec.report import effects
from prefvec.report.question_rows import Question
from prefvec.report.record import Claim
from prefvec.vocabulary import OutcomeWord

_COLUMNS = 6
"""Pairs of models that one table of all claims has room for."""
_BESIDE_OTHERS = 2
"""Targets of a grid that has room beside others."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a cell shows of a claim, and where it leads."""

    id: str
    title: str
    outcome: OutcomeWord
    label: str | None
    measured: str


Cell = list[Shown]
"""The claims about one source and one target; none where nothing was asked."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One claim over all the models it was put to.

    Attributes:
        question: the row of the larger question it belongs to.
        title: the claim's sentence, with roles for names.
        targets: what the columns are.
        rows: each source with a cell for each target.
    """

    question: str
    title: str
    targets: list[str]
    rows: list[tuple[str, list[Cell]]]

    @property
    def broad(self) -> bool:
        """Whether it needs the whole width of the page."""
        return len(self.targets) > _BESIDE_OTHERS


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All claims over all pairs in one table.

    Attributes:
        pairs: what the columns are: targets, with their source where there are several sources.
        groups: each question with its claims, a row of cells for each.
    """

    pairs: list[str]
    groups: list[tuple[str, list[tuple[str, list[Cell]]]]]


def overview(questions: Sequence[Question]) -> Overview | None:
    """One table of all claims that name their models; None without any transfer, or of many pairs.

    Models that only steer themselves stand before those that are written to from another.
    """
    named = [
        (question.heading, title, (claim["source"], claim["target"]), claim)
        for question in questions
        for claim in question.claims
        if (title := claim.get("in_roles")) is not None and claim["source"] and claim["target"]
    ]
    pairs = sorted(dict.fromkeys(pair for _, _, pair, _ in named), key=lambda p: p[0] != p[1])
    if len(pairs) > _COLUMNS or all(source == target for source, target in pairs):
        return None
    several = len({source for source, target in pairs if source != target}) > 1
    rows: dict[str, dict[str, list[Cell]]] = {}
    for heading, title, pair, claim in named:
        cells = rows.setdefault(heading, {}).setdefault(title, [[] for _ in pairs])
        cells[pairs.index(pair)].append(_shown(claim))
    return Overview(
        pairs=[_pair_words(source, target, several) for source, target in pairs],
        groups=[(heading, list(of.items())) for heading, of in rows.items()],
    )


def _pair_words(source: str, target: str, several: bool) -> str:
    if source == target:
        return f"{target} itself"
    return f"{source} → {target}" if several else f"→ {target}"


def transfer_grids(questions: Sequence[Question]) -> list[Grid]:
    """A grid for each claim that names its models; none without any transfer, or of few pairs."""
    if overview(questions) is not None:
        return []
    grids: dict[tuple[str, str], list[Claim]] = {}
    for question in questions:
        for claim in question.claims:
            title = claim.get("in_roles")
            if title is not None and claim["source"] and claim["target"]:
                grids.setdefault((question.heading, title), []).append(claim)
    every = [claim for claims in grids.values() for claim in claims]
    if all(claim["source"] == claim["target"] for claim in every):
        return []
    return [_grid(question, title, claims) for (question, title), claims in grids.items()]


def _grid(question: str, title: str, claims: list[Claim]) -> Grid:
    pairs = [(claim["source"] or "", claim["target"] or "") for claim in claims]
    sources = list(dict.fromkeys(source for source, _ in pairs))
    # Columns in the order of the rows, so that a model meets itself on the diagonal.
    targets = sorted(
        dict.fromkeys(target for _, target in pairs),
        key=lambda name: sources.index(name) if name in sources else len(sources),
    )
    cells: dict[tuple[str, str], Cell] = {}
    for pair, claim in zip(pairs, claims, strict=True):
        cells.setdefault(pair, []).append(_shown(claim))
    rows = [(source, [cells.get((source, target), []) for target in targets]) for source in sources]
    return Grid(question=question, title=title, targets=targets, rows=rows)


def _shown(claim: Claim) -> Shown:
    return Shown(
        id=claim["id"],
        title=claim["title"],
        outcome=claim["outcome"],
        label=claim["label"],
        measured=effects.estimated(claim),
    )
