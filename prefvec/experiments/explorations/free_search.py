"""What the judged cell, chosen for the target's own vector, costs one that is carried there."""

from collections import defaultdict
from typing import Any

from prefvec.experiments.cells import searched
from prefvec.experiments.chance import furthest
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
    if found.chosen.cell == judged.cell:
        why = f"The search finds the judged cell itself, {_in_words(judged)}"
        assessment = not_applicable(look.name, look.criterion, why)
        return Measured(assessment=assessment, figures=(table,))
    there, here = (
        look.at(name, f"adapted, in {_in_words(cell)}", carried[cell.site], kappa=cell.kappa)
        for name, cell in (("adapted-freely", found.chosen), ("adapted-judged", judged))
    )
    return look.exceeds(there, here, table)


def cells_table(found: Search, judged: Tried) -> dict[str, Any]:
    """What the carried vector did in each block, at the dose that would be chosen there.

    Args:
        found: its own search.
        judged: the cell that was chosen for the target's own vector.
    """
    by_block: defaultdict[int, list[Tried]] = defaultdict(list)
    for row in found.tried:
        if row.prompts is None:
            by_block[row.site.layer].append(row)
    shown = {row.cell: row for row in map(furthest, by_block.values())}
    shown |= {row.cell: row for row in found.tried if row.cell == judged.cell}
    called = {"judged": judged.cell, "found": found.chosen.cell}
    return {
        "id": "free-search",
        "kind": "table",
        "title": "Where the carried vector does what",
        "caption": "On the tuning prompts, the judged cell, and of each block that was tried to "
        "the end the dose that would be chosen there: of those at which the carried vector does "
        "enough and answers stay whole, where it stands out most from random directions; if there "
        "is none, where it does most with whole answers, or breaks fewest. Found: where its own "
        "search would have it judged.",
        "columns": ["block", "κ", "odd part", "random directions", "coherence lost", "cell"],
        "rows": [
            [
                str(row.site.layer),
                f"{row.kappa:g}",
                told(row.odd, "log"),
                "—" if row.chance is None else f"±{told(row.chance, 'log')}",
                told(row.coherence_loss, "share"),
                ", ".join(name for name, cell in called.items() if cell == row.cell),
            ]
            for row in sorted(shown.values(), key=lambda row: (row.site.layer, row.kappa))
        ],
    }


def _in_words(row: Tried) -> str:
    return f"block {row.site.layer} at κ {row.kappa:g}"
