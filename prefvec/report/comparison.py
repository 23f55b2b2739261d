"""How a new run compares with the blessed findings, on the same prompts."""

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypedDict

from scipy import stats

from prefvec.report.blessing import mean
from prefvec.report.finding import Finding
from prefvec.report.numerals import decimal, factor, pvalue
from prefvec.report.record import plain
from prefvec.report.record.verdict_entries import Compared
from prefvec.report.reproduction import INPUTS, differences, same_inputs
from prefvec.report.suspects import suspects
from prefvec.vocabulary import Alternative, Change

SHARE_OF_EFFECT = 0.25
"""A paired change beyond this share of the blessed effect counts."""
ALPHA = 0.05


class _Measured(TypedDict):
    """The mean paired change and its interval, as `Comparison` has them."""

    odd_change: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How a claim's new record stands to its blessed finding.

    Attributes:
        change: SAME, REGRESSED, IMPROVED, NOT REPRODUCED, DRIFT, NEW or NOT COMPARABLE.
        sentence: why, for people.
        odd_change: mean paired change, on the same prompts, of the odd part or the contrast of
            odd parts that decides the claim (log ratio).
        low, high: its two-sided 95 % interval.
        suspects: other differences that might explain a change; none of them excuses one.
    """

    change: Change
    sentence: str
    odd_change: float | None = None
    low: float | None = None
    high: float | None = None
    suspects: tuple[str, ...] = ()

    def record(self) -> Compared:
        """For the claim's entry in the record."""
        return plain({key: value for key, value in vars(self).items() if key != "change"})


def compare(blessed: Finding | None, now: Finding) -> Comparison:
    """Compare a claim with its blessed finding, both as `blessing.finding_of` makes them."""
    if blessed is None:
        return Comparison(change="NEW", sentence="There is no blessed finding for this claim.")
    if differs := _incomparable(blessed, now):
        sentence = f"Blessed under other conditions: {'; '.join(differs)}."
        return Comparison(
            change="NOT COMPARABLE", sentence=sentence, suspects=suspects(blessed, now)
        )
    changes = [now["odd"][prompt] - value for prompt, value in blessed["odd"].items() if now["odd"]]
    measured = _interval(changes)
    same = same_inputs(blessed, now)
    found = differences(blessed, now) if same else ()
    change, sentence = _judge(blessed, now, changes, measured, found)
    if same and change in ("REGRESSED", "IMPROVED", "DRIFT"):
        sentence += f" All inputs are as blessed ({INPUTS})."
    rest = tuple(
        each for each in suspects(blessed, now) if change != "NOT REPRODUCED" or each not in found
    )
    return Comparison(change=change, sentence=sentence, suspects=rest, **measured)


def _judge(
    blessed: Finding,
    now: Finding,
    changes: list[float],
    measured: _Measured,
    not_reproduced: tuple[str, ...],
) -> tuple[Change, str]:
    """The change and why; `not_reproduced` is what differs although the inputs are the same."""
    was, is_now = blessed["outcome"], now["outcome"]
    outcomes = f"It was blessed as {was} and is now {is_now}{_effects(blessed, now)}."
    if was != is_now and "SUPPORTED" in (was, is_now):
        return "REGRESSED" if was == "SUPPORTED" else "IMPROVED", outcomes
    # What fails, is spared, or was never supported, has an effect near zero, and less of it is no
    # loss: its change is measured against the native effect, and is a drift in either direction.
    small = now["kind"] in ("fails", "spares") or was != "SUPPORTED"
    reference = blessed["native_effect"] if small else mean(blessed["odd"])
    if reference is not None:
        bound = SHARE_OF_EFFECT * abs(reference)
        for limit, alternative, direct, word in _directions(bound):
            p = one_sided_pvalue(changes, limit, alternative)
            if p < ALPHA:
                return "DRIFT" if small else direct, (
                    f"The {_decided_by(now)} {word} by more than a quarter of the "
                    f"{'native' if small else 'blessed'} effect on the same {len(changes)} "
                    f"prompts{_effects(blessed, now)}; {_told(measured)}, p {_equals(p)}."
                )
    if was != is_now:
        return "DRIFT", outcomes
    if not_reproduced:
        return "NOT REPRODUCED", (
            f"All inputs are as blessed ({INPUTS}), and yet: {'; '.join(not_reproduced)}."
        )
    if blessed["label"] != now["label"]:
        return "DRIFT", f"Its label was “{blessed['label']}” and is now “{now['label']}”."
    return "SAME", f"{is_now}, as blessed."


