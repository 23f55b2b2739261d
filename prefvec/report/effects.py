"""What was measured, in a few characters, and of what it is a factor."""

from collections.abc import Mapping
from typing import Any

from prefvec.report.numerals import NOT_MEASURED, ratio_interval, scale_interval

WORDS = "words per answer"
"""What an effect is a factor of where its row says nothing else."""
FOOTER = (
    f"An effect is the odd part at the full dose, a factor of {WORDS}, unless its row says "
    "what it is."
)
"""True of every row of a table that writes `of_what` beside `measured`."""
_ODD_PART = ", odd part at the full dose"
_CONTRASTS = {"share": "contrast of shares", "points": "contrast of shares"}
_CONTRASTS |= {"correlation": "contrast of correlations"}
_WITHOUT_A_MEASUREMENT = ("INVALID", "NOT APPLICABLE")


def measure_of(claim: Mapping[str, Any]) -> str:
    """The quantity whose changes the claim is about."""
    return claim.get("measure") or WORDS


def of_what(claim: Mapping[str, Any]) -> str:
    """What the measured number is of, where it is no odd part of words per answer."""
    if not claim["effect"]:
        part = _first_tested(claim)
        return _CONTRASTS.get(part.get("scale"), part["name"]) if part else ""
    what = claim["effect"]["what"]
    if what.endswith(_ODD_PART):
        what = claim.get("measure") or what.removesuffix(_ODD_PART)
    return "" if what == WORDS else what


def is_of_its_arm(claim: Mapping[str, Any]) -> bool:
    """Whether the effect is the odd part of the claim's own arm, and no contrast of arms."""
    return bool(claim["effect"]) and claim["effect"]["what"].endswith(_ODD_PART)


def measured(claim: Mapping[str, Any]) -> str:
    """The effect with its interval; of a claim about no factor, its first tested contrast."""
    if claim["effect"]:
        return ratio_interval(claim["effect"])
    part = _first_tested(claim)
    return scale_interval(part, part.get("scale")) if part else NOT_MEASURED


def told(claim: Mapping[str, Any]) -> str:
    """Both in one cell."""
    return f"{measured(claim)} {of_what(claim)}".rstrip()


def _first_tested(claim: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if claim["outcome"] in _WITHOUT_A_MEASUREMENT:
        return None
    tested = (part for part in claim["components"] if part["role"] == "test")
    return next((part for part in tested if part.get("estimate") is not None), None)
