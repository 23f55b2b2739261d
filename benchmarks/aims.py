"""The project's aims of speed and memory, each beside what benchmarks found of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Results = Mapping[str, Mapping[str, Any]]
"""What was kept, by name."""
Standing = Literal["met", "missed", "not decided", "not measured"]
Found = tuple[str, Standing]
"""A figure in words, and how it stands to the aim."""

NOTHING: Found = ("", "not measured")
EXTRACTION, SWEEP, FLOOR, GROWTH = "extraction-smollm2-135m-instruct", "sweep", "floor", "growth"
WHOLE, REAL, SMOKE = "whole-verdicts", "whole-real", "whole-real-args-quick"
ROWS = 256
"""Rows of a step at which its share of the floor is judged."""
CLOSE = 1.02
"""Of a steered step over an unsteered one, at most."""
FLAT = 1.1
"""Of peak memory for many prompts over that for few, at most."""


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What is wanted, and what was found of it.

    Attributes:
        what: in words, with its number.
        found: reads it off what was kept.
    """

    what: str
    found: Callable[[Results], Found]


def _faster(
    times: float, result: str, ours: str, peers: Callable[[str], bool], on: str
) -> Callable[[Results], Found]:
    """By ratios to a reference that each library was timed beside; those that failed have none."""

    def found(results: Results) -> Found:
        kept = results.get(result, {"rows": [], "facts": {}})
        ratios = {row["library"]: row["ratio"] for row in kept["rows"] if "ratio" in row}
        others = {name: ratio for name, ratio in ratios.items() if name != ours and peers(name)}
        if ours not in ratios or not others:
            return NOTHING
        fastest = min(others, key=lambda name: others[name])
        faster = others[fastest] / ratios[ours]
        told = f"{faster:.2f} times; of {len(others)} the fastest is “{fastest}”"
        return f"{told}; {kept['facts'][on]} {on}", "met" if faster >= times else "missed"

    return found


def _near_the_floor(least: float, of: Callable[[str], bool]) -> Callable[[Results], Found]:
    def found(results: Results) -> Found:
        shares = {
            kept["facts"]["model"]: row["share of the floor"]
            for name, kept in results.items()
            for row in kept["rows"]
            if of(name) and row.get("rows") == ROWS
        }
        if not shares:
            return NOTHING
        told = ", ".join(f"{100 * share:.0f} % ({model})" for model, share in shares.items())
        return told, "met" if min(shares.values()) >= least else "missed"

    return found


def _steered(results: Results) -> Found:
    """By the least and the largest ratio: one without its noise tells nothing."""
    rows = [
        row
        for name, kept in results.items()
        for row in kept["rows"]
        if (name == FLOOR or name.startswith("gpu-")) and "largest" in row
    ]
    if not rows:
        return NOTHING
    least, largest = min(row["least"] for row in rows), max(row["largest"] for row in rows)
    told = f"{least:.2f} to {largest:.2f}"
    if largest <= CLOSE:
        return told, "met"
    worst = max(row["least"] for row in rows)
    return told, "missed" if worst > CLOSE else "not decided"


def _flat(results: Results) -> Found:
    """By the peak of the most prompts over that of the fewest, which fill their batches already."""
    told = {
        grows: [row for row in results.get(GROWTH, {"rows": []})["rows"] if row["grows"] == grows]
        for grows in ("prompts", "prompts read")
    }
    if not all(told.values()):
        return NOTHING
    most = {grows: rows[-1] for grows, rows in told.items()}
    in_words = " and ".join(
        f"{row['peak memory, ratio']:.2f} times for {row['size'] / told[grows][0]['size']:.0f} "
        f"times the {grows}"
        for grows, row in most.items()
    )
    flat = all(row["peak memory, ratio"] <= FLAT for row in most.values())
    return in_words, "met" if flat else "missed"


def _at_most(most: float, result: str, fact: str, unit: str) -> Callable[[Results], Found]:
    """By a fact of a whole run."""

    def found(results: Results) -> Found:
        if result not in results:
            return NOTHING
        value = results[result]["facts"][fact]
        return f"{value:.1f} {unit}", "met" if value <= most else "missed"

    return found


AIMS = (
    Aim(
        what="extraction at the middle block: 2.5 times as fast as the fastest peer",
        found=_faster(
            2.5, EXTRACTION, "prefvec, one block", lambda name: "all blocks" not in name, "pairs"
        ),
    ),
    Aim(
        what="extraction at all blocks: 1.3 times as fast as the fastest peer",
        found=_faster(
            1.3, EXTRACTION, "prefvec, all blocks", lambda name: "all blocks" in name, "pairs"
        ),
    ),
    Aim(
        what="a sweep over doses: 3 times as fast as the fastest peer",
        found=_faster(3.0, SWEEP, "prefvec", lambda _: True, "answers"),
    ),
    Aim(what="a steered step: within 2 % of an unsteered one", found=_steered),
    Aim(
        what="a step on a GPU, 256 rows: 60 % of the floor",
        found=_near_the_floor(0.6, lambda name: name.startswith("gpu-")),
    ),
    Aim(
        what="a step on two cores, 256 rows: 50 % of the floor",
        found=_near_the_floor(0.5, lambda name: name == FLOOR),
    ),
    Aim(
        what="`make verdicts` from an empty store: 10 minutes at most",
        found=_at_most(10, WHOLE, "minutes", "minutes"),
    ),
    Aim(
        what="`make verdicts` again, all kept: 15 s at most",
        found=lambda _: ("its claims 22 s on two cores, by the clock", "missed"),
    ),
    Aim(
        what="`make real` from an empty store: 60 minutes at most",
        found=_at_most(60, REAL, "minutes", "minutes"),
    ),
    Aim(
        what="`make real` from an empty store: 8 GiB of memory at most, which are 8.6 GB",
        found=_at_most(8 * 2**30 / 1e9, REAL, "peak memory, GB", "GB"),
    ),
    Aim(
        what="`make real ARGS=--quick`, a smoke run: 8 minutes at most",
        found=_at_most(8, SMOKE, "minutes", "minutes"),
    ),
    Aim(
        what="`make test`: 2 minutes at most",
        found=lambda _: (
            "its unit tests alone 196 s on two cores, 283 s in a fresh clone, by the clock",
            "missed",
        ),
    ),
    Aim(what="memory: the same for any number of prompts", found=_flat),
)
"""Those that no benchmark measures say so, or hold the figure that was taken by hand."""
