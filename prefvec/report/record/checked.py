"""Records that are what they say: made from their parts, or refused with a sentence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from prefvec.errors import PrefvecError
from prefvec.report.record.claim import Claim, KnownAnswer
from prefvec.report.record.figure_entries import Figure
from prefvec.report.record.plain import plain
from prefvec.report.record.shapes import mismatches
from prefvec.report.record.whole import CLAIM_DEFAULTS, RUN_DEFAULTS, SCHEMA, Record

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def claim_record(claim: Mapping[str, Any]) -> Claim:
    """A checked, plain copy of a claim's record; what it leaves out is filled in as empty.

    Raises:
        PrefvecError: naming the entry that is missing or wrong.
    """
    made = plain({**CLAIM_DEFAULTS, **claim}, where=f"the claim {claim.get('id')!r}")
    _require(made, Claim, f"The record of the claim {claim.get('id')!r}")
    checked = cast("Claim", made)
    _require_ids([checked])
    return checked


def run_record(
    run: Mapping[str, Any],
    models: Sequence[Any] = (),
    splits: Sequence[Any] = (),
    claims: Sequence[Any] = (),
    known_answers: Sequence[Any] = (),
) -> Record:
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
    return validate(record)


def validate(record: object, source: str = "The record") -> Record:
    """The same record, if it is one of a run in the schema of this version.

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
    _require(cast("object", record), Record, source)
    checked = cast("Record", record)
    _require_ids([*checked["claims"], *checked["known_answers"]], source)
    return checked


def _require(value: object, kind: Any, source: str) -> None:
    wrong = mismatches(value, kind)
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise PrefvecError(
            f"{source} does not follow schema {SCHEMA}: {wrong[0]}{more}. "
            "Run the claims again, or correct what wrote the record."
        )


def _require_ids(claims: Iterable[Claim | KnownAnswer], source: str = "The record") -> None:
    seen: set[str] = set()
    for claim in claims:
        if not _ID.fullmatch(claim["id"]) or claim["id"] in seen:
            raise PrefvecError(
                f"{source} has a claim with the id {claim['id']!r}. An id names a place in the "
                "page, so it is unique and made of letters, digits, '-', '_' and '.'."
            )
        seen.add(claim["id"])
        _require_figures(claim["id"], claim.get("figures") or [], source)


def _require_figures(claim: str, figures: Iterable[Figure], source: str) -> None:
    """What types cannot say of figures: ids that name a place, and tables without holes."""
    seen: set[str] = set()
    for figure in figures:
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
                f"{source} has a {figure['kind']} {figure['id']!r} of the claim {claim!r} "
                f"that {wrong}. Correct what wrote the record."
            )
        seen.add(figure["id"])


def _ragged(cells: Sequence[Sequence[object]], rows: int, columns: int) -> str | None:
    if len(cells) == rows and all(len(row) == columns for row in cells):
        return None
    return f"is not {rows} rows of {columns} cells"
