"""What is looked at once the claims are collected and before the first of them is measured.

What cannot be run is refused here, in a sentence and with exit status 4: it must neither look green
nor fail claim by claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prefvec.errors import PrefvecError
from prefvec.pytest_plugin.command_line import asked, named_models
from prefvec.pytest_plugin.markers import KNOWN_ANSWERS, refuse_strange_markers
from prefvec.pytest_plugin.places import reports_of, require_folder
from prefvec.pytest_plugin.refusals import reasons
from prefvec.pytest_plugin.selection import adds_to_the_log, claims_of
from prefvec.pytest_plugin.whole_run import runs_claims

if TYPE_CHECKING:
    from prefvec.experiments.claims import Claim
    from prefvec.experiments.options import Options
    from prefvec.experiments.pairs import Pair

_WRITTEN = ("verdicts.html", "verdicts.json")
PREVIOUS = "previous"
"""The folder beside latest/ where the last page goes when the next run starts."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse a marker that is none, once everybody has declared theirs."""
    if runs_claims(session.config):
        refuse_strange_markers(session.config)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """How to learn what a run takes, and which models stand in for those that were not named."""
    planned = asked(config, "--plan") or not runs_claims(config)
    lines = [] if planned else ["prefvec: --plan says what this run takes, and generates nothing"]
    if not asked(config, "--source"):
        return lines
    if asked(config, "--target") or asked(config, "--all-pairs"):
        return lines
    sources, targets = named_models(config)
    if not targets:
        instead = "only claims about one model are put to " + " and to ".join(sources)
    else:
        carried = " and that of ".join(sources)
        instead = f"the vector of {carried} is carried into {' and '.join(targets)}"
    return [f"prefvec: no --target is named, so {instead}", *lines]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Put the last page away, refuse what cannot be run; with --plan, tell the plan and stop."""
    config = session.config
    if hasattr(config, "workerinput") or config.getoption("collectonly"):
        return None
    folder, plan = reports_of(config) / "latest", asked(config, "--plan")
    logged = [item for item in session.items if adds_to_the_log(item)]
    whole = runs_claims(config)
    if (logged or whole) and not plan:
        require_folder(folder)
        _put_away(folder)
    spread = not session.items and config.pluginmanager.hasplugin("dsession")
    if session.testsfailed or not (logged or (spread and whole)):
        return None
    chosen = [(claim, pair) for _, claim, pair in claims_of(logged)]
    measured = chosen or spread or any(item.get_closest_marker(KNOWN_ANSWERS) for item in logged)
    if measured:
        _refuse_unknown_reasons(config, logged, chosen)
        _refuse_what_cannot_run(config, chosen)
        _tell_trait_doubts(config)
    if not plan:
        return None
    from prefvec.pytest_plugin.plan import write_plan

    write_plan(session, chosen)
    return True


def _refuse_what_cannot_run(config: pytest.Config, chosen: Sequence[tuple[Claim, Pair]]) -> None:
    """A store that is none, findings that cannot be read, and models that cannot be had."""
    from prefvec.generation.store import CompletionStore
    from prefvec.pytest_plugin.fixtures import options_of
    from prefvec.report import findings

    options = options_of(config)
    _refuse_without_judge(options, [claim for claim, _ in chosen])
    try:
        if not options.quick:
            findings.read(findings.path_of(reports_of(config) / "findings", options.model_set))
        if not asked(config, "--plan"):
            with CompletionStore(options.store) as store:
                store.require_writable()
    except PrefvecError as reason:
        raise pytest.UsageError(str(reason)) from reason
    used = [name for _, pair in chosen for name in (pair.source, pair.target)]
    missing = _missing(options, (options.writer, *used) if chosen else options.names)
    if missing and not asked(config, "--skip-missing"):
        raise pytest.UsageError("\n".join(missing.values()))
    if options.sources[0] not in missing:
        _refuse_strange_vector(options)
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    for name, why in missing.items():
        if terminal is not None:
            terminal.write_line(f"--skip-missing leaves out the claims about {name}. {why}")


def _tell_trait_doubts(config: pytest.Config) -> None:
    """Write what a trait's wording says against it, before a minute is spent."""
    from prefvec.experiments.known_traits import trait_of
    from prefvec.experiments.subject import subject_of
    from prefvec.text.trait_doubts import trait_doubts

    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    named, (sources, targets) = asked(config, "--trait"), named_models(config)
    if terminal is None or not named:
        return
    for doubt in trait_doubts(trait_of(named, subject_of((*sources, *targets)))):
        terminal.write_line(f"--trait {named}: {doubt}", yellow=True)


