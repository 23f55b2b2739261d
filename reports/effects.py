"""What was measured, in a few characters, and of what it is a factor."""

from collections.abc import Mapping
from typing import Any

from reports.numerals import NOT_MEASURED, ratio_interval, scale_interval

WORDS = "words per answer"
"""What an effect is a factor of where its row says nothing else."""
_ODD_PART = ", odd part at the full dose"
_WITHOUT_A_MEASUREMENT = ("INVALID", "NOT APPLICABLE")


def measure_of(claim: Mapping[str, Any]) -> str:
    """The quantity whose changes the claim is about."""
    return claim.get("measure") or WORDS


def of_what(claim: Mapping[str, Any]) -> str:
    """Of what the effect is a factor, where that is not the odd part of words per answer."""
    if not claim["effect"]:
        return ""
    what = claim["effect"]["what"]
    if what.endswith(_ODD_PART):
        what = claim.get("measure") or what.removesuffix(_ODD_PART)
    return "" if what == WORDS else what


def measured(claim: Mapping[str, Any]) -> str:
    """The effect with its interval; of a claim about no factor, its first tested contrast."""
    if claim["effect"]:
        return ratio_interval(claim["effect"])
    if claim["outcome"] in _WITHOUT_A_MEASUREMENT:
        return NOT_MEASURED
    tested = (part for part in claim["components"] if part["role"] == "test")
    first = next(tested, {})
    return scale_interval(first, first.get("scale"))


def told(claim: Mapping[str, Any]) -> str:
    """What was measured, and of what where a table's footer does not say so."""
    what = of_what(claim)
    return f"{measured(claim)} {what}" if what else measured(claim)
