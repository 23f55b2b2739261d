"""Records on disk: whole or not at all, and checked when they are read."""

import gzip
import json
import os
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.report.record.checked import validate
from prefvec.report.record.whole import Record

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


def write_whole(content: str | bytes, path: Path) -> None:
    """Replace the file at `path` by `content` in one step; text is written as UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
