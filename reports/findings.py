"""Blessed findings: what was once found and accepted.

A set of models has one file, reports/findings/<set>.json, under version control. Per-prompt
values are kept, so that a change is tested on the same prompts by a paired t.
"""

import hashlib
import json
import re
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError
from reports.records import plain, write_whole
from reports.schema import MAIN_ARM, OUTCOMES
from reports.shapes import MapOf, Maybe, OneOf, mismatches

SCHEMA = 1
METRIC = "words per answer"
_SETTINGS = ("seed", "samples", "n_prompts", "max_new_tokens")
_FINDING = {
    "outcome": OneOf(OUTCOMES),
    "label": Maybe(str),
    "reason": Maybe(str),
    "kind": str,
    "metric": str,
    "parameters": MapOf(Maybe(float)),
    "settings": MapOf(Maybe(float)),
    "native_effect": Maybe(float),
    "odd": MapOf(float),
    "suspects": MapOf(Maybe(str)),
}


def path_of(folder: Path, model_set: str) -> Path:
    """The findings file of a set of models; odd characters in its name are replaced."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", model_set).strip("-.")[:120]
    if stem != model_set:
        stem = f"{stem}-{hashlib.sha256(model_set.encode()).hexdigest()[:8]}"
    return folder / f"{stem}.json"


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The findings by claim id; none where there is no file.

    Raises:
        PrefvecError: if the file is not a findings file.
    """
    if not path.exists():
        return {}
    repair = "Restore it from version control, or delete it and run with --bless."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PrefvecError(f"The findings in {path} cannot be read ({error}). {repair}") from error
    shape = {"schema": int, "model_set": str, "findings": MapOf(_FINDING)}
    wrong = mismatches(content, shape)
    if not wrong and content["schema"] != SCHEMA:
        wrong = [f"`schema` is {content['schema']}, not {SCHEMA}"]
    if wrong:
        raise PrefvecError(f"{path} is not a findings file: {wrong[0]}. {repair}")
    return content["findings"]


def write(path: Path, model_set: str, findings: Mapping[str, Any]) -> None:
    """Write the findings, in the order of their ids so that a diff shows what changed."""
    content = {"schema": SCHEMA, "model_set": model_set, "findings": dict(sorted(findings.items()))}
    text = json.dumps(plain(content), ensure_ascii=False, allow_nan=False, indent=1)
    write_whole(text + "\n", path)


def finding_of(
    claim: Mapping[str, Any], run: Mapping[str, Any], models: Any, reason: str | None
) -> dict[str, Any]:
    """What a bless keeps of a claim's record: outcome, settings, per-prompt odd parts."""
    return plain(
        {
            "outcome": claim["outcome"],
            "label": claim["label"],
            "sentence": claim["sentence"],
            "reason": reason,
            "kind": claim["kind"],
            "metric": claim.get("metric", METRIC),
            "parameters": claim["criterion"]["parameters"],
            "settings": {key: run.get(key) for key in _SETTINGS},
            "native_effect": mean(odd_parts(claim, "native")),
            "odd": odd_parts(claim),
            "suspects": _suspects(claim, run, models),
        }
    )


def bless_reason(
    claim: Mapping[str, Any], old: Mapping[str, Any] | None, given: str | None
) -> str | None:
    """Why an outcome is accepted: as given, else as before, else the verdict's own sentence."""
    if given:
        return given
    if claim["outcome"] == "SUPPORTED":
        return None
    if old and old["outcome"] == claim["outcome"] and old["reason"]:
        return old["reason"]
    return claim["sentence"]


def odd_parts(claim: Mapping[str, Any], arm: str | None = None) -> dict[str, float]:
    """(d(+c) − d(−c))/2 of each prompt, at the arm's largest c measured both ways."""
    name = arm or MAIN_ARM[claim["kind"]]
    for entry in claim["arms"]:
        if entry["name"] == name:
            return {
                prompt: value
                for prompt, doses in entry["per_prompt"].items()
                if (value := _odd(doses)) is not None
            }
    return {}


def _suspects(claim: Mapping[str, Any], run: Mapping[str, Any], models: Any) -> dict[str, Any]:
    found = {key: run.get(key) for key in ("commit", "device", "dtype")}
    for model in models:
        if model["name"] in (claim["source"], claim["target"]):
            found[f"model {model['name']}"] = model.get("fingerprint")
    for arm in claim["arms"]:
        if arm["name"] in ("native", MAIN_ARM[claim["kind"]]):
            site, norm = arm.get("site"), arm.get("relative_norm")
            found[f"{arm['name']} site"] = (
                f"{site['point']} of block {site['layer']}" if site else None
            )
            found[f"{arm['name']} relative norm"] = None if norm is None else f"{norm:g}"
    return {key: value for key, value in found.items() if value is not None}


def _odd(doses: Mapping[str, float | None]) -> float | None:
    by_dose = {float(key): value for key, value in doses.items() if value is not None}
    both_ways = [c for c in by_dose if c > 0 and -c in by_dose]
    if not both_ways:
        return None
    c = max(both_ways)
    return (by_dose[c] - by_dose[-c]) / 2


def mean(values: Mapping[Any, float]) -> float | None:
    """The mean of the values, or None of none."""
    return statistics.fmean(values.values()) if values else None
