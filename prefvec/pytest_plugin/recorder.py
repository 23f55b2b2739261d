"""What the process that writes does with the claims, its own or those of xdist's workers.

verdicts.json and verdicts.html are whole at any time. They are written after every claim, but for
claims that come faster than writing them takes a tenth of the run: of many claims read from the
store, a killed run may lack those of its last seconds.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from prefvec.report import findings
from prefvec.report import record as records
from prefvec.report.blessing import conditions_of, finding_of
from prefvec.report.page import render
from prefvec.report.record import Claim, KnownAnswer, Model, Record, Split
from prefvec.report.record.run import NotRun
from prefvec.whole_files import write_whole

_SHARE = 0.1
"""Of the run, for writing: the record grows with every claim, and so does each write."""


class Parcel(TypedDict):
    """What one test sends: the claims that it added, and what is known of the run."""

    run: dict[str, Any]
    """Facts of the run."""
    models: list[Model]
    """The models known so far."""
    splits: list[Split]
    """The splits known so far."""
    claims: list[Claim]
    """The claims that the test added."""
    known_answers: list[KnownAnswer]
    """Likewise."""


class _Mark(TypedDict, total=False):
    withdrawn: bool


class Recorder:
    """Receives the claims of a session and writes the record and its page.

    Args:
        reports: the folder that holds latest/ and findings/.
        command: the command line of this run.
        started: when the session started.
        begun: the monotonic clock then; when left out, both are now.
    """

    def __init__(
        self,
        reports: Path,
        command: str,
        *,
        started: datetime | None = None,
        begun: float | None = None,
    ):
        self.json = reports / "latest" / "verdicts.json"
        self.html = reports / "latest" / "verdicts.html"
        self._findings = reports / "findings"
        self._begun = time.monotonic() if begun is None else begun
        self._facts: dict[str, Any] = {"started": _told(started), "command": command}
        self._models: dict[str, Model] = {}
        self._splits: dict[str, Split] = {}
        self._claims: dict[str, Claim] = {}
        self._known: dict[str, KnownAnswer] = {}
        self._tests: set[str] = set()
        self._due = self._begun

    def receive(self, nodeid: str, parcel: Parcel) -> None:
        """Take what one test sent, and write everything known so far unless that was just done."""
        if parcel["claims"]:
            self._tests.add(nodeid)
        self._facts |= parcel["run"]
        self._models |= {model["name"]: model for model in parcel["models"]}
        self._splits |= {split["name"]: split for split in parcel["splits"]}
        for claim in parcel["claims"]:
            self._claims[claim["id"]] = {**claim, "nodeid": claim["nodeid"] or nodeid}
        self._known |= {known["id"]: known for known in parcel["known_answers"]}
        begun = time.monotonic()
        if begun >= self._due:
            self._write()
            ended = time.monotonic()
            self._due = ended + (ended - begun) * (1 - _SHARE) / _SHARE

    def finish(self, *, interrupted: bool, whole: bool = False) -> None:
        """Write the record for the last time, with whether the run came to its end.

        Args:
            interrupted: whether it did not.
            whole: whether every claim there is was selected, so that findings which were not
                measured are of claims that are no more.
        """
        if not (self._claims or self._known):
            return
        complete = not interrupted and self.measured_all
        not_run = self._not_run(withdrawn=whole and complete)
        self._facts |= {"finished": _told(), "complete": complete, "not_run": not_run}
        self._write()

    @property
    def measured_all(self) -> bool:
        """Whether every selected claim left a verdict."""
        return len(self._tests) == self._facts.get("selected")

    @property
    def selected_all(self) -> bool:
        """Whether -m, -k and their like left no collected claim out."""
        return self._facts.get("selected") == self._facts.get("collected")

    @property
    def withdrawn(self) -> list[str]:
        """The findings of a finished whole run whose claims are no more."""
        return [each["id"] for each in self._facts.get("not_run") or [] if each.get("withdrawn")]

    def bless(self, *, whole: bool = False) -> Path:
        """Keep every outcome but INVALID as a finding; other claims' findings stay as they are.

        Args:
            whole: whether every claim there is was selected. If each left a verdict, findings of
                claims that are no more are removed.
        """
        path = findings.path_of(self._findings, self._facts["model_set"])
        kept = findings.read(path)
        conditions = conditions_of(
            self._facts, list(self._models.values()), list(self._splits.values())
        )
        for claim in self.blessable:
            accepted = claim["blessed"]
            reason = accepted["reason"] if accepted else None
            kept[claim["id"]] = finding_of(claim, conditions, reason)
        if whole and self.measured_all:
            kept = {name: finding for name, finding in kept.items() if name in self._claims}
        findings.write(path, self._facts["model_set"], kept)
        return path

    @property
    def blessable(self) -> list[Claim]:
        """The claims whose outcome can become a finding."""
        return [claim for claim in self._claims.values() if claim["outcome"] != "INVALID"]

    @property
    def record(self) -> Record | None:
        """The record so far, or None while no claim and no known answer has finished."""
        if not (self._claims or self._known):
            return None
        run = {**self._facts, "duration_s": round(time.monotonic() - self._begun, 1)}
        return records.run_record(
            run,
            list(self._models.values()),
            list(self._splits.values()),
            list(self._claims.values()),
            list(self._known.values()),
        )

    def _write(self) -> None:
        record = self.record
        if record is not None:
            records.write(record, self.json)
            write_whole(render(record), self.html)

    def _not_run(self, *, withdrawn: bool) -> list[NotRun]:
        if self._facts["mode"] == "quick":
            return []
        kept = findings.read(findings.path_of(self._findings, self._facts["model_set"]))
        mark: _Mark = {"withdrawn": True} if withdrawn else {}
        return [
            {"id": name, "outcome": finding["outcome"], **mark}
            for name, finding in kept.items()
            if name not in self._claims
        ]


def _told(moment: datetime | None = None) -> str:
    return (moment or datetime.now(UTC)).isoformat(timespec="seconds")
