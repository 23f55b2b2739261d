"""Why a claim came out as it did, in a few characters, with the bound that was tested."""

import re
from collections.abc import Sequence
from textwrap import shorten

from prefvec.report.numerals import NOT_MEASURED, on_scale, percent, scale_interval
from prefvec.report.record import Claim, Component

_LONGEST = 170
_OF_NATIVE = re.compile(r"\d %? ?of native$")
_CHANCE = re.compile(r"p_chance = \d(?:\.\d+)?")


def deciding_parts(parts: Sequence[Component]) -> list[Component]:
    """The inequality that refuted a claim, or what kept it from being supported."""
    refuted = [part for part in parts if part["role"] == "test" and part["about"] == "refutation"]
    unmet = [part for part in parts if part["passed"] is False and part["role"] != "shown"]
    return refuted or unmet


def decided_by(claim: Claim) -> str:
    """What decided a claim: its weakest test, what refuted it, or what was not shown.

    Tests are one-sided, and so are the bounds: no claim is SUPPORTED against what stands here.
    """
    deciding = deciding_parts(claim["components"])
    if claim["outcome"] == "INVALID":
        deciding = [part for part in deciding if part["role"] == "precondition"] or deciding
    match claim["outcome"]:
        case "NOT APPLICABLE":
            return _shortly(claim["sentence"].partition(". ")[0])
        case "SUPPORTED":
            return _weakest(claim["components"])
        case "INVALID":
            return "; ".join(_shortly(part["sentence"]) for part in deciding[:1]) or NOT_MEASURED
        case _:
            told = [told_part(part) for part in deciding[:2]]
            more = f"; and {len(deciding) - 2} more" if len(deciding) > 2 else ""
            return "; ".join(told) + more if told else NOT_MEASURED


def told_part(part: Component) -> str:
    """A line of a verdict in a few characters: its name, and what was measured."""
    if part["role"] == "control" and (chance := _CHANCE.search(part["sentence"])):
        return f"{part['name']}: {scale_interval(part, part.get('scale'))}, {chance[0]}"
    if part.get("estimate") is None:
        return _shortly(f"{part['name']}: {part['sentence']}".rstrip(" :."))
    name = (part["inequality"] if part["about"] == "refutation" else None) or part["name"]
    contrast = "contrast " if _OF_NATIVE.search(name) and part.get("scale") == "log" else ""
    told = f"{name}: {contrast}{scale_interval(part, part.get('scale'))}"
    said = part.get("threshold") is None or any(letter.isdigit() for letter in name)
    return told if said else f"{told}, needed {threshold(part)}"


def threshold(part: Component) -> str:
    """What a line of a verdict was held against, "> ×1.25"."""
    needed, alternative = part.get("threshold"), part.get("alternative")
    if needed is None:
        return NOT_MEASURED
    sign = {"greater": "> ", "less": "< "}[alternative] if alternative else ""
    if not sign and part["role"] == "filter":
        sign = "≥ "
    return sign + on_scale(needed, part.get("scale"))


def native_share(claim: Claim) -> Component | None:
    """What was measured as a share of the native effect; None where that is not defined."""
    named = (part for part in claim["components"] if part["name"] == "share of native")
    return next((p for p in named if p.get("scale") == "share" and p["role"] == "shown"), None)


def told_share(claim: Claim) -> str:
    """The share of native, "97 %"; the contrast that decides stands under "decided by"."""
    share = native_share(claim)
    return NOT_MEASURED if share is None else percent(share.get("estimate"))


def weakest_test(parts: Sequence[Component]) -> Component | None:
    """The test with the largest p-value; None of a claim that nothing was tested of."""
    tests = [part for part in parts if part["role"] == "test"]
    return max(tests, key=_unsure, default=None)


def _weakest(parts: Sequence[Component]) -> str:
    weakest = weakest_test(parts)
    if weakest is None:
        return NOT_MEASURED
    count = sum(part["role"] == "test" for part in parts)
    told = told_part(weakest)
    return told if count == 1 else f"all of {count} tests; weakest: {told}"


def _unsure(part: Component) -> tuple[float, float]:
    corrected = part.get("holm")
    return (part.get("pvalue") or corrected or 0.0, part.get("pvalue_t") or 0.0)


def _shortly(text: str) -> str:
    return shorten(text, _LONGEST, placeholder=" …")
