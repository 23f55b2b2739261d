"""The file of blessed findings: what was once found and accepted.

A set of models has one file, reports/findings/<set>.json, under version control. Findings that
were blessed under the same conditions share one entry of these.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.report.record import plain, write_whole
from prefvec.report.schema import KINDS, OUTCOMES, VECTOR
from prefvec.report.shapes import MapOf, Maybe, OneOf, mismatches

SCHEMA = 2
_ARM = {"site": Maybe(str), "relative_norm": Maybe(float), "vector": Maybe(VECTOR)}
_FINDING = {
    "outcome": OneOf(OUTCOMES),
    "label": Maybe(str),
    "reason": Maybe(str),
    "kind": OneOf(KINDS),
    "source": Maybe(str),
    "target": Maybe(str),
    "metric": str,
    "parameters": MapOf(Maybe(float)),
    "native_effect": Maybe(float),
    "odd": MapOf(float),
    "arms": MapOf(_ARM),
    "adapter": Maybe({"method": Maybe(str)}),
    "conditions": str,
}
_CONDITIONS = {
    "settings": MapOf(Maybe(float)),
    "prompts": MapOf(str),
    "models": MapOf(MapOf(Maybe(str))),
    "device": Maybe(str),
    "dtype": Maybe(str),
    "versions": MapOf(str),
    "code": MapOf(str),
    "commit": Maybe(str),
}
_FILE = {
    "schema": int,
    "model_set": str,
    "conditions": MapOf(_CONDITIONS),
    "findings": MapOf(_FINDING),
}


def path_of(folder: Path, model_set: str) -> Path:
    """The findings file of a set of models; odd characters in its name are replaced."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", model_set).strip("-.")[:120]
    if stem != model_set:
        stem = f"{stem}-{hashlib.sha256(model_set.encode()).hexdigest()[:8]}"
    return folder / f"{stem}.json"


def read(path: Path) -> dict[str, dict[str, Any]]:
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
    wrong = mismatches(content, _FILE)
    if not wrong:
        known = content["conditions"]
        wrong = [
            f"`{name}` was blessed under conditions that are not in the file"
            for name, finding in content["findings"].items()
            if finding["conditions"] not in known
        ]
    if wrong:
        raise PrefvecError(f"{path} is not a findings file: {wrong[0]}. {repair}")
    return {
        name: {**finding, "conditions": known[finding["conditions"]]}
        for name, finding in content["findings"].items()
    }


def write(path: Path, model_set: str, findings: Mapping[str, Any]) -> None:
    """Write the findings, in the order of their ids so that a diff shows what changed."""
    shared, kept = {}, {}
    for name, finding in sorted(findings.items()):
        conditions = finding["conditions"]
        text = json.dumps(conditions, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        shared[digest] = conditions
        kept[name] = {**finding, "conditions": digest}
    content = {"schema": SCHEMA, "model_set": model_set, "conditions": shared, "findings": kept}
    text = json.dumps(plain(content), ensure_ascii=False, allow_nan=False, indent=1)
    write_whole(text + "\n", path)


def _require_schema(content: Any, path: Path) -> None:
    schema = content.get("schema") if isinstance(content, dict) else None
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
