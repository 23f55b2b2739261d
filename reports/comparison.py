"""How a new run compares with the blessed findings, on the same prompts."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scipy import stats

from reports.findings import finding_of, mean
from reports.numerals import decimal, pvalue
from reports.records import plain

SHARE_OF_EFFECT = 0.25
"""A paired change beyond this share of the blessed effect counts."""
ALPHA = 0.05


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How a claim's new record stands to its blessed finding.

    Attributes:
        change: SAME, REGRESSED, IMPROVED, DRIFT, NEW or NOT COMPARABLE.
        sentence: why, for people.
        odd_change: mean paired change of the odd part on the same prompts (log ratio).
        low, high: its two-sided 95 % interval.
        suspects: what else differs and might explain a change; none of it excuses one.
    """

    change: str
    sentence: str
    odd_change: float | None = None
    low: float | None = None
    high: float | None = None
    suspects: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """For the claim's entry in the record."""
        return plain({key: value for key, value in vars(self).items() if key != "change"})


def compare(
    blessed: Mapping[str, Any] | None, claim: Mapping[str, Any], run: Mapping[str, Any], models: Any
) -> Comparison:
    """Compare a claim's record with its blessed finding, on the same prompts."""
    if blessed is None:
        return Comparison(change="NEW", sentence="There is no blessed finding for this claim.")
    now = finding_of(claim, run, models, reason=None)
    suspects = tuple(
        f"{key}: {_short(blessed['suspects'].get(key))} → {_short(now['suspects'].get(key))}"
        for key in sorted({*blessed["suspects"], *now["suspects"]})
        if blessed["suspects"].get(key) != now["suspects"].get(key)
    )
    differs = _incomparable(blessed, now)
    if differs:
        sentence = f"Blessed under other conditions: {'; '.join(differs)}."
        return Comparison(change="NOT COMPARABLE", sentence=sentence, suspects=suspects)
    return _judge(blessed, now, suspects)


def _judge(
    blessed: Mapping[str, Any], now: Mapping[str, Any], suspects: tuple[str, ...]
) -> Comparison:
    changes = [now["odd"][prompt] - value for prompt, value in blessed["odd"].items() if now["odd"]]
    measured = _interval(changes)
    # A raw transfer that fails has an effect near zero, and less of it is no loss: its change
    # is measured against the native effect, and is a drift in either direction.
    fails = now["kind"] == "fails"
    reference = blessed["native_effect"] if fails else mean(blessed["odd"])
    bound = SHARE_OF_EFFECT * abs(reference or 0.0)
    tested = changes if reference is not None else []
    fell, rose = (
        one_sided_pvalue(tested, -bound, "less"),
        one_sided_pvalue(tested, bound, "greater"),
    )

    def verdict(change: str, sentence: str) -> Comparison:
        return Comparison(change=change, sentence=sentence, suspects=suspects, **measured)

    was, is_now = blessed["outcome"], now["outcome"]
    if was != is_now and "SUPPORTED" in (was, is_now):
        change = "REGRESSED" if was == "SUPPORTED" else "IMPROVED"
        return verdict(change, f"It was blessed as {was} and is now {is_now}.")
    for p, direct, word in ((fell, "REGRESSED", "fell"), (rose, "IMPROVED", "rose")):
        if p < ALPHA:
            of_what = "native" if fails else "blessed"
            return verdict(
                "DRIFT" if fails else direct,
                f"The odd part {word} by more than a quarter of the {of_what} effect on the same "
                f"prompts (change {decimal(measured['odd_change'], 3)} in log words, "
                f"p = {pvalue(p)}).".replace("p = <", "p <"),
            )
    if was != is_now:
        return verdict("DRIFT", f"It was blessed as {was} and is now {is_now}.")
    if blessed["label"] != now["label"]:
        return verdict("DRIFT", f"Its label was “{blessed['label']}” and is now “{now['label']}”.")
    return verdict("SAME", f"{is_now}, as blessed.")


def _incomparable(blessed: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    differs = [
        f"{what} {_short(blessed[key])} → {_short(now[key])}"
        for key, what in (("metric", "metric"), ("kind", "kind of claim"))
        if blessed[key] != now[key]
    ]
    for group, what in (("parameters", "criterion"), ("settings", "sampling")):
        for key in sorted({*blessed[group], *now[group]}):
            before, after = blessed[group].get(key), now[group].get(key)
            if not _equal(before, after):
                differs.append(f"{what} {key} {before} → {after}")
    # Without answers (NOT APPLICABLE, INVALID) there is nothing to pair; the outcome still counts.
    if blessed["odd"] and now["odd"] and blessed["odd"].keys() != now["odd"].keys():
        both = len(blessed["odd"].keys() & now["odd"].keys())
        differs.append(
            f"prompts ({len(blessed['odd'])} blessed, {len(now['odd'])} now, {both} in both)"
        )
    return differs


def one_sided_pvalue(changes: list[float], bound: float, alternative: str) -> float:
    """One-sided paired t of the mean change against `bound`; 1 where there is nothing to test."""
    if len(changes) < 2:
        return 1.0
    if _constant(changes):
        beyond = changes[0] < bound if alternative == "less" else changes[0] > bound
        return 0.0 if beyond else 1.0
    return float(stats.ttest_1samp(changes, bound, alternative=alternative).pvalue)


def _interval(changes: list[float]) -> dict[str, float | None]:
    middle = statistics.fmean(changes) if changes else None
    if len(changes) < 2 or middle is None:
        return {"odd_change": middle, "low": None, "high": None}
    half = 0.0
    if not _constant(changes):
        error = statistics.stdev(changes) / math.sqrt(len(changes))
        half = float(stats.t.ppf(1 - ALPHA / 2, len(changes) - 1)) * error
    return {"odd_change": middle, "low": middle - half, "high": middle + half}


def _constant(values: list[float]) -> bool:
    return max(values) - min(values) < 1e-12


def _equal(before: Any, after: Any) -> bool:
    if isinstance(before, (int, float)) and isinstance(after, (int, float)):
        return math.isclose(before, after, rel_tol=1e-9)
    return before == after


def _short(value: Any) -> str:
    return "none" if value is None else str(value)[:40]
