"""What benchmarks kept, as tables of docs/performance.md; what whole runs cost, in README.md too.

    python -m benchmarks.tables

Each result stands between marks of its name; a result without marks is refused, and so are marks
without a result. Results from GPUs (`gpu-*`) stand together, as many as there are; the aims stand
beside what was found of each.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.aims import AIMS
from benchmarks.machine import in_words
from benchmarks.results import KEPT
from prefvec.errors import PrefvecError
from prefvec.report.headlines import marks
from prefvec.report.markdown import put

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
FRONT = Path(__file__).parents[1] / "README.md"
COSTS = "costs"
"""What the marks say between which the costs of whole runs stand on the front page."""
GPUS, WANTED = "gpus", "aims"
"""Likewise on PAGE: every result from a GPU, and the aims."""
_MARKS = re.compile(r"<!-- measured (\S+) -->")


def cell(value: Any) -> str:
    """A number to three digits, several of them in turn, a text as it stands."""
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(cell, value))
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")


def ruled(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table in Markdown."""
    head, *lines = (f"| {' | '.join(row)} |" for row in (heads, *rows))
    return [head, "|" + "---|" * len(heads), *lines]


def table(kept: dict[str, Any]) -> str:
    """Rows under the heads they bring, then by which command what was measured, on what, when.

    Args:
        kept: what `results.keep` wrote.

    Example:
        >>> machine = {"processor": "P", "cores": 2, "can": ["avx2"], "memory_gib": 8.0,
        ...            "torch": "2", "transformers": "5", "accelerators": []}
        >>> kept = {"when": "2026-01-01", "command": "python -m x", "machine": machine,
        ...         "facts": {"threads": 2}, "rows": [{"way": "ours", "ratio": 0.4213}]}
        >>> print(table(kept))
        | way | ratio |
        |---|---|
        | ours | 0.421 |
        <BLANKLINE>
        `python -m x`: threads 2. 2026-01-01; P, 2 cores (avx2), 8.0 GiB, torch 2, transformers 5.
    """
    heads = list(dict.fromkeys(head for row in kept["rows"] for head in row))
    rows = ruled(heads, [[cell(row.get(head)) for head in heads] for row in kept["rows"]])
    facts = ", ".join(f"{name} {cell(value)}" for name, value in kept["facts"].items())
    by = f"`{kept['command']}`: " if "command" in kept else ""
    return "\n".join([*rows, "", f"{by}{facts}. {kept['when']}; {in_words(kept['machine'])}."])


def results(under: Path = KEPT) -> dict[str, dict[str, Any]]:
    """What was kept, by name."""
    paths = sorted(under.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def costs(found: Mapping[str, dict[str, Any]]) -> str:
    """What each whole run took, the cheapest first.

    Args:
        found: what `results` found; those of `benchmarks.whole` are told.

    Example:
        >>> facts = {"command": "make verdicts", "claims": 13, "answers": 126892, "minutes": 19.5,
        ...          "processor minutes": 35.1, "peak memory, GB": 1.9, "kept on disk, MB": 154.0}
        >>> machine = {"processor": "P", "cores": 2, "can": [], "memory_gib": 8.0, "torch": "2",
        ...            "transformers": "5", "accelerators": []}
        >>> kept = {"when": "2026-01-01", "machine": machine, "facts": facts, "rows": []}
        >>> print(costs({"whole-verdicts": kept}))
        | run, from an empty store | claims | answers | minutes | peak memory | kept on disk |
        |---|---|---|---|---|---|
        | `make verdicts` | 13 | 126,892 | 20 | 1.9 GB | 154 MB |
        <BLANKLINE>
        P, 2 cores (no vector extensions), 8.0 GiB, torch 2, transformers 5.
    """
    whole = [kept for name, kept in found.items() if name.startswith("whole-")]
    whole.sort(key=lambda kept: kept["facts"]["minutes"])
    heads = ("run, from an empty store", "claims", "answers", "minutes")
    rows = [
        (
            f"`{told['command']}`",
            f"{told['claims']}",
            f"{told['answers']:,}",
            f"{told['minutes']:.0f}",
            f"{told['peak memory, GB']:.1f} GB",
            f"{told['kept on disk, MB']:,.0f} MB",
        )
        for told in (kept["facts"] for kept in whole)
    ]
    lines = ruled((*heads, "peak memory", "kept on disk"), rows)
    machines = dict.fromkeys(in_words(kept["machine"]) for kept in whole)
    return "\n".join([*lines, "", f"{'; '.join(machines)}."])


def gpus(found: Mapping[str, dict[str, Any]]) -> str:
    """The table of every result from a GPU under its name, or that there is none.

    Args:
        found: what `results` found; those of `benchmarks.gpu` are told.

    Example:
        >>> gpus({})
        'Nothing was measured on a GPU yet.'
    """
    each = [f"### {name}\n\n{table(kept)}" for name, kept in found.items() if _of_gpu(name)]
    return "\n\n".join(each) or "Nothing was measured on a GPU yet."


def _of_gpu(name: str) -> bool:
    return name.startswith("gpu-")


def aims(found: Mapping[str, dict[str, Any]]) -> str:
    """A row for each aim: what is wanted, what was found, and whether that meets it."""
    rows = [(aim.what, *aim.found(found)) for aim in AIMS]
    told = [(what, measured or "–", f"**{standing}**") for what, measured, standing in rows]
    return "\n".join(ruled(("aim", "found", ""), told))


def write(page: Path = PAGE, under: Path = KEPT, front: Path = FRONT) -> None:
    """Put every result and the aims where the page has their marks, and costs on the front page.

    Raises:
        PrefvecError: if a result has no marks there, or marks have no result.
    """
    found = results(under)
    wanted = set(_MARKS.findall(page.read_text(encoding="utf-8")))
    placed = {name: kept for name, kept in found.items() if not _of_gpu(name)}
    for name in sorted(wanted ^ set(placed)):
        begin, end = marks(f"measured {name}")
        if name in wanted:
            raise PrefvecError(
                f"{page.name} has a place for the benchmark {name!r}, of which there is no result. "
                f"Run it, or take {begin} and {end} out of the page."
            )
        raise PrefvecError(
            f"The benchmark {name!r} has no place in {page.name}. Put {begin} and {end} on lines "
            f"of their own where its table belongs, or remove {name}.json from the results."
        )
    for name, kept in placed.items():
        put(table(kept), page, marks(f"measured {name}"))
    put(gpus(found), page, marks(GPUS))
    put(aims(found), page, marks(WANTED))
    put(costs(found), front, marks(COSTS))


if __name__ == "__main__":
    write()
