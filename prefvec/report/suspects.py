"""Other differences between a blessed finding and a new one: none of them excuses a change.

The likeliest come first: where and how much was steered, with what and in which model, then what
was read, the libraries, the code and its commit.
"""

from collections.abc import Iterator, Mapping

from prefvec.report.finding import Finding, FindingAdapter, FindingArm, ModelPrints
from prefvec.report.numerals import decimal
from prefvec.report.reproduction import direction, place_and_dose

_MOST_FILES = 6
_READ_BY = {
    "tuning": "tuning prompts, on which site and dose were chosen",
    "extraction": "extraction prompts, from which the vector was taken",
    "adapter": "adapter prompts, on which the map was fitted",
}


def suspects(blessed: Finding, now: Finding) -> tuple[str, ...]:
    """Everything that differs between two findings about one claim, in sentences."""
    before, after = blessed["conditions"], now["conditions"]
    pairs = [(name, arm, now["arms"].get(name)) for name, arm in blessed["arms"].items()]
    arms = [(name, old, new) for name, old, new in pairs if new is not None]
    return (
        *(text for arm in arms for text in place_and_dose(*arm)),
        *(text for arm in arms for text in _vector(*arm)),
        *_adapter(blessed["adapter"], now["adapter"]),
        *_models(blessed, now),
        *_prompts(before["prompts"], after["prompts"]),
        *_plain("device", before["device"], after["device"]),
        *_plain("processor", before.get("processor"), after.get("processor")),
        *_plain("number type", before["dtype"], after["dtype"]),
        *_libraries(before["versions"], after["versions"]),
        *_code(before["code"], after["code"]),
        *_plain("commit", before["commit"], after["commit"]),
    )


def _vector(name: str, old: FindingArm, new: FindingArm) -> Iterator[str]:
    was, now = old["vector"], new["vector"]
    if not (was and now):
        return
    what = f"vector of the {name} arm"
    yield from _plain(f"{what}: estimator", was["estimator"], now["estimator"])
    yield from _plain(f"{what}: read at", was["positions"], now["positions"])
    yield from _plain(f"{what}: contrast pairs", was["n_pairs"], now["n_pairs"])
    yield from direction(name, old, new)


def _adapter(was: FindingAdapter | None, now: FindingAdapter | None) -> Iterator[str]:
    if not (was and now):
        return
    yield from _plain("adapter: method", was["method"], now["method"])
    yield from _plain("adapter: rows", was.get("rows"), now.get("rows"))
    for key, title, digits in (("penalty", "penalty", 6), ("r2_held_out", "held-out R²", 3)):
        old, new = was.get(key), now.get(key)
        if old is not None and new is not None:
            yield from _plain(f"adapter: {title}", decimal(old, digits), decimal(new, digits))
    if _differ(was.get("fingerprint"), now.get("fingerprint")):
        yield "adapter: other weights"


def _models(blessed: Finding, now: Finding) -> Iterator[str]:
    before, after = blessed["conditions"]["models"], now["conditions"]["models"]
    for role in ("source", "target"):
        yield from _plain(f"{role} model", blessed[role], now[role])
    for name in dict.fromkeys((now["source"], now["target"])):
        if name is not None and name in before and name in after:
            yield from _prints(name, before[name], after[name])


def _prints(name: str, before: ModelPrints, after: ModelPrints) -> Iterator[str]:
    for part in ("weights", "tokenizer"):
        old, new = before.get(part), after.get(part)
        if old is not None and new is not None and old != new:
            yield f"model {name}: other {part} (fingerprint {old[:8]} → {new[:8]})"


def _prompts(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for split, what in _READ_BY.items():
        if _differ(before.get(split), after.get(split)):
            yield f"other {what}"


def _libraries(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        yield from _plain(
            f"library {name}", before.get(name, "not recorded"), after.get(name, "not recorded")
        )


def _code(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    changed = [n for n in sorted({*before, *after}) if before.get(n) != after.get(n)]
    if changed:
        more = f" and {len(changed) - _MOST_FILES} more" if len(changed) > _MOST_FILES else ""
        yield f"code: {', '.join(changed[:_MOST_FILES])}{more}"


def _plain(what: str, before: object, after: object) -> Iterator[str]:
    if _differ(before, after):
        yield f"{what} {before} → {after}" if ":" in what else f"{what}: {before} → {after}"


def _differ(before: object, after: object) -> bool:
    """Whether two facts differ; of what is not known on both sides nothing is suspected."""
    return before is not None and after is not None and before != after
