"""The pytest plugin of the claims: the `claim_log` fixture, the record, the table.

A claim's test adds its record to `claim_log` and settles it. The record travels on the test's
report, so that it takes the same road with and without xdist, to the one process that writes.
Log and recorder come into being with the first claim.
"""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prefvec.pytest_plugin import (
    beforehand,
    command_line,
    fixtures,
    html_log,
    listing,
    markers,
    refusals,
    selection,
)
from prefvec.pytest_plugin.command_line import asked
from prefvec.pytest_plugin.places import kept_answers, reports_of, require_folder
from prefvec.pytest_plugin.refusals import reasons
from prefvec.pytest_plugin.selection import adds_to_the_log
from prefvec.pytest_plugin.waiting import wait_briefly
from prefvec.pytest_plugin.whole_run import is_whole, runs_claims

if TYPE_CHECKING:
    from prefvec.pytest_plugin.claim_log import ClaimLog
    from prefvec.pytest_plugin.recorder import Recorder
    from prefvec.report.record import Record

_PARCEL = "prefvec-claims"
_NOTHING = (
    "No claim was measured: each was skipped, and the reasons stand above. The exit status is 5, "
    "as where no test is found."
)
_LOG = pytest.StashKey["ClaimLog"]()
_COUNTS = pytest.StashKey[dict[str, int]]()


@pytest.fixture(scope="session")
def claim_log(pytestconfig: pytest.Config) -> ClaimLog:
    """The log that claims add their records to: describe(), add(), settle()."""
    return _log(pytestconfig)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the other modules that have hooks or fixtures."""
    for module in (command_line, refusals, listing, selection, beforehand, fixtures):
        if not pluginmanager.hasplugin(module.__name__):
            pluginmanager.register(module, module.__name__)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and have pytest-html write the engineering log beside the claims."""
    markers.declare(config)
    if runs_claims(config):
        wait_briefly()
    if hasattr(config, "workerinput") or config.getoption("collectonly"):
        return
    if runs_claims(config) and not asked(config, "--plan"):
        require_folder(reports_of(config) / "latest")
        html_log.configure(config, reports_of(config) / "latest")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Count the claims, but those on request, before and after -m and -k deselect some."""
    collected = sum(not markers.on_request(config, item) for item in _claims(items))
    yield
    config.stash[_COUNTS] = {"collected": collected, "selected": len(_claims(items))}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the claims added in this phase with its report, and mark an invalid one as such.

    Their properties go to the item, too: JUnit XML takes those of the report on its teardown.
    """
    report = yield
    vars(report).update(about_claims=adds_to_the_log(item))
    log = item.config.stash.get(_LOG, None)
    if log is None:
        return report
    from prefvec.pytest_plugin.claim_log import InvalidClaim
    from prefvec.pytest_plugin.junit import properties
    from prefvec.report import instrument_check

    claims, known = log.take_pending(), log.take_known()
    for claim in claims:
        claim["seconds"] = round(call.duration, 1)
    if claims or known:
        parcel = {
            "run": log.run,
            "models": list(log.models.values()),
            "splits": list(log.splits.values()),
            "claims": claims,
            "known_answers": known,
        }
        told = [pair for claim in claims for pair in properties(claim, log.run)]
        told += [pair for each in known for pair in instrument_check.properties(each)]
        item.user_properties.extend(told)
        report.user_properties.extend([*told, (_PARCEL, json.dumps(parcel))])
        vars(report).update(claim_outcomes=[claim["outcome"] for claim in [*claims, *known]])
    if call.excinfo is not None and call.excinfo.errisinstance(InvalidClaim):
        shown = call.excinfo.getrepr(style="value")
        if shown.reprcrash is not None:
            shown.reprcrash.message = str(call.excinfo.value)
        report.longrepr = shown
        vars(report).update(claim_invalid=True)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    """Count a claim that could not be judged as an error, whatever phase found it out."""
    if getattr(report, "claim_invalid", False) and report.failed:
        return "error", "E", "ERROR"
    return None


