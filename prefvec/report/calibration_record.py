"""The record of the calibration: how often each rule came out how, of simulated answers."""

import json
from pathlib import Path
from typing import Literal, NotRequired, TypedDict, cast

from prefvec.errors import PrefvecError
from prefvec.report.record import mismatches
from prefvec.shipped import CALIBRATION
from prefvec.vocabulary import Kind

RECORD = CALIBRATION
SCHEMA = 1

TrialKind = Literal[Kind, "family", "contrast"]
"""What was simulated: claims of a kind, families of ten claims, or single contrasts."""


class Bound(TypedDict):
    """A rate, and what is required of it."""

    of: str
    """The outcome, label or event that is counted."""
    side: Literal["at most", "at least", "shown"]
    """On which side of the bound the rate has to lie; `shown` requires nothing."""
    bound: float | None
    """The required rate, from 0 to 1; None where nothing is required."""
    rate: float | None
    """The rate that was found, from 0 to 1; None where nothing could be counted."""
    within: bool
    """Whether it keeps the bound, within binomial error."""


class Cell(TypedDict):
    """One truth, simulated with one number of prompts."""

    key: str
    """Names the trial."""
    kind: TrialKind
    """What was simulated."""
    truth: str
    """What was true: the name of the simulated world."""
    name: str
    """What was true, in words."""
    n_prompts: int
    """How many prompts each run had."""
    runs: int
    """How many runs were simulated."""
    counts: dict[str, int]
    """How many runs came out how."""
    bounds: list[Bound]
    """The rates that are shown or required."""


class Settings(TypedDict):
    """How it was simulated."""

    runs: int
    """Runs of each cell."""
    seed: int
    """Of all of them."""
    one_in: int
    """Where every bound of a kind holds, one is found broken once in so many calibrations."""
    note: NotRequired[str]
    """How the worst of several rates is held to its bound."""
    versions: dict[str, str]
    """Versions of the libraries."""


class CalibrationRecord(TypedDict):
    """What stands in reports/calibration.json."""

    schema: int
    """`SCHEMA` of the version that wrote it."""
    fingerprint: str
    """Of the rules and of their simulation."""
    settings: Settings
    """How it was simulated."""
    cells: list[Cell]
    """Every truth, with every number of prompts."""


def read(path: Path = RECORD) -> CalibrationRecord | None:
    """The record, checked; None if there is none.

    Raises:
        PrefvecError: if the file is not the record of a calibration.
    """
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        wrong = mismatches(record, CalibrationRecord)
        if not wrong and record["schema"] != SCHEMA:
            wrong = [f"its schema is {record['schema']}, not {SCHEMA}"]
    except (OSError, ValueError, RecursionError) as error:
        record, wrong = None, [str(error)]
    if wrong:
        raise PrefvecError(
            f"{path} is not the record of a calibration: {wrong[0]}. Run `make calibrate`."
        )
    return cast("CalibrationRecord", record)
