"""Records on disk: whole or not at all, and checked when they are read."""

import gzip
import json
import zlib
from collections.abc import Mapping
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.report.record.checked import validate
from prefvec.report.record.whole import Record
from prefvec.whole_files import write_whole

_GZIP = b"\x1f\x8b"


def read(path: Path) -> Record:
    """Read and check a `verdicts.json`, or one that gzip has compressed.

    Raises:
        PrefvecError: if it is missing, not JSON, or not the record of a run.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content.startswith(_GZIP) else content).decode("utf-8")
    except FileNotFoundError as error:
        raise PrefvecError(
            f"There is no record at {path}. `pytest claims/` writes one to "
            "reports/latest/verdicts.json; run it, or check the path."
        ) from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise PrefvecError(f"{path} could not be read ({error}). Check the path.") from error
    try:
        record = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise PrefvecError(
            f"{path} is not valid JSON ({error}). Give a verdicts.json, or run the claims again."
        ) from error
    return validate(record, source=str(path))


def write(record: Mapping[str, object], path: Path) -> None:
    """Write a record whole or not at all, so that a killed run leaves the last whole one."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)
    write_whole(text + "\n", path)
