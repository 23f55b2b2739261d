"""Whether the same inputs gave the same thing again: cell, dose, direction and odd part.

On one processor a measurement is a function of its inputs. Where all of them are those that were
blessed and yet another thing came out, something that decides has changed and is not recorded.
"""

import math
from collections.abc import Iterator

from prefvec.report.blessing import mean
from prefvec.report.directions import cosine
from prefvec.report.finding import Conditions, Finding, FindingArm
from prefvec.report.numerals import decimal

SAME_DIRECTION = 0.9995
"""Above this cosine a direction is the same: rounding differs between machines."""
SAME_DOSE = 1e-3
"""Relative norms that differ by less, as a share of either, are the same."""
SAME_ODD = 1e-3
"""Mean odd parts that differ by no more are the same (log ratio)."""
INPUTS = "models, prompts, code, libraries, sampling, seed and processor"


def same_inputs(blessed: Finding, now: Finding) -> bool:
    """Whether all that decides a measurement is known, and is what it was when it was blessed.

    The commit may be another: what of it decides is in the fingerprints of the code.
    """
    before, after = blessed["conditions"], now["conditions"]
    if not (before.get("processor") and before["code"] and before["versions"]):
        return False
    return (
        before.get("processor") == after.get("processor")
        and all(
            before[key] == after[key]
            for key in ("settings", "prompts", "device", "dtype", "versions", "code")
        )
        and all(blessed[key] == now[key] for key in ("source", "target", "parameters"))
        and _same_models(before, after, {blessed["source"], blessed["target"]} - {None})
    )


def differences(blessed: Finding, now: Finding) -> tuple[str, ...]:
    """What of the arms and of the effect is not as it was blessed, in sentences' parts."""
    told: list[str] = []
    for name, old in blessed["arms"].items():
        new = now["arms"].get(name)
        if new is None:
            told.append(f"{name} arm: not measured again")
        else:
            told += [*place_and_dose(name, old, new), *direction(name, old, new)]
    return (*told, *_odd_parts(blessed, now))


def place_and_dose(name: str, old: FindingArm, new: FindingArm) -> Iterator[str]:
    """That an arm steers with another dose or at another site."""
    was, now = old["relative_norm"], new["relative_norm"]
    if was is not None and now is not None and not math.isclose(was, now, rel_tol=SAME_DOSE):
        yield f"dose of the {name} arm: relative norm {was:.3g} → {now:.3g}"
    site, new_site = old["site"], new["site"]
    if site is not None and new_site is not None and site != new_site:
        yield f"site of the {name} arm: {site} → {new_site}"


def direction(name: str, old: FindingArm, new: FindingArm) -> Iterator[str]:
    """That an arm's vector points elsewhere."""
    was, now = old["vector"], new["vector"]
    if not (was and now):
        return
    similarity = cosine(was["direction"], now["direction"])
    what = f"vector of the {name} arm"
    if similarity is None:
        yield f"{what}: a direction of another width"
    elif similarity < SAME_DIRECTION:
        # Rounded up, 0.9994 would read as the same.
        digits = 3 if similarity < 0.99 else 5
        told = decimal(similarity, digits)
        yield f"{what}: another direction, at cosine {told} to the blessed one"


def _odd_parts(blessed: Finding, now: Finding) -> Iterator[str]:
    """That the mean odd part of the target's own vector, or what decides, is another."""
    was, is_now = mean(blessed["odd"]), mean(now["odd"])
    if was is not None and is_now is not None and abs(is_now - was) > SAME_ODD:
        what = "contrast of the odd parts" if now["kind"] == "exceeds" else "odd part"
        yield f"mean {what}: {decimal(was, 4)} → {decimal(is_now, 4)}"
    native, new_native = blessed["native_effect"], now["native_effect"]
    if now["kind"] == "steers" or native is None or new_native is None:
        return
    if abs(new_native - native) > SAME_ODD:
        yield f"mean odd part of the native arm: {decimal(native, 4)} → {decimal(new_native, 4)}"


def _same_models(before: Conditions, after: Conditions, needed: set[str | None]) -> bool:
    """Whether the models that both know are the same, and the claim's own among them.

    A run knows the models that it has loaded so far, so that one may know more than the other.
    """
    both = before["models"].keys() & after["models"].keys()
    return (
        bool(both)
        and needed <= both
        and all(
            before["models"][name] == after["models"][name]
            and bool(before["models"][name].get("weights"))
            for name in both
        )
    )
