"""The file of blessed findings: what was once found and accepted.

A set of models has one file, reports/findings/<set>.json, under version control. Findings that
were blessed under the same conditions share one entry of these.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from prefvec.errors import PrefvecError
from prefvec.report.finding import SCHEMA, Conditions, Finding, FindingsFile, StoredFinding
from prefvec.report.record import mismatches, plain
from prefvec.whole_files import write_whole


def path_of(folder: Path, model_set: str) -> Path:
    """The findings file of a set of models; odd characters in its name are replaced."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", model_set).strip("-.")[:120]
    if stem != model_set:
        stem = f"{stem}-{hashlib.sha256(model_set.encode()).hexdigest()[:8]}"
    return folder / f"{stem}.json"


def read(path: Path) -> dict[str, Finding]:
    """The findings by claim id, each with its conditions; none where there is no file.

    Raises:
        PrefvecError: if the file is not a findings file, or one of another schema.
    """
    if not path.exists():
        return {}
    repair = "Restore it from version control, or delete it and run with --bless."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PrefvecError(f"The findings in {path} cannot be read ({error}). {repair}") from error
    _require_schema(content, path)
    wrong = mismatches(content, FindingsFile) or _without_conditions(cast("FindingsFile", content))
    if wrong:
        raise PrefvecError(f"{path} is not a findings file: {wrong[0]}. {repair}")
    file = cast("FindingsFile", content)
    return {
        name: {**finding, "conditions": file["conditions"][finding["conditions"]]}
        for name, finding in file["findings"].items()
    }


def _without_conditions(file: FindingsFile) -> list[str]:
    return [
        f"`{name}` was blessed under conditions that are not in the file"
        for name, finding in file["findings"].items()
        if finding["conditions"] not in file["conditions"]
    ]


def write(path: Path, model_set: str, findings: Mapping[str, Finding]) -> None:
    """Write the findings, in the order of their ids so that a diff shows what changed."""
    shared: dict[str, Conditions] = {}
    kept: dict[str, StoredFinding] = {}
    for name, finding in sorted(findings.items()):
        conditions = finding["conditions"]
        text = json.dumps(conditions, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        shared[digest] = conditions
        kept[name] = {**finding, "conditions": digest}
    content: FindingsFile = {
        "schema": SCHEMA,
        "model_set": model_set,
        "conditions": shared,
        "findings": kept,
    }
    text = json.dumps(plain(content), ensure_ascii=False, allow_nan=False, indent=1)
    write_whole(text + "\n", path)


def _require_schema(content: object, path: Path) -> None:
    entries = cast("dict[str, object]", content) if isinstance(content, dict) else {}
    schema = entries.get("schema")
    if not isinstance(schema, int) or schema == SCHEMA:
        return
    if schema > SCHEMA:
        raise PrefvecError(
            f"The findings in {path} have schema {schema} and this version reads {SCHEMA}. "
            "Compare with the version that blessed them, or delete the file and run with --bless."
        )
    raise PrefvecError(
        f"The findings in {path} have schema {schema}, without the fingerprints that this "
        f"version (schema {SCHEMA}) compares by. Bless them again: note the `reason` of each, "
        "delete the file, and run the same claims with --bless and "
        '--bless-reason "claim-id=reason" for each that is not SUPPORTED.'
    )
