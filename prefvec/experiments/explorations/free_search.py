"""What the judged cell, chosen for the target's own vector, costs one that is carried there."""

from typing import Any

from prefvec.experiments.cells import searched
from prefvec.experiments.explorations.look import Look
from prefvec.experiments.measured import Measured
from prefvec.experiments.regimes import EXPOSED
from prefvec.experiments.search import Search, Tried
from prefvec.statistics.scales import told
from prefvec.verdicts.assessment import not_applicable


def free_search(look: Look) -> Measured:
    """That a carried vector does more in the cell which a search of its own finds.

    It is searched for as the judged cell is, on tuning prompts, with the vector that is carried to
    each block in the place of the target's own; the two cells are compared on test prompts.
    """
    target, judged = look.pair.target, look.arms.cell(look.pair.target).chosen
    carried = look.carried(EXPOSED)
    found = searched(look.lab, target, look.trait.name, carried)
    table = cells_table(found, judged)
    if _place(found.chosen) == _place(judged):
        why = f"The search finds the judged cell itself, {_in_words(judged)}"
        assessment = not_applicable(look.name, look.criterion, why)
        return Measured(assessment=assessment, figures=(table,))
    there, here = (
        look.at(name, f"adapted, in {_in_words(cell)}", carried[cell.site], kappa=cell.kappa)
        for name, cell in (("adapted-freely", found.chosen), ("adapted-judged", judged))
    )
    return look.exceeds(there, here, table)


def cells_table(found: Search, judged: Tried) -> dict[str, Any]:
    """What the carried vector did in each block, at the dose where it stands out most there.

    Args:
        found: its own search.
        judged: the cell that was chosen for the target's own vector.
    """
    tried = [row for row in found.tried if row.prompts is None]
    best: dict[int, Tried] = {}
    for row in tried:
        known = best.get(row.site.layer)
        if known is None or _standing(row) > _standing(known):
            best[row.site.layer] = row
    shown = {_place(row): row for row in best.values()}
    shown |= {_place(row): row for row in tried if _place(row) == _place(judged)}
    called = {"judged": _place(judged), "found": _place(found.chosen)}
    return {
        "id": "free-search",
        "kind": "table",
        "title": "Where the carried vector does what",
        "caption": "On the tuning prompts, of each block that was tried to the end the dose at "
        "which the carried vector stands out most from random directions, or does most where it "
        "may not be judged at any; and the judged cell. Found: where its own search would judge "
        "it.",
        "columns": ["block", "κ", "odd part", "random directions", "coherence lost", ""],
        "rows": [
            [
                str(row.site.layer),
                f"{row.kappa:g}",
                told(row.odd, "log"),
                "—" if row.chance is None else f"±{told(row.chance, 'log')}",
                told(row.coherence_loss, "share"),
                ", ".join(name for name, of in called.items() if of == place),
            ]
            for place, row in sorted(shown.items())
        ],
    }


def _standing(row: Tried) -> tuple[bool, float]:
    """Eligible cells by how far the vector stands out, before others by what it does."""
    return (row.chance is not None, row.odd / row.chance if row.chance else row.odd)


def _place(row: Tried) -> tuple[int, float]:
    return row.site.layer, row.kappa


def _in_words(row: Tried) -> str:
    return f"block {row.site.layer} at κ {row.kappa:g}"
