"""What a rehearsal was asked for: answers, judge's marks and trainings."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from prefvec.judging.sheets import Sheet
from prefvec.tuning.recipe import Recipe


@dataclass
class Ledger:
    """What was asked for, each thing once however often it was.

    Attributes:
        answers: distinct answers, by model.
        sheets: distinct sheets that a judge would mark, by judge.
        trainings: how each adapter would be trained, by model and folder.
        bytes_held: activations that would be kept, in bytes.
    """

    answers: defaultdict[str, set[tuple[object, ...]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    sheets: defaultdict[str, set[Sheet]] = field(default_factory=lambda: defaultdict(set))
    trainings: defaultdict[str, dict[Path, Recipe]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    bytes_held: int = 0
