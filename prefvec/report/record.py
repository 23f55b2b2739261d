"""The record of one run, `verdicts.json`: what is in it, read, checked and written whole."""

import gzip
import json
import math
import os
import re
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.report.schema import CLAIM, CLAIM_DEFAULTS, RECORD, RUN_DEFAULTS, SCHEMA
from prefvec.report.shapes import mismatches

_GZIP = b"\x1f\x8b"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def plain(value: Any, where: str = "the record") -> Any:
    """A deep copy in JSON's own types.

    numpy scalars and arrays become Python's; a number that is not finite becomes null; a lone
    surrogate, which no file could hold, becomes the replacement character.

    Raises:
        PrefvecError: naming the place of something JSON has no word for.
    """
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {str(plain(k, where)): plain(v, f"{where}.{k}") for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if hasattr(value, "tolist"):
        return plain(value.tolist(), where)
    raise PrefvecError(
        f"{where} is a {type(value).__name__}, which JSON cannot hold. "
        "Records are made of numbers, strings, lists and dictionaries: convert it first."
    )


def claim_record(claim: Mapping[str, Any]) -> dict[str, Any]:
    """A checked, plain copy of a claim's record; what it leaves out is filled in as empty.

    Raises:
        PrefvecError: naming the entry that is missing or wrong.
    """
    claim = plain({**CLAIM_DEFAULTS, **claim}, where=f"the claim {claim.get('id')!r}")
    _require(claim, CLAIM, f"The record of the claim {claim.get('id')!r}")
    _require_ids([claim])
    return claim


def run_record(
    run: Mapping[str, Any],
    models: Sequence[Any] = (),
    splits: Sequence[Any] = (),
    claims: Sequence[Any] = (),
    known_answers: Sequence[Any] = (),
) -> dict[str, Any]:
    """The checked record of a run, in plain types.

    Raises:
        PrefvecError: naming the entry that is missing or wrong.
    """
    record = plain(
        {
            "schema": SCHEMA,
            "run": {**RUN_DEFAULTS, **run},
            "models": models,
            "splits": splits,
            "claims": claims,
            "known_answers": known_answers,
        }
    )
    validate(record)
    return record


def validate(record: Any, source: str = "The record") -> None:
    """Check that `record` is the record of a run, in the schema written here.

    Raises:
        PrefvecError: saying what is wrong and what to do.
    """
    if not isinstance(record, dict) or "schema" not in record or "claims" not in record:
        raise PrefvecError(
            f"{source} is not the record of a run: it has no `schema` and `claims`. "
            "Give the verdicts.json that `pytest claims/` writes into reports/latest/."
        )
    if record["schema"] != SCHEMA:
        raise PrefvecError(
            f"{source} has schema {record['schema']!r}; this version reads schema {SCHEMA}. "
            "Render it with the version that wrote it, or run the claims again."
        )
    _require(record, RECORD, source)
    _require_ids([*record["claims"], *record["known_answers"]], source)


def read(path: Path) -> dict[str, Any]:
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
    validate(record, source=str(path))
    return record


def write(record: Mapping[str, Any], path: Path) -> None:
    """Write a record whole or not at all, so that a killed run leaves the last whole one."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)
    write_whole(text + "\n", path)


def write_whole(text: str, path: Path) -> None:
    """Replace the file at `path` by `text` in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _require(value: Any, shape: Any, source: str) -> None:
    wrong = mismatches(value, shape)
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise PrefvecError(
            f"{source} does not follow schema {SCHEMA}: {wrong[0]}{more}. "
            "Run the claims again, or correct what wrote the record."
        )


def _require_ids(claims: Sequence[Mapping[str, Any]], source: str = "The record") -> None:
    seen: set[str] = set()
    for claim in claims:
        if not _ID.fullmatch(claim["id"]) or claim["id"] in seen:
            raise PrefvecError(
                f"{source} has a claim with the id {claim['id']!r}. An id names a place in the "
                "page, so it is unique and made of letters, digits, '-', '_' and '.'."
            )
        seen.add(claim["id"])
        _require_figures(claim, source)


def _require_figures(claim: Mapping[str, Any], source: str) -> None:
    """What shapes cannot say of figures: ids that name a place, and tables without holes."""
    seen: set[str] = set()
    for figure in claim.get("figures") or []:
        wrong = None
        if not _ID.fullmatch(figure["id"]) or figure["id"] in seen:
            wrong = (
                "needs an id of its own among the claim's figures, made of letters, digits, "
                "'-', '_' and '.'"
            )
        elif figure["kind"] == "heat map":
            wrong = _ragged(figure["cells"], len(figure["rows"]), len(figure["columns"]))
            outside = [
                mark
                for mark in figure.get("marked") or []
                if not 0 <= mark["row"] < len(figure["rows"])
                or not 0 <= mark["column"] < len(figure["columns"])
            ]
            if outside and not wrong:
                wrong = f"marks a cell it does not have: {outside[0]}"
        elif figure["kind"] == "table":
            wrong = _ragged(figure["rows"], len(figure["rows"]), len(figure["columns"]))
        if wrong:
            raise PrefvecError(
                f"{source} has a {figure['kind']} {figure['id']!r} of the claim {claim['id']!r} "
                f"that {wrong}. Correct what wrote the record."
            )
        seen.add(figure["id"])


def _ragged(cells: Sequence[Sequence[Any]], rows: int, columns: int) -> str | None:
    if len(cells) == rows and all(len(row) == columns for row in cells):
        return None
    return f"is not {rows} rows of {columns} cells"
