"""Which arm of a claim the claim is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefvec.report.schema import MAIN_ARM

_BESIDES = ("raw-analogous", "zero-padded", "null")
"""Arms that are shown beside a claim's own and drawn as controls are."""


def main_arm_name(claim: Mapping[str, Any]) -> str | None:
    """The arm its kind is about, measured or not; of kinds about no certain arm, its first."""
    measured = [arm["name"] for arm in claim["arms"]]
    named = MAIN_ARM.get(claim["kind"])
    if named is None:
        return measured[0] if measured else None
    return next((name for name in named if name in measured), named[0])


def main_arm(
    claim: Mapping[str, Any], among: Sequence[Mapping[str, Any]] | None = None
) -> Mapping[str, Any] | None:
    """The arm to show: that its kind is about, or else the first; None where there is none.

    Args:
        claim: the record of a claim.
        among: some of its arms; all of them, if not given.
    """
    arms = claim["arms"] if among is None else among
    named = main_arm_name(claim)
    return next((arm for arm in arms if arm["name"] == named), arms[0] if arms else None)


def arm_styles(claim: Mapping[str, Any]) -> dict[str, str]:
    """Under which colour and mark each arm of a claim is drawn, by its name.

    Arms that studies name themselves take what the claim's usual arms leave free, in their order.
    """
    known = {arm["name"]: _style(arm["name"]) for arm in claim["arms"]}
    free = [style for style in ("adapted", "raw") if style not in known.values()]
    styles = {"unsteered": "unsteered"}
    for name, style in known.items():
        taken = free.pop(0) if style is None and free and name not in _BESIDES else "control"
        styles[name] = style or taken
    return styles


def _style(name: str) -> str | None:
    if name in ("raw", "adapted"):
        return name
    return "native" if name.partition(",")[0] == "native" else None


def at_full_dose(arm: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Each prompt's log ratios at −c and +c, for its largest c measured both ways."""
    pairs = {}
    for prompt, doses in arm["per_prompt"].items():
        known = {float(key): value for key, value in doses.items() if value is not None}
        both_ways = [c for c in known if c > 0 and -c in known]
        if both_ways:
            c = max(both_ways)
            pairs[prompt] = (known[-c], known[c])
    return pairs
