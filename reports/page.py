"""The page of a run, made from its record alone: one file, no network, no script.

Everything in a record may be hostile, the answers above all. Every value reaches the page
through Jinja's autoescape, and the page forbids by policy what is not its own.
"""

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from reports import calibration, effects, figures, known_answers, numerals
from reports.claim_figures import claim_figures
from reports.dose_response import dose_figure
from reports.forests import forest_figure
from reports.questions import Question, questions
from reports.schema import OUTCOMES
from reports.secondary import secondary_table

_ROLES = {
    "test": "tests",
    "filter": "relevance",
    "precondition": "preconditions",
    "control": "controls",
    "shown": "shown, not decisive",
}
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ARM_STYLES = ("native", "raw", "adapted", "unsteered")
_CHANGES = {
    "SAME": "unchanged",
    "REGRESSED": "regressed",
    "IMPROVED": "improved",
    "DRIFT": "drift",
    "NEW": "new, never blessed",
    "NOT COMPARABLE": "not comparable with the blessed finding",
}


def render(record: Mapping[str, Any], *, calibrated: Path = calibration.RECORD) -> str:
    """The page as text.

    Args:
        record: the checked record of a run (see `reports.schema`).
        calibrated: the record of how often the rules are wrong.
    """
    run = record["run"]
    whole = Question(id="all", name="all", claims=record["claims"])
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            record=record,
            run=run,
            questions=[
                (
                    question,
                    [_claim_view(claim) for claim in question.claims],
                    forest_figure(question),
                )
                for question in questions(record["claims"])
            ],
            counts=whole.counts,
            outcomes=OUTCOMES,
            banners=_banners(record),
            provenance=_provenance(run),
            models=[m for m in record["models"] if m["role"] != "known answer"],
            instrument_wrong=known_answers.wrong(record),
            calibration=calibration.view(calibrated),
        )
    )


def _claim_view(claim: Mapping[str, Any]) -> dict[str, Any]:
    parts = claim["components"]
    return {
        **claim,
        "measured": effects.measured(claim),
        "of_what": effects.of_what(claim),
        "needed": numerals.needed(claim),
        "decided_by": _decided_by(parts),
        "groups": [
            (title, [part for part in parts if part["role"] == role])
            for role, title in _ROLES.items()
            if any(part["role"] == role for part in parts)
        ],
        "dose": dose_figure(claim),
        "controls": figures.controls_figure(claim),
        "figures": claim_figures(claim),
        "secondary": secondary_table(claim),
        "grid": _search_grid(claim["search"]),
        "triplets": [_triplet(answer) for answer in claim["answers"]],
        "change_words": _CHANGES.get(claim["change"] or "", "not compared"),
    }


