"""`--plan`: what the selected claims take, told before anything is generated.

The claims are measured in a rehearsal (`experiments.rehearsal`): the measuring code runs, and
models and judges that are nothing but a law answer. Known answers are not rehearsed, and said to
come on top.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from prefvec.experiments.claims import Claim
from prefvec.experiments.measuring import measure
from prefvec.experiments.named_judges import LOCAL
from prefvec.experiments.options import Options
from prefvec.experiments.pairs import Pair
from prefvec.experiments.rehearsal import RehearsalLab
from prefvec.generation.store import CompletionStore
from prefvec.models.outlines import Outline, outline_of
from prefvec.models.registry import resolve
from prefvec.organisms.roster import TWIN_OF, homes
from prefvec.pytest_plugin.fixtures import options_of
from prefvec.pytest_plugin.plan_table import Rehearsed, told
from prefvec.whole_files import write_whole


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
    unsure: list[str] = []
    with (
        CompletionStore(":memory:") as store,
        closing(RehearsalLab(options, store, lambda name: _outline(name, options))) as lab,
    ):
        for claim, pair in claims:
            tell(claim.name(pair))
            try:
                whole = measure(claim, pair, lab).complete
            except Exception:  # a look that reaches into a model's weights, of which there are none
                whole = False
            if not whole:
                unsure.append(claim.name(pair))
        ledger = lab.ledger
        judges = ledger.sheets if options.judge == LOCAL else ()
        models = dict.fromkeys((*ledger.answers, *ledger.trainings, *judges))
        outlines = {name: lab.models[name].outline for name in models}
    return Rehearsed(ledger=ledger, outlines=outlines, unsure=tuple(unsure))


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


def keep_plan(options: Options, claims: Sequence[tuple[Claim, Pair]], found: Rehearsed) -> None:
    """Keep how many answers a plan came to, for the run of the same claims."""
    total = sum(len(asked) for asked in found.ledger.answers.values())
    write_whole(json.dumps({"answers": total}), _path(options, claims))


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


def _outline(name: str, options: Options) -> Outline:
    name = TWIN_OF.get(name, name)
    if name in homes():
        return outline_of(str(homes()[name]))
    entry = resolve(name)
    what = entry.packaged or entry.name_or_path
    outline = outline_of(what, revision=entry.revision, cache_dir=options.cache_dir)
    return replace(outline, dtype=entry.dtype)
