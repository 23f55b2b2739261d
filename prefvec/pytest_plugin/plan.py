"""`--plan`: what the selected claims take, told before anything is generated.

The claims are measured in a rehearsal (`experiments.rehearsal`): the measuring code runs, and
models that are nothing but a law answer. Known answers are not rehearsed, and said to come on top.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from prefvec.experiments.claims import Claim
from prefvec.experiments.costs import bytes_in_memory, bytes_stored, rate_of
from prefvec.experiments.measuring import measure
from prefvec.experiments.options import Options
from prefvec.experiments.pairs import Pair
from prefvec.experiments.rehearsal import Ledger, RehearsalLab
from prefvec.generation.store import CompletionStore
from prefvec.models.outlines import Outline, outline_of
from prefvec.models.registry import resolve
from prefvec.organisms.roster import TWIN_OF, homes
from prefvec.pytest_plugin.fixtures import options_of

_SHARE_OF_CAP = 0.4
"""Of τ, the mean length of an answer where none was written before."""


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What a rehearsal came to.

    Attributes:
        ledger: the answers that were asked for.
        outlines: the models that were asked, in outline.
        unsure: ids of claims that could not be rehearsed to their end, so that they take more.
    """

    ledger: Ledger
    outlines: dict[str, Outline]
    unsure: tuple[str, ...]


def rehearse(
    options: Options,
    claims: Sequence[tuple[Claim, Pair]],
    tell: Callable[[str], None] = lambda claim: None,
) -> Rehearsed:
    """Measure claims without a model.

    Args:
        options: of the run.
        claims: those that it would measure.
        tell: told of each claim before it is rehearsed.
    """
    outlines: dict[str, Outline] = {}

    def outline(name: str) -> Outline:
        outlines[name] = outlines.get(name) or _outline(name, options.cache_dir)
        return outlines[name]

    unsure: list[str] = []
    with CompletionStore(":memory:") as store:
        lab = RehearsalLab(options, store, outline)
        for claim, pair in claims:
            tell(claim.name(pair))
            try:
                whole = measure(claim, pair, lab).complete
            except Exception:  # a look that reaches into a model's weights, of which there are none
                whole = False
            if not whole:
                unsure.append(claim.name(pair))
    return Rehearsed(ledger=lab.ledger, outlines=outlines, unsure=tuple(unsure))


def write_plan(session: pytest.Session, claims: Sequence[tuple[Claim, Pair]]) -> None:
    """Write the plan to the terminal, and keep its totals for the progress of the run itself."""
    config = session.config
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    options = options_of(config)
    known = [item for item in session.items if item.get_closest_marker("known_answers")]

    def tell(claim: str) -> None:
        if terminal is not None and config.get_verbosity() > 0:
            terminal.write_line(f"rehearsing {claim}")

    found = rehearse(options, claims, tell)
    for line in told(options, found, len(claims)):
        if terminal is not None:
            terminal.write_line(line)
    if known and terminal is not None:
        terminal.write_line(
            f"The {len(known)} known answers that are selected come on top: they are put to "
            "organisms, or to the model that they are made of."
        )
    keep_plan(options, claims, found)


def told(options: Options, found: Rehearsed, n_claims: int) -> list[str]:
    """The plan, line by line.

    Args:
        options: of the run.
        found: what the rehearsal came to.
        n_claims: how many claims were rehearsed.
    """
    tokens, by = mean_tokens(options)
    lines = [
        f"plan of {n_claims} claims: nothing was generated or measured",
        f"{'model':<30}{'answers':>11}{'tokens':>10}{'hours':>9}{'memory':>10}  hours by",
    ]
    hours, total, largest = 0.0, 0, 0
    gpu = _on_accelerator(options)
    for name, asked in found.ledger.answers.items():
        outline, count = found.outlines[name], len(asked)
        rate = rate_of(options.store, name, outline, tokens, gpu=gpu)
        spent = count / rate.answers_a_second / 3600
        memory = bytes_in_memory(outline, 2 if gpu or options.dtype in _HALF else 4)
        how = "its rate here" if rate.measured else f"size, {_many(outline.parameters)}"
        lines.append(
            f"{name[-29:]:<30}{count:>11,}{_many(count * tokens):>10}{_hours(spent):>9}"
            f"{_size(memory):>10}  {how}"
        )
        hours, total, largest = hours + spent, total + count, max(largest, memory)
    disk = bytes_stored(total, tokens) + found.ledger.bytes_held
    lines += [
        f"{'in all':<30}{total:>11,}{_many(total * tokens):>10}{_hours(hours):>9}"
        f"{_size(largest):>10}  one model at a time",
        f"disk: {_size(disk)} beside {options.store}, without the models' weights",
        f"An answer is reckoned with {tokens:.0f} tokens ({by}). How many cells a search tries "
        "depends",
        "on what models answer: take the plan as right to a quarter, and hours by size to a factor "
        "of three.",
        "Answers that are kept already are not generated again.",
    ]
    if found.unsure:
        lines.append(
            f"{len(found.unsure)} of the claims take more than is reckoned here: "
            f"{', '.join(found.unsure[:3])}{', …' * (len(found.unsure) > 3)}."
        )
    return lines


_HALF = ("bfloat16", "float16", "bf16", "fp16")


def mean_tokens(options: Options) -> tuple[float, str]:
    """Tokens of an answer, in the mean, and where that is from."""
    if options.store.is_file():
        with CompletionStore(options.store) as store:
            found = store.mean_tokens(options.max_new_tokens)
        if found is not None:
            return found, f"the mean of those kept at τ = {options.max_new_tokens}"
    return _SHARE_OF_CAP * options.max_new_tokens, f"two fifths of τ = {options.max_new_tokens}"


def keep_plan(options: Options, claims: Sequence[tuple[Claim, Pair]], found: Rehearsed) -> None:
    """Keep how many answers a plan came to, for the run of the same claims."""
    path = _path(options, claims)
    path.parent.mkdir(parents=True, exist_ok=True)
    total = sum(len(asked) for asked in found.ledger.answers.values())
    path.write_text(json.dumps({"answers": total}), encoding="utf-8")


def planned(options: Options, claims: Sequence[tuple[Claim, Pair]]) -> int | None:
    """The answers of a run, if it was planned; else None."""
    try:
        return json.loads(_path(options, claims).read_text(encoding="utf-8"))["answers"]
    except (OSError, ValueError, KeyError):
        return None


def _path(options: Options, claims: Sequence[tuple[Claim, Pair]]) -> Path:
    asked = [options.model_set, options.samples, options.max_new_tokens, options.quick]
    names = sorted(claim.name(pair) for claim, pair in claims)
    digest = sha256(json.dumps([*asked, names]).encode()).hexdigest()[:16]
    return options.store.parent / "plans" / f"{digest}.json"


def _outline(name: str, cache_dir: str | None) -> Outline:
    name = TWIN_OF.get(name, name)
    if name in homes():
        return outline_of(str(homes()[name]))
    entry = resolve(name)
    what = entry.packaged or entry.name_or_path
    return outline_of(what, revision=entry.revision, cache_dir=cache_dir)


def _on_accelerator(options: Options) -> bool:
    from prefvec.models.placement import AUTO, choose_device

    return options.device == AUTO or choose_device(options.device).type != "cpu"


def _hours(hours: float) -> str:
    return f"{hours:.1f}" if hours >= 0.95 else f"{60 * hours:.0f} min"


def _many(number: float) -> str:
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f}"


def _size(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
