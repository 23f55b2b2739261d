"""Which arm of a claim the claim is about."""

from collections.abc import Mapping, Sequence

from prefvec.report.record import Arm, Claim, role_of
from prefvec.vocabulary import Kind

MAIN_ARM: Mapping[Kind, tuple[str, ...]] = {
    "fails": ("raw",),
    "works": ("tuned", "quantised", "adapted", "raw"),
}
"""The arm that a claim of a kind is about: the first of these that was measured, for a vector
works tuned in, in quantised weights, adapted, or as it was copied. A claim of another kind is about
its first arm."""


def main_arm_name(claim: Claim) -> str | None:
    """The arm its kind is about, measured or not; of kinds about no certain arm, its first."""
    measured = [arm["name"] for arm in claim["arms"]]
    named = MAIN_ARM.get(claim["kind"])
    if named is None:
        return measured[0] if measured else None
    return next((name for name in named if name in measured), named[0])


def main_arm(claim: Claim, among: Sequence[Arm] | None = None) -> Arm | None:
    """The arm to show: that its kind is about, or else the first; None where there is none.

    Args:
        claim: the record of a claim.
        among: some of its arms; all of them, if not given.
    """
    arms: Sequence[Arm] = claim["arms"] if among is None else among
    named = main_arm_name(claim)
    return next((arm for arm in arms if arm["name"] == named), arms[0] if arms else None)


def arm_styles(claim: Claim) -> dict[str, str]:
    """Under which colour and mark each arm of a claim is drawn, by its name.

    Arms that a claim names itself take what its usual arms leave free, in their order.
    """
    roles = {arm["name"]: role_of(arm) for arm in claim["arms"]}
    free = [style for style in ("adapted", "raw") if style not in roles.values()]
    styles = {"unsteered": "unsteered"}
    for name, role in roles.items():
        if role == "control" or (role == "other" and not free):
            styles[name] = "control"
        else:
            styles[name] = free.pop(0) if role == "other" else role
    return styles


def at_full_dose(arm: Arm) -> dict[str, tuple[float, float]]:
    """Each prompt's log ratios at −c and +c, for its largest c measured both ways."""
    pairs: dict[str, tuple[float, float]] = {}
    for prompt, doses in arm["per_prompt"].items():
        known = {float(key): value for key, value in doses.items() if value is not None}
        both_ways = [c for c in known if c > 0 and -c in known]
        if both_ways:
            c = max(both_ways)
            pairs[prompt] = (known[-c], known[c])
    return pairs
