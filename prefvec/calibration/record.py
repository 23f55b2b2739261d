"""What is kept of a calibration: counts by cell, held to their bounds, and of which rules."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from prefvec.calibration.decisive_code import fingerprint
from prefvec.calibration.trial_table import BOUNDED, REACHED, TRIALS
from prefvec.calibration.trials import ONE_IN, Bound
from prefvec.errors import PrefvecError
from prefvec.whole_files import write_whole

SCHEMA = 1
LIBRARIES = ("numpy", "scipy", "statsmodels")

NOTE = (
    f"The worst of several truths is compared: each rate may miss its bound by the Monte-Carlo "
    f"error that one in {ONE_IN} calibrations exceeds in any rate of the kind (Bonferroni)."
)
"""How the rates of a record are held to their bounds."""

Cell = tuple[str, int]
"""A trial's key and the number of prompts."""

Counts = dict[str, int]


def record(found: Mapping[Cell, Counts], *, runs: int, seed: int, rules: str) -> dict[str, Any]:
    """The record as plain Python types; the same for the same code, libraries and settings.

    Args:
        found: the counts of each cell.
        runs: of each cell.
        seed: of the calibration.
        rules: the fingerprint of the rules when the first of them was played.
    """
    return {
        "schema": SCHEMA,
        "fingerprint": rules,
        "settings": {
            "runs": runs,
            "seed": seed,
            "one_in": ONE_IN,
            "note": NOTE,
            "versions": {library: version(library) for library in LIBRARIES},
        },
        "cells": [
            _cell_record((key, n), found[key, n], runs)
            for key, trial in TRIALS.items()
            for n in trial.prompts
            if (key, n) in found
        ],
    }


def _cell_record(cell: Cell, counts: Counts, runs: int) -> dict[str, Any]:
    key, n = cell
    trial = TRIALS[key]
    return {
        "key": key,
        "kind": trial.kind,
        "truth": trial.truth,
        "name": trial.name,
        "n_prompts": n,
        "runs": runs,
        "counts": {of: int(counts[of]) for of in sorted(counts) if counts[of]},
        "bounds": [
            _bound_record(bound, counts, runs, n, BOUNDED[trial.kind]) for bound in trial.bounds
        ],
    }


def _bound_record(bound: Bound, counts: Counts, runs: int, n: int, among: int) -> dict[str, Any]:
    count, of = counts.get(bound.of, 0), counts.get(bound.out_of, runs)
    return {
        "of": bound.of,
        "side": bound.side if n in bound.at else "shown",
        "bound": bound.rate if n in bound.at else None,
        "rate": round(count / of, 6) if of else None,
        "within": bound.holds(count, of, n, among=among),
    }


def problems(made: Mapping[str, Any]) -> list[str]:
    """What is out of its bound in a record, and what was never reached, as sentences."""
    wrong = [
        f"{cell['key']} with {cell['n_prompts']} prompts ({cell['name']}): {held['of']} in "
        f"{held['rate']:.2%} of the runs, must be {held['side']} {held['bound']:.2%}."
        for cell in made["cells"]
        for held in cell["bounds"]
        if not held["within"]
    ]
    for kind, outcomes in REACHED.items():
        reached = {of for cell in made["cells"] if cell["kind"] == kind for of in cell["counts"]}
        wrong += [f"No trial of “{kind}” came out {of}." for of in sorted(outcomes - reached)]
    return wrong


def told(cell: Cell, counts: Counts, runs: int) -> list[str]:
    """A cell's rates as lines of text."""
    made = _cell_record(cell, counts, runs)
    lines: list[str] = []
    for held in made["bounds"]:
        bound = f"{held['side']} {held['bound']:.1%}" if held["bound"] is not None else "shown"
        rate = f"{held['rate']:.2%}" if held["rate"] is not None else "—"
        mark = "" if held["within"] else "  OUT OF BOUNDS"
        lines.append(f"{cell[0]:22} n={cell[1]:<3} {held['of']:32} {rate:>8}  {bound}{mark}")
    return lines


def write(made: Mapping[str, Any], path: Path) -> None:
    """Write a record whole or not at all."""
    write_whole(json.dumps(made, ensure_ascii=False, indent=1) + "\n", path)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The finished cells of a calibration that was interrupted.

    Attributes:
        path: the file they are in.
        runs: of each cell.
        seed: of the calibration.
        rules: their fingerprint at the beginning, for their files may change meanwhile.
    """

    path: Path
    runs: int
    seed: int
    rules: str = field(default_factory=fingerprint)

    @property
    def _settings(self) -> dict[str, Any]:
        return {"fingerprint": self.rules, "runs": self.runs, "seed": self.seed}

    def read(self) -> dict[Cell, Counts]:
        """The cells, if they were made by these rules and settings.

        Raises:
            PrefvecError: if the file is not one of these.
        """
        if not self.path.exists():
            return {}
        try:
            kept: Any = json.loads(self.path.read_text(encoding="utf-8"))
            if kept["settings"] != self._settings:
                return {}
            return {(row["key"], row["n"]): row["counts"] for row in kept["cells"]}
        except (KeyError, TypeError, ValueError) as error:
            raise PrefvecError(
                f"{self.path} does not hold the cells of a calibration ({error}). Run it with "
                "--fresh."
            ) from error

    def write(self, found: Mapping[Cell, Counts]) -> None:
        """Keep these cells."""
        rows = [{"key": key, "n": n, "counts": counts} for (key, n), counts in found.items()]
        write({"settings": self._settings, "cells": rows}, self.path)

    def forget(self) -> None:
        """Remove them."""
        self.path.unlink(missing_ok=True)
