"""What the record needs and no measurement gives: when a claim was measured, and what was asked."""

import time
from datetime import UTC, datetime
from typing import Any

from prefvec.experiments.lab import Lab
from prefvec.experiments.memory import Memory
from prefvec.experiments.records import run_facts, written_at
from prefvec.models.processors import processor
from prefvec.provenance import commit
from prefvec.report.record import Measuring


class Watch:
    """Says when measuring began and, at its end, how long it took and with what.

    Args:
        lab: where it is measured.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self._begun = time.monotonic()

    def read(self) -> Measuring:
        """The note that stays with the result, in whichever run it is told again."""
        devices = [model["device"] for model in self._lab.models.describe()]
        return {
            "started": self._started,
            "seconds": round(time.monotonic() - self._begun, 1),
            "commit": commit(),
            "written": None if self._lab.store.misses else written_at(self._lab.store),
            "device": devices[0] if devices else None,
            "processor": processor(devices[0]) if devices else None,
        }


def facts(memory: Memory) -> dict[str, Any]:
    """The facts of the run, with the questions of its test prompts."""
    told = run_facts(memory)
    asked = {prompt.id: prompt.text for prompt in memory.lab.material.splits["test"]}
    splits = [
        {**split, "texts": asked} if split["name"] == "test" else split for split in told["splits"]
    ]
    return {**told, "splits": splits}
