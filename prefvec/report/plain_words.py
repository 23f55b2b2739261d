"""One vocabulary: native, raw and adapted vectors; unsteered, +c and −c; no names of the inside."""

import re
from typing import cast

from prefvec.report.record import Arm, Claim, KnownAnswer, Record

_ARMS = {
    "native": "native",
    "raw": "raw",
    "adapted": "adapted",
    "unsteered": "unsteered",
    "random": "a random direction",
    "raw-analogous": "raw, same depth",
    "raw-equal-norm": "raw, native's norm",
    "zero-padded": "raw, zero-padded",
    "target-only": "the target alone",
    "null": "no trait",
}
"""Words for the arms that every reader meets; those of other names have their label."""
_RATIO = r"odd part of ((?:(?!odd part|\. ).)+?) over that of\b"
"""A contrast of two arms, within one sentence; the first of them is a group."""
_INSIDE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\bAdapted exposed\b", "Adapted, asking turns"),
        (r"\bAdapted exposure 0\b", "Adapted, neutral turns"),
        (r"\badapted exposed\b", "adapted, asking turns"),
        (r"\badapted exposure 0\b", "adapted, neutral turns"),
        (r"\bexposed rows of exposed ([\d.]+ ?%)", r"rows that ask, \1 of all"),
        (r"\bexposed ([\d.]+ ?%)", r"turns of which \1 ask for the trait"),
        (r"\bexposure 0\b", "neutral turns"),
        (r"\bCka\b", "CKA"),
        (r"\bresid_post of block (\d+)", r"output of block \1"),
        (r"\bresid_pre of block (\d+)", r"input of block \1"),
        (r"^its own vector$", "native"),
        (r"^target-only$", "the target alone"),
        (r"^target-only over the exposed rows$", "difference of means over the rows that ask"),
        (rf"\bthe {_RATIO}", r"effect of \1 ÷ effect of"),
        (rf"\bThe {_RATIO}", r"Effect of \1 ÷ effect of"),
    )
)


def plainly(text: str) -> str:
    """The text with names of the inside replaced by the words that readers have.

    Example:
        >>> plainly("the vector adapted on exposure 0")
        'the vector adapted on neutral turns'
    """
    for pattern, words in _INSIDE:
        text = pattern.sub(words, text)
    return text


_KEPT = {
    "id",
    "nodeid",
    "direction",
    "text",
    "question",
    "prompt",
    "arm",
    "metric",
    "archive",
    "judge",
}
"""Entries of a claim that are keys, or are the words of models and questions."""


def plain_claim(claim: Claim) -> Claim:
    """A claim's record as readers have it: all of its words plain, its keys as they were."""
    return cast("Claim", _plain(claim, ""))


def plain_record(record: Record) -> Record:
    """The record of a run with the words of its claims and known answers plain."""
    claims = [plain_claim(claim) for claim in record["claims"]]
    known = [cast("KnownAnswer", _plain(each, "")) for each in record["known_answers"]]
    return {**record, "claims": claims, "known_answers": known}


def _plain(value: object, key: str) -> object:
    if isinstance(value, str):
        return value if key in _KEPT else plainly(value)
    if isinstance(value, list):
        return [_plain(each, key) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        kept = {"name"} if "per_prompt" in entries else set[str]()
        return {k: each if k in kept else _plain(each, k) for k, each in entries.items()}
    return value


def arm_word(arm: str, label: str) -> str:
    """What an arm is called beside its line or above its answer.

    Args:
        arm: its key.
        label: what its record calls it, in full.
    """
    return _ARMS.get(arm) or label


def arm_words(arms: list[Arm]) -> dict[str, str]:
    """The same for the arms of a claim, and for what stands beside them, by key."""
    named = {arm["name"]: arm_word(arm["name"], arm["label"]) for arm in arms}
    return {"unsteered": "unsteered", "random": "a random direction"} | named


def dose_word(coefficient: float) -> str:
    """The words "unsteered", "+c", "−c", or a part of these.

    Example:
        >>> [dose_word(c) for c in (0.0, 1.0, -1.0, 0.5)]
        ['unsteered', '+c', '−c', '+0.5 c']
    """
    if coefficient == 0:
        return "unsteered"
    sign = "+" if coefficient > 0 else "−"
    size = abs(coefficient)
    return f"{sign}c" if size == 1 else f"{sign}{size:g} c"
