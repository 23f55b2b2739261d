"""The page of a run, made from its record alone: one file, no network, whole without a script.

Everything in a record may be hostile, the answers above all. Every value reaches the page
through Jinja's autoescape, and the page forbids by policy what is not its own: it has one style
sheet and one script, and the policy knows both by their hashes.
"""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from prefvec.report import calibration_record, effects, instrument_check, numerals, row_figures
from prefvec.report import calibration_table as calibration
from prefvec.report.answer_cases import case_views
from prefvec.report.answer_search import choices
from prefvec.report.arm_styles import arm_styles
from prefvec.report.changes import CHANGE_WORDS, changed_rows, headline
from prefvec.report.claim_answers import ClaimAnswers, by_claim
from prefvec.report.claim_figures import claim_figures
from prefvec.report.criterion_words import parameters
from prefvec.report.deciding import decided_by, told_share
from prefvec.report.dose_response import dose_figure
from prefvec.report.downloads import carried, downloads
from prefvec.report.elsewhere import elsewhere
from prefvec.report.environment import asset, environment
from prefvec.report.forests import forest_figure
from prefvec.report.in_words import words_became
from prefvec.report.judge_cards import judge_cards, known_judges
from prefvec.report.measured_when import measured_when, measured_where, measuring_rows
from prefvec.report.opening import before_after, sentences
from prefvec.report.per_prompt import prompt_table
from prefvec.report.plain_words import arm_words, plain_record
from prefvec.report.price import price
from prefvec.report.question_rows import Question, questions
from prefvec.report.record import Claim, Model, Record
from prefvec.report.record.arm_entries import SearchCell
from prefvec.report.run_rows import run_rows
from prefvec.report.secondary_table import secondary_table
from prefvec.report.transfer_matrix import overview, transfer_grids
from prefvec.report.verdict_filter import filters, keys
from prefvec.vocabulary import OUTCOMES, THREE_FINDINGS, Role

_ROLES: dict[Role, str] = {
    "test": "tests",
    "filter": "relevance",
    "precondition": "preconditions",
    "control": "controls",
}
_SCRIPTS = (
    *("elements", "tables", "narrow", "archive", "answers", "saved_answers", "search"),
    "figure_files",
)
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def render(record: Record, *, calibrated: Path = calibration_record.RECORD) -> str:
    """The page as text.

    Args:
        record: the checked record of a run (see `prefvec.report.record`).
        calibrated: the record of how often the rules are wrong.
    """
    whole_record = carried(record)
    record = plain_record(whole_record)
    run = record["run"]
    style = asset("style.css")
    script = Markup("\n").join(asset(f"script/{name}.js") for name in _SCRIPTS)
    asked, where = questions(record["claims"]), measured_where(record["claims"])
    models = {model["name"]: model for model in record["models"]}
    answers = by_claim(record.get("answers"))
    whole = Question(id="all", name="all", claims=record["claims"])
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            record=record,
            run=run,
            style=style,
            script=script,
            policy=_POLICY.format(style=_digest(style), script=_digest(script)),
            downloads=downloads(whole_record),
            archive=choices(record),
            sentences=sentences(asked),
            example=before_after(asked, answers),
            filters=filters(record["claims"]),
            findings=THREE_FINDINGS,
            overview=overview(asked),
            matrix=transfer_grids(asked),
            questions=[
                (
                    question,
                    [
                        _claim_view(
                            claim,
                            answers.get(claim["id"]),
                            where,
                            models.get(claim["target"] or claim["source"] or ""),
                        )
                        for claim in question.claims
                    ],
                    forest_figure(question),
                )
                for question in asked
            ],
            counts=whole.counts,
            outcomes=OUTCOMES,
            banners=_banners(record),
            headline=headline(record),
            changed=changed_rows(record),
            provenance=[*run_rows(run), *measuring_rows(record["claims"])],
            models=_judged(record),
            cards=judge_cards(record["claims"]),
            known_judges=known_judges(record["claims"]),
            instrument_wrong=instrument_check.wrong(record),
            calibration=calibration.view(calibrated),
        )
    )


def _judged(record: Record) -> list[str]:
    """The models that claims are about, in the order of the record; all, if claims name none.

    Others were loaded for the known answers.
    """
    about = {name for claim in record["claims"] for name in (claim["source"], claim["target"])}
    names = [m["name"] for m in record["models"] if m["role"] != "known answer"]
    return [name for name in names if name in about] or names


def _claim_view(
    claim: Claim, answers: ClaimAnswers | None, where: str | None, model: Model | None
) -> dict[str, object]:
    # What the prompts can show stands under Power, where there is such a block.
    beside = claim["components"]
    parts = [p for p in beside if p["about"] != "power" or not claim.get("power")]
    return {
        **claim,
        "samples": claim.get("samples"),
        "styles": arm_styles(claim),
        "named": arm_words(claim["arms"]),
        "measured": effects.measured(claim),
        "of_what": effects.of_what(claim),
        "needed": numerals.needed(claim),
        "found_by": keys(claim),
        "of_native": told_share(claim),
        "in_words": words_became(claim),
        "price": price(claim, answers),
        "parameters": parameters(claim),
        "measured_when": measured_when(claim, where),
        "decided_by": decided_by(claim),
        "groups": [
            (title, [part for part in parts if part["role"] == role])
            for role, title in _ROLES.items()
            if any(part["role"] == role for part in parts)
        ],
        "shown": [part for part in parts if part["role"] == "shown"],
        "dose": dose_figure(claim),
        "controls": row_figures.controls_figure(claim),
        "figures": claim_figures(claim),
        "secondary": secondary_table(claim),
        "elsewhere": elsewhere(claim),
        "grid": _search_grid(claim["search"]),
        "prompts": prompt_table(claim),
        "triplets": case_views(claim, answers, model=model),
        "change_words": CHANGE_WORDS[claim["change"]],
    }


def _search_grid(cells: Sequence[SearchCell]) -> dict[str, object] | None:
    """The cells that could be judged, as rows of layers and columns of disturbance."""
    if not cells:
        return None
    kappas = sorted({cell.get("kappa") or 0.0 for cell in cells})
    by_place = {(cell["layer"], cell.get("kappa") or 0.0): cell for cell in cells}
    top = max((abs(cell["odd"]) for cell in cells if cell["odd"] is not None), default=0.0)
    rows: list[tuple[int, list[tuple[SearchCell | None, int]]]] = []
    for layer in sorted({cell["layer"] for cell in cells}):
        found = [by_place.get((layer, kappa)) for kappa in kappas]
        shades = [round(4 * abs(c["odd"] or 0.0) / top) if c and top else 0 for c in found]
        rows.append((layer, list(zip(found, shades, strict=True))))
    coarse = any("going_on" in cell or "prompts" in cell for cell in cells)
    return {"kappas": kappas, "rows": rows, "coarse": coarse}


def _banners(record: Record) -> list[tuple[str, str]]:
    run = record["run"]
    banners: list[tuple[str, str]] = []
    wrong = instrument_check.wrong(record)
    if wrong and run["mode"] != "quick":
        told = "; ".join(f"{known['title']} ({instrument_check.wrongly(known)})" for known in wrong)
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


def _digest(text: str) -> str:
    """As a policy names what it allows: https://www.w3.org/TR/CSP3/#match-element-to-source-list."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
