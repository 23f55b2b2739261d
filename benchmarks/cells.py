"""How good and how dear a choice of cell from coarse to fine is, against every block and dose.

    python -m benchmarks.cells NAME... [--trait verbosity] [--beside cells] [--store FILE]

For each model both ways choose a cell, from an empty store, the coarse one first. Kept are the
cell of each, its ratio of the native odd part to what random directions do, the answers that were
written and the minutes; then the share of the other way's ratio that the coarse one's cell has, and
the share of its answers that it took. Where the other way has tried that cell too, its ratio there
is taken for both, so that one cell has one ratio. Of models whose blocks are sieved by reading, the
rank correlation says how far that ranks blocks as written answers do. Answers that vectors and
residual norms are read from are counted for neither.

The whole grid takes hours in a model of many blocks. `--beside blocks` looks at every block on few
prompts instead, without a sieve, and tries the best cells whole: it shows whether the sieve passes
over the best block. `--beside nothing` spares either. With `--store`, answers are kept and those
that were kept are not written again: minutes are then not told.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scipy.stats import spearmanr

from benchmarks.results import keep
from prefvec.experiments.cells import full_grid, steerable
from prefvec.experiments.chance import ratio
from prefvec.experiments.claims import CAA
from prefvec.experiments.coarse_to_fine import coarse_to_fine, every_block
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.lab import Lab
from prefvec.experiments.options import Options
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.question_sets import usual_tokens
from prefvec.experiments.search import Search, Tried
from prefvec.experiments.sieve import Sieved
from prefvec.generation.requests import Request
from prefvec.generation.store import CompletionStore
from prefvec.models.converted import CONVERTED
from prefvec.text.completions import Completion
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector

Row = dict[str, Any]
"""A line of the table, by the heads of its columns."""

Way = Callable[[Lab, str, str, Mapping[Site, PreferenceVector]], Search]

FEWEST = 4
"""Blocks of which a rank correlation is told."""
COARSE = "coarse to fine"
BESIDE: Mapping[str, tuple[str, Way] | None] = {
    "cells": ("every cell", full_grid),
    "blocks": ("every block, no sieve", every_block),
    "nothing": None,
}
"""What the coarse way is held against, by the name that the option has."""


class CountingLab(Lab):
    """A lab that counts the answers it has asked for, equal ones once."""

    def __init__(self, options: Options, store: CompletionStore) -> None:
        super().__init__(options, store)
        self.asked: set[object] = set()

    def ask(
        self, name: str, requests: Sequence[Request], what: str, *, perplexity: bool = False
    ) -> list[Completion]:
        """As any lab does."""
        start = time.perf_counter()
        answers = super().ask(name, requests, what, perplexity=perplexity)
        seconds = time.perf_counter() - start
        print(f"  {what}: {len(requests):,} answers in {seconds:.0f} s", flush=True)
        self.asked |= {(r.prompt, r.sample, r.steering.fingerprint) for r in requests}
        return answers


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What one way chose, and what that took.

    Attributes:
        search: the grid and the cell.
        answers: how many were asked for.
        minutes: of the clock; None where answers may have been kept already.
    """

    search: Search
    answers: int
    minutes: float | None

    def told(self, way: str) -> str:
        """A line for people."""
        cell = self.search.chosen
        standing = f"{ratio(cell):.1f} × chance" if cell.chance else "not eligible"
        return (
            f"  {way}: {cell.site}, κ {cell.kappa:g}: odd part {cell.odd:.3f}, {standing}, "
            f"coherence loss {cell.coherence_loss:.3f}; {self.answers:,} answers"
            + ("" if self.minutes is None else f", {self.minutes:.1f} minutes")
        )

    def row(self, model: str, way: str, cell: Tried) -> Row:
        """A line to keep.

        Args:
            model: whose cell.
            way: how it was chosen.
            cell: it, with the ratio that counts.
        """
        return {
            "model": model,
            "way": way,
            "block": cell.site.layer,
            "κ": cell.kappa,
            "ratio to chance": ratio(cell) if cell.chance else None,
            "answers": self.answers,
            "minutes": self.minutes,
        }


def options_of(name: str, cap: int | None) -> Options:
    """Of a run over one model; τ is that of such a run where no cap is told."""
    options = Options(sources=(name,))
    usual = usual_tokens([name], options.subject.max_new_tokens)
    return replace(options, max_new_tokens=cap or usual)