class _Writer:
    """The hooks of the one process that writes."""

    def __init__(self, config: pytest.Config):
        self.config = config
        self.recorder: Recorder | None = None
        self._about_claims = False
        self._remarks: list[str] = []
        self._started = datetime.now(UTC)
        self._begun = time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._about_claims |= getattr(report, "about_claims", False)
        parcels = [value for name, value in report.user_properties if name == _PARCEL]
        if not parcels:
            return
        # Whole records would bloat what other reporters keep of a test.
        report.user_properties = [pair for pair in report.user_properties if pair[0] != _PARCEL]
        try:
            for parcel in parcels:
                self._recorder().receive(report.nodeid, json.loads(str(parcel)))
        except OSError as error:
            pytest.exit(self._unwritten(error), returncode=pytest.ExitCode.USAGE_ERROR)

    def _recorder(self) -> Recorder:
        """The recorder, from the first parcel on."""
        if self.recorder is None:
            from prefvec.pytest_plugin.recorder import Recorder

            command = shlex.join(["pytest", *map(str, self.config.invocation_params.args)])
            self.recorder = Recorder(
                reports_of(self.config), command, started=self._started, begun=self._begun
            )
        return self.recorder

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        recorder = self.recorder
        if recorder is None or recorder.record is None:
            if self._about_claims and exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
                self._remarks.append(_NOTHING)
            return
        try:
            self._finish(session, exitstatus, recorder, recorder.record)
        except OSError as error:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            self._remarks.append(self._unwritten(error))

    def _finish(
        self, session: pytest.Session, exitstatus: int, recorder: Recorder, record: Record
    ) -> None:
        """Bless, write for the last time, and turn red what must not look green."""
        log, mode = _log(self.config), record["run"]["mode"]
        finished = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        whole = is_whole(self.config) and recorder.selected_all
        unknown = sorted(set(log.reasons) - {claim["id"] for claim in record["claims"]})
        if unknown:
            self._remarks.append(
                "Nothing was blessed: --bless-reason names claims that this run did not measure "
                f"({', '.join(unknown)}). What was measured is kept: run it again without them."
            )
        elif log.blessing and finished and mode == "full":
            self._bless(recorder, whole=whole)
        recorder.finish(interrupted=not finished, whole=whole)
        record = recorder.record or record
        self._summarise_for_ci(record)
        # Under xdist the facts were described in the workers.
        log.describe(run=record["run"])
        # A test that adds a claim and forgets to settle it must not hide its outcome.
        endings = {log.ending(claim)[0] for claim in record["claims"]}
        red = endings & {"fail", "error"} or (recorder.withdrawn and not log.blessing) or unknown
        if exitstatus == pytest.ExitCode.OK and red:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _unwritten(self, error: OSError) -> str:
        return (
            f"The report cannot be written to {reports_of(self.config)} ({error}). Make room for "
            "it there, or name another folder (--report-dir). Answers are kept: the same command "
            "goes on."
        )

    def _bless(self, recorder: Recorder, *, whole: bool) -> None:
        from prefvec.report import instrument_check

        if recorder.record is not None and instrument_check.wrong(recorder.record):
            self._remarks.append(
                "Nothing was blessed: the instrument contradicts its known answers."
            )
            return
        count = len(recorder.blessable)
        what = "finding" if count == 1 else "findings"
        self._remarks.append(f"{count} {what} blessed in {recorder.bless(whole=whole)}")

    def _summarise_for_ci(self, record: Record) -> None:
        from prefvec.pytest_plugin import step_summary

        path = os.environ.get("GITHUB_STEP_SUMMARY")
        if path and (failure := step_summary.append(record, Path(path))):
            self._remarks.append(failure)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: Any, exitstatus: int
    ) -> Generator[None, None, None]:
        """Write the table under everything else, where it is read, and last what changed."""
        yield
        record = None if self.recorder is None else self.recorder.record
        if self.recorder is not None and record is not None and terminalreporter.verbosity >= -1:
            from prefvec.pytest_plugin.terminal import write_known_answers, write_table

            write_table(terminalreporter, record)
            write_known_answers(terminalreporter, record)
        for remark in self._remarks:
            terminalreporter.write_line(remark)
        if self.recorder is not None and record is not None and terminalreporter.verbosity >= -1:
            from prefvec.pytest_plugin.terminal import write_changes

            if self.recorder.html.exists():
                terminalreporter.write_line(f"report: {self.recorder.html}")
            write_changes(terminalreporter, record)
        if exitstatus == pytest.ExitCode.INTERRUPTED and (kept := kept_answers(self.config)):
            terminalreporter.write_line(kept)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Register the writing hooks, in the process that writes."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Writer(session.config), "claims-writer")


def _log(config: pytest.Config) -> ClaimLog:
    """The log of a session, made when first asked for."""
    if _LOG not in config.stash:
        from prefvec.pytest_plugin.claim_log import ClaimLog

        log = ClaimLog(
            reports_of(config) / "findings",
            blessing=asked(config, "--bless"),
            reasons=reasons(asked(config, "--bless-reason") or ()),
            allow_incomparable=asked(config, "--allow-incomparable"),
            xfail_works=not config.getoption("runxfail"),
        )
        log.describe(run=config.stash.get(_COUNTS, {}))
        config.stash[_LOG] = log
    return config.stash[_LOG]


def _claims(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests of claims; those of known answers use the log too, and are counted apart."""
    return [
        item
        for item in items
        if adds_to_the_log(item) and item.get_closest_marker(markers.KNOWN_ANSWERS) is None
    ]
