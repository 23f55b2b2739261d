"""What was measured, in a few characters, and of what it is a factor."""

from prefvec.report.numerals import (
    NOT_MEASURED,
    factor,
    on_scale,
    ratio_interval,
    scale_interval,
)
from prefvec.report.record import Claim, Component

WORDS = "words per answer"
"""What an effect is a factor of where its row says nothing else."""
FOOTER = (
    f"An effect is the odd part at the full dose, a factor of {WORDS}, unless its row says "
    "what it is."
)
"""True of every row of a table that writes `of_what` beside `measured`."""
_CONTRASTS = {
    "share": "contrast of shares",
    "points": "contrast of shares",
    "correlation": "contrast of correlations",
}
_WITHOUT_A_MEASUREMENT = ("INVALID", "NOT APPLICABLE")


def measure_of(claim: Claim) -> str:
    """The quantity whose changes the claim is about."""
    return claim.get("measure") or WORDS


def of_what(claim: Claim) -> str:
    """What the measured number is of, where it is no odd part of words per answer."""
    effect = claim["effect"]
    if not effect:
        part = _first_tested(claim)
        return _CONTRASTS.get(part.get("scale") or "", part["name"]) if part else ""
    what = measure_of(claim) if effect["of"] == "arm" else effect["what"]
    return "" if what == WORDS else what


def is_of_its_arm(claim: Claim) -> bool:
    """Whether the effect is the odd part of the claim's own arm, and no contrast of arms."""
    effect = claim["effect"]
    return effect is not None and effect["of"] == "arm"


def measured(claim: Claim) -> str:
    """The effect with its interval; of a claim about no factor, its first tested contrast."""
    part = _first_tested(claim)
    if claim["effect"]:
        # A claim that exceeds a margin is tested on one side of it: its bound stands there.
        one_sided = claim["kind"] == "exceeds" and part is not None and part.get("scale") == "log"
        return scale_interval(part, "log") if one_sided else ratio_interval(claim["effect"])
    return scale_interval(part, part.get("scale")) if part else NOT_MEASURED


def estimated(claim: Claim) -> str:
    """The same without its interval."""
    if claim["effect"]:
        return factor(claim["effect"]["factor"])
    part = _first_tested(claim)
    return on_scale(part.get("estimate"), part.get("scale")) if part else NOT_MEASURED


def told(claim: Claim) -> str:
    """Both in one cell."""
    return f"{measured(claim)} {of_what(claim)}".rstrip()


def _first_tested(claim: Claim) -> Component | None:
    if claim["outcome"] in _WITHOUT_A_MEASUREMENT:
        return None
    tested = [part for part in claim["components"] if part["role"] == "test"]
    tested.sort(key=lambda part: part["about"] != "refutation")  # what refuted decides, if any
    return next((part for part in tested if part.get("estimate") is not None), None)