def _decided_by(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The inequality that refuted a claim, or what kept it from being supported."""
    refuted = [part for part in parts if part["name"].startswith("refuted: ")]
    unmet = [part for part in parts if part["passed"] is False and part["role"] != "shown"]
    return refuted or unmet


def _search_grid(cells: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The search as rows of layers and columns of relative norms."""
    if not cells:
        return None
    norms = sorted({cell["relative_norm"] for cell in cells})
    by_place = {(cell["layer"], cell["relative_norm"]): cell for cell in cells}
    top = max((abs(cell["odd"]) for cell in cells if cell["odd"] is not None), default=0.0)
    rows = []
    for layer in sorted({cell["layer"] for cell in cells}):
        found = [by_place.get((layer, norm)) for norm in norms]
        shades = [round(4 * abs(c["odd"] or 0.0) / top) if c and top else 0 for c in found]
        rows.append((layer, list(zip(found, shades, strict=True))))
    return {"norms": norms, "rows": rows}


def _triplet(case: Mapping[str, Any]) -> dict[str, Any]:
    longest = max((answer["words"] for answer in case["answers"]), default=0) or 1
    answers = [{**a, "share": round(100 * a["words"] / longest)} for a in case["answers"]]
    return {**case, "answers": answers}


def _banners(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    run = record["run"]
    banners = []
    wrong = known_answers.wrong(record)
    if wrong and run["mode"] != "quick":
        told = "; ".join(f"{known['title']} ({known_answers.wrongly(known)})" for known in wrong)
        banners.append(
            ("The instrument is wrong", f"trust none of these verdicts until it is mended. {told}")
        )
    if run["mode"] == "quick":
        banners.append(
            (
                "Smoke run",
                "made with --quick on few prompts, to see that the machinery works. "
                "Its outcomes are not evidence, and nothing was compared or blessed.",
            )
        )
    if not run["complete"]:
        done = len({claim["nodeid"] or claim["id"] for claim in record["claims"]})
        how = "was cut short" if run["finished"] is None else "did not reach every claim"
        banners.append(
            (
                "Incomplete run",
                f"the run {how}: {done} of {run['selected']} selected claims left a verdict. "
                "What stands here is what was finished.",
            )
        )
    if run["selected"] < run["collected"]:
        banners.append(
            (
                "Partial run",
                f"{run['selected']} of {run['collected']} claims were selected. Members of a "
                "family that were not selected count against the others (as p = 1).",
            )
        )
    return banners


def _provenance(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    names = {
        "command": "Command",
        "commit": "Commit",
        "started": "Started",
        "finished": "Finished",
        "seed": "Seed",
        "samples": "Samples per prompt",
        "n_prompts": "Test prompts",
        "max_new_tokens": "Longest answer, tokens",
        "device": "Device",
        "dtype": "Number type",
    }
    rows = [(title, str(run[key])) for key, title in names.items() if run.get(key) is not None]
    rows.append(("Duration", numerals.duration(run["duration_s"])))
    if run.get("cache"):
        hits, misses = run["cache"]["hits"], run["cache"]["misses"]
        rows.append(("Answers", f"{hits} from the store, {misses} generated"))
        if before := run["cache"].get("measured_before"):
            told = f"{before}, by the same code from the same models; their answers are not counted"
            rows.append(("Claims measured in an earlier run", told))
    versions = run.get("versions") or {}
    if versions:
        rows.append(("Versions", ", ".join(f"{name} {v}" for name, v in versions.items())))
    known = {*names, "duration_s", "cache", "versions", "not_run", "complete", "selected"}
    known |= {"code", "collected", "mode", "model_set", "models_are"}
    rows += [(str(key), str(value)) for key, value in run.items() if key not in known]
    return rows


def _threshold(part: Mapping[str, Any]) -> str:
    if part.get("threshold") is None:
        return numerals.NOT_MEASURED
    sign = {"greater": "> ", "less": "< "}.get(part.get("alternative") or "", "")
    if not sign and part["role"] == "filter":
        sign = "≥ "
    return sign + numerals.on_scale(part["threshold"], part.get("scale"))


def _printable(value: Any) -> Any:
    """Text with the control characters that HTML forbids made visible; markup as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


class _Unindented(jinja2.FileSystemLoader):
    """Templates without their indentation, which would be a twentieth of the page."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The source, each of its lines without what stands before the first letter."""
        source, path, is_current = super().get_source(environment, template)
        return "\n".join(line.lstrip() for line in source.splitlines()), path, is_current


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=_Unindented(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "decimal": numerals.decimal,
        "factor": numerals.factor,
        "percent": numerals.percent,
        "pvalue": numerals.pvalue,
        "ratio_interval": numerals.ratio_interval,
        "scale_interval": numerals.scale_interval,
        "threshold": _threshold,
        "log_factor": lambda value: numerals.factor(None if value is None else math.exp(value)),
        "css": lambda outcome: outcome.lower().replace(" ", "-"),
        "arm": lambda name: name if name in _ARM_STYLES else "control",
    }
    return environment
