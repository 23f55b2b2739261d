"""The tables of docs/performance.md, written from the results that are kept.

    python -m benchmarks.tables

Each table stands between two marks that name its result: `<!-- extraction-… -->`. A result without
marks is left out, marks without a result are an error: no figure of that page is typed in by hand.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks.machine import in_words
from benchmarks.results import KEPT

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MARKS = re.compile(r"(<!-- ([a-z0-9-]+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)


def table(result: dict[str, Any]) -> str:
    """A result as Markdown, and below it the machine and the day."""
    rows = _steps(result) if "steps" in result else _libraries(result)
    what = f"{result['model']}, {result['dtype']}, {result['threads']} threads"
    return f"{rows}\n\n{what}; {in_words(result['machine'])}; {result['when']}.\n"


def _libraries(result: dict[str, Any]) -> str:
    swept = "answers" in result
    head = "| library | seconds | of the reference | least to most | |\n|---|--:|--:|--:|---|"
    lines = [head]
    for found in result["libraries"]:
        if "error" in found:
            lines.append(f"| {found['name']} | | failed | | `{found['error'].replace('|', '/')}` |")
            continue
        seen = (
            f"{min(found['tokens']):.0f} to {max(found['tokens']):.0f} tokens an answer"
            if swept
            else f"cosine {found['cosine']:.4f}"
        )
        lines.append(
            f"| {found['name']} | {found['seconds']:.2f} | {found['ratio']:.2f} | "
            f"{found['least']:.2f} to {found['largest']:.2f} | {seen}; {found['with']} |"
        )
    return "\n".join(lines)


def _steps(result: dict[str, Any]) -> str:
    lines = [
        f"Memory is read at {result['bytes_a_second'] / 1e9:.1f} GB/s, and products of matrices "
        f"are done at {result['operations_a_second'] / 1e9:,.0f} GFLOP/s.",
        "",
        "| rows | a step, ms | the floor, ms | share of the floor | steered, of unsteered |",
        "|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {each['rows']:.0f} | {1e3 * each['step']:.1f} | {1e3 * each['floor']:.1f} | "
        f"{each['share']:.0%} | {each['steered']:.3f} |"
        for each in result["steps"]
    ]
    return "\n".join(lines)


def written(page: str, kept: Path = KEPT) -> str:
    """The page with every table made again.

    Args:
        page: its text.
        kept: the folder of results.
    """

    def made(found: re.Match[str]) -> str:
        result = json.loads((kept / f"{found[2]}.json").read_text(encoding="utf-8"))
        return f"{found[1]}{table(result)}{found[3]}"

    return MARKS.sub(made, page)


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(written(text), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