def choose(way: Way, options: Options, trait: str, kept: Path | None) -> Choice:
    """Choose the cell of the first source.

    Args:
        way: how.
        options: of the run.
        trait: whose cell.
        kept: a store of answers; an empty one that is removed afterwards when None.
    """
    if kept is not None:
        return replace(_chosen(way, options, trait, kept), minutes=None)
    with TemporaryDirectory() as folder:
        CONVERTED.mkdir(parents=True, exist_ok=True)
        (Path(folder) / "models").symlink_to(CONVERTED.resolve())  # converted once for all runs
        return _chosen(way, options, trait, Path(folder) / "completions.sqlite")


def _chosen(way: Way, options: Options, trait: str, path: Path) -> Choice:
    (name,) = options.sources
    with CompletionStore(path) as store:
        lab = CountingLab(replace(options, store=path), store)
        own = native_vectors(lab, name, trait, CAA)
        coherent(lab, name)
        lab.asked.clear()
        start = time.perf_counter()
        found = way(lab, name, trait, {site: own[site] for site in steerable(lab, name)})
        minutes = (time.perf_counter() - start) / 60
        return Choice(search=found, answers=len(lab.asked), minutes=minutes)


def same_cell(search: Search, cell: Tried) -> Tried:
    """The cell as a search has tried it; as it is where that has not, or not in full."""
    again = [row for row in search.tried if row.cell == cell.cell and row.chance]
    return again[0] if again else cell


def ranked_alike(read: Sequence[Sieved], written: Sequence[Tried]) -> Row:
    """How a sieve ranks blocks beside how written answers do: Spearman's correlation, of how many.

    Each block counts at the better of the sieve's doses; of fewer than `FEWEST` nothing is told.

    Args:
        read: cells of the sieve.
        written: cells in which the model answered.
    """
    doses = {row.kappa for row in read}
    odd: dict[Site, float] = {}
    for row in written:
        if row.kappa in doses:
            odd[row.site] = max(row.odd, odd.get(row.site, row.odd))
    ratios: dict[Site, float] = {}
    for row in read:
        ratios[row.site] = max(row.ratio, ratios.get(row.site, row.ratio))
    both = [(value, odd[site]) for site, value in ratios.items() if site in odd]
    if len(both) < FEWEST:
        return {}
    return {
        "rank correlation of the sieve": float(spearmanr(both).statistic),
        "blocks ranked": len(both),
    }


def compared(options: Options, trait: str, beside: str, kept: Path | None) -> Iterator[Row]:
    """What either way chose in a model, and what that took.

    Args:
        options: of the run, with the model.
        trait: whose cell is chosen.
        beside: one of `BESIDE`.
        kept: a store of answers; empty ones when None.
    """
    (name,) = options.sources
    print(f"{name}, {trait}, τ = {options.max_new_tokens} tokens", flush=True)
    coarse = choose(coarse_to_fine, options, trait, kept)
    print(coarse.told(COARSE), flush=True)
    other = BESIDE[beside]
    if other is None:
        for row in coarse.search.record():
            print("   ", row)
        yield coarse.row(name, COARSE, coarse.search.chosen)
        return
    called, way = other
    whole = choose(way, options, trait, kept)
    print(whole.told(called), flush=True)
    found, best = same_cell(whole.search, coarse.search.chosen), whole.search.chosen
    both = bool(found.chance and best.chance)
    yield coarse.row(name, COARSE, found) | {
        "of its ratio": ratio(found) / ratio(best) if both else None,
        "of its answers": coarse.answers / whole.answers,
        **ranked_alike(coarse.search.sieved, whole.search.tried),
    }
    yield whole.row(name, called, best)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="+", metavar="NAME", help="models")
    parser.add_argument("--trait", default="verbosity")
    parser.add_argument("--beside", choices=BESIDE, default="cells")
    parser.add_argument("--store", type=Path, help="where answers are kept")
    parser.add_argument("--max-new-tokens", type=int, help="τ; that of a run of claims unless told")
    asked = parser.parse_args()
    rows = (
        row
        for name in asked.names
        for row in compared(
            options_of(name, asked.max_new_tokens), asked.trait, asked.beside, asked.store
        )
    )
    name = "cells" if asked.beside == "cells" else f"cells-{asked.beside}"
    print(f"kept in {keep(name, rows, trait=asked.trait)}")


if __name__ == "__main__":
    main()