def _refuse_strange_vector(options: Options) -> None:
    """A file that is no vector of the source: another width, block, architecture or content."""
    if options.vector is None:
        return
    from prefvec.experiments.shelf import source_of
    from prefvec.experiments.strangers import require_readable_vector

    try:
        require_readable_vector(options, source_of(options, options.sources[0])())
    except PrefvecError as reason:
        raise pytest.UsageError(f"--vector: {reason}") from reason


def _refuse_without_judge(options: Options, claims: Sequence[Claim]) -> None:
    """Claims that a judge measures need one, and a judge needs both its place and its name."""
    if (options.judge is None) != (options.judge_model is None):
        raise pytest.UsageError(
            "A judge is named by its place and its model together: give --judge URL (or --judge "
            "local) and --judge-model NAME."
        )
    judged = [claim.id for claim in claims if claim.judged]
    if judged and options.judge is None:
        raise pytest.UsageError(
            f"{len(judged)} of the claims ({judged[0]}, …) are measured by a judge, and none is "
            "named. Give --judge URL and --judge-model NAME, or --judge local and a model of your "
            "own; docs/judging.md says what a judge must prove first."
        )
    if judged:
        _refuse_absent_judge(options)


def _refuse_absent_judge(options: Options) -> None:
    """Two judges that are one, and a judge in memory that cannot be had."""
    from prefvec.experiments.named_judges import LOCAL, judge_names

    try:
        names = judge_names(options)
    except PrefvecError as reason:
        raise pytest.UsageError(str(reason)) from reason
    absent = _missing(options, names) if options.judge == LOCAL else {}
    if absent:
        raise pytest.UsageError("\n".join(f"--judge local: {why}" for why in absent.values()))


def _missing(options: Options, names: Sequence[str]) -> dict[str, str]:
    """Why each of the models that cannot be had cannot."""
    from prefvec.models.readable import require_readable
    from prefvec.models.registry import resolve
    from prefvec.organisms.roster import TWIN_OF, homes

    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        original = TWIN_OF.get(name, name)
        home = homes().get(original)
        try:
            if home is None:
                entry = resolve(original)
                what = entry.packaged or entry.name_or_path
                require_readable(what, revision=entry.revision, cache_dir=options.cache_dir)
            elif (home / "model.safetensors").exists():
                require_readable(str(home))
            else:
                found[name] = (
                    f"{name} is not trained: run `python -m prefvec.organisms.train {original}`. "
                    "What is finished is not trained again."
                )
        except PrefvecError as reason:
            found[name] = str(reason)
    return found


def _refuse_unknown_reasons(
    config: pytest.Config, logged: Sequence[pytest.Item], chosen: Sequence[tuple[Claim, Pair]]
) -> None:
    """Refuse a --bless-reason for a claim that this run does not measure, where that is known."""
    known = {claim.name(pair) for claim, pair in chosen}
    others = [item for item in logged if not item.get_closest_marker(KNOWN_ANSWERS)]
    if not known or len(others) != len(chosen):
        return
    unknown = sorted(set(reasons(asked(config, "--bless-reason") or ())) - known)
    if unknown:
        raise pytest.UsageError(
            f"--bless-reason names claims that this run does not measure: {', '.join(unknown)}. "
            "Nothing was run or blessed. Claims' names are listed by `pytest claims/ --list "
            "claims`."
        )


def _put_away(folder: Path) -> None:
    """Move the last run's page and record, so that none stands beside a log of this run."""
    there = [folder / name for name in _WRITTEN if (folder / name).exists()]
    if not there:
        return
    previous = folder.parent / PREVIOUS
    previous.mkdir(exist_ok=True)
    for path in there:
        path.replace(previous / path.name)