def _directions(bound: float) -> Iterator[tuple[float, Alternative, Change, str]]:
    """Either way beyond the bound: the test, the change, and its verb."""
    yield -bound, "less", "REGRESSED", "fell"
    yield bound, "greater", "IMPROVED", "rose"


def _decided_by(finding: Finding) -> str:
    return "contrast of the odd parts" if finding["kind"] == "exceeds" else "odd part"


def _incomparable(blessed: Finding, now: Finding) -> list[str]:
    before, after = blessed["conditions"], now["conditions"]
    # Without answers (NOT APPLICABLE, INVALID) there is nothing that a metric is of, and there are
    # no ids to pair; the outcome still counts.
    ids, new_ids = blessed["odd"].keys(), now["odd"].keys()
    measured = bool(ids and new_ids)
    differs = [
        f"{what} {blessed[key]} → {now[key]}"
        for key, what, known in (("metric", "metric", measured), ("kind", "kind of claim", True))
        if known and blessed[key] != now[key]
    ]
    differs += _numbers("criterion", blessed["parameters"], now["parameters"])
    differs += _numbers("sampling", before["settings"], after["settings"])
    if measured and ids != new_ids:
        both = len(ids & new_ids)
        differs.append(f"test prompts ({len(ids)} blessed, {len(new_ids)} now, {both} in both)")
    elif before["prompts"]["test"] != after["prompts"]["test"]:
        same = f"the same {len(ids)} ids with other texts" if measured else "other texts"
        differs.append(f"test prompts ({same})")
    return differs


def _numbers(
    what: str, before: Mapping[str, float | None], after: Mapping[str, float | None]
) -> list[str]:
    return [
        f"{what} {key} {before.get(key)} → {after.get(key)}"
        for key in sorted({*before, *after})
        if not _equal(before.get(key), after.get(key))
    ]


def one_sided_pvalue(changes: list[float], bound: float, alternative: Alternative) -> float:
    """One-sided paired t of the mean change against `bound`; 1 where there is nothing to test."""
    if len(changes) < 2:
        return 1.0
    if _constant(changes):
        beyond = changes[0] < bound if alternative == "less" else changes[0] > bound
        return 0.0 if beyond else 1.0
    return float(stats.ttest_1samp(changes, bound, alternative=alternative).pvalue)


def _interval(changes: list[float]) -> _Measured:
    middle = statistics.fmean(changes) if changes else None
    if len(changes) < 2 or middle is None:
        return {"odd_change": middle, "low": None, "high": None}
    half = 0.0
    if not _constant(changes):
        error = statistics.stdev(changes) / math.sqrt(len(changes))
        half = float(stats.t.ppf(1 - ALPHA / 2, len(changes) - 1)) * error
    return {"odd_change": middle, "low": middle - half, "high": middle + half}


def _effects(blessed: Finding, now: Finding) -> str:
    was, is_now = mean(blessed["odd"]), mean(now["odd"])
    if was is None or is_now is None:
        return ""
    return f" (effect {factor(math.exp(was))} → {factor(math.exp(is_now))})"


def _told(measured: _Measured) -> str:
    middle = decimal(measured["odd_change"], 3)
    low, high = decimal(measured["low"], 3), decimal(measured["high"], 3)
    return f"change {middle} [{low}, {high}] on the log scale"


def _equals(p: float) -> str:
    text = pvalue(p)
    return text if text.startswith("<") else f"= {text}"


def _constant(values: list[float]) -> bool:
    return max(values) - min(values) < 1e-12


def _equal(before: float | None, after: float | None) -> bool:
    if isinstance(before, (int, float)) and isinstance(after, (int, float)):
        return math.isclose(before, after, rel_tol=1e-9)
    return before == after
