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

from prefvec.pytest_plugin import command_line, fixtures, html_log, markers, refusals, selection
from prefvec.pytest_plugin.command_line import asked
from prefvec.pytest_plugin.refusals import reasons
from prefvec.pytest_plugin.selection import adds_to_the_log
from prefvec.pytest_plugin.whole_run import is_whole

if TYPE_CHECKING:
    from prefvec.pytest_plugin.claim_log import ClaimLog
    from prefvec.pytest_plugin.recorder import Recorder
    from prefvec.report.record import Record

_PARCEL = "prefvec-claims"
_LOG = pytest.StashKey["ClaimLog"]()
_COUNTS = pytest.StashKey[dict[str, int]]()


@pytest.fixture(scope="session")
def claim_log(pytestconfig: pytest.Config) -> ClaimLog:
    """The log that claims add their records to: describe(), add(), settle()."""
    return _log(pytestconfig)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the other modules that have hooks or fixtures."""
    for module in (command_line, refusals, selection, fixtures):
        if not pluginmanager.hasplugin(module.__name__):
            pluginmanager.register(module, module.__name__)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and have pytest-html write the engineering log beside the claims."""
    markers.declare(config)
    if hasattr(config, "workerinput") or config.getoption("collectonly"):
        return
    if _runs_claims(config):
        html_log.configure(config, _reports(config) / "latest")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Count the claims before and after -m and -k deselect some."""
    collected = len(_claims(items))
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
        self._remarks: list[str] = []
        self._started = datetime.now(UTC)
        self._begun = time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        parcels = [value for name, value in report.user_properties if name == _PARCEL]
        if not parcels:
            return
        # Whole records would bloat what other reporters keep of a test.
        report.user_properties = [pair for pair in report.user_properties if pair[0] != _PARCEL]
        for parcel in parcels:
            self._recorder().receive(report.nodeid, json.loads(str(parcel)))

    def _recorder(self) -> Recorder:
        """The recorder, from the first parcel on."""
        if self.recorder is None:
            from prefvec.pytest_plugin.recorder import Recorder

            command = shlex.join(["pytest", *map(str, self.config.invocation_params.args)])
            self.recorder = Recorder(
                _reports(self.config), command, started=self._started, begun=self._begun
            )
        return self.recorder

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        recorder = self.recorder
        if recorder is None or recorder.record is None:
            return
        log, mode = _log(self.config), recorder.record["run"]["mode"]
        finished = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        whole = is_whole(self.config) and recorder.selected_all
        if log.blessing and finished and mode == "full":
            self._bless(recorder, whole=whole)
        recorder.finish(interrupted=not finished, whole=whole)
        record = recorder.record
        self._summarise_for_ci(record)
        # Under xdist the facts were described in the workers.
        log.describe(run=record["run"])
        # A test that adds a claim and forgets to settle it must not hide its outcome.
        endings = {log.ending(claim)[0] for claim in record["claims"]}
        red = endings & {"fail", "error"} or (recorder.withdrawn and not log.blessing)
        if exitstatus == pytest.ExitCode.OK and red:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

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
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, None, None]:
        """Write the table under everything else, where it is read, and last what changed."""
        yield
        record = None if self.recorder is None else self.recorder.record
        if self.recorder is None or record is None or terminalreporter.verbosity < -1:
            return
        from prefvec.pytest_plugin.terminal import write_changes, write_known_answers, write_table

        write_table(terminalreporter, record)
        write_known_answers(terminalreporter, record)
        for remark in self._remarks:
            terminalreporter.write_line(remark)
        unknown = set(_log(self.config).reasons) - {c["id"] for c in record["claims"]}
        if unknown:
            terminalreporter.write_line(
                f"--bless-reason names claims that this run did not measure: {sorted(unknown)}"
            )
        terminalreporter.write_line(f"report: {self.recorder.html}")
        write_changes(terminalreporter, record)


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
            _reports(config) / "findings",
            blessing=asked(config, "--bless"),
            reasons=reasons(asked(config, "--bless-reason") or ()),
            allow_incomparable=asked(config, "--allow-incomparable"),
            xfail_works=not config.getoption("runxfail"),
        )
        log.describe(run=config.stash.get(_COUNTS, {}))
        config.stash[_LOG] = log
    return config.stash[_LOG]


def _reports(config: pytest.Config) -> Path:
    """The folder of latest/ and findings/."""
    chosen = asked(config, "--report-dir")
    return Path(chosen) if chosen else config.rootpath / "reports"


def _claims(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests of claims; those of known answers use the log too, and are counted apart."""
    return [
        item
        for item in items
        if adds_to_the_log(item) and item.get_closest_marker(markers.KNOWN_ANSWERS) is None
    ]


def _runs_claims(config: pytest.Config) -> bool:
    """Whether the run is about the root's folder `claims`, and that folder about prefvec's."""
    claims = config.rootpath / "claims"
    for argument in config.args:
        path = (config.invocation_params.dir / str(argument).split("::")[0]).resolve()
        if path == claims or claims in path.parents or path in claims.parents:
            return any(_names_prefvec(file) for file in claims.rglob("*.py"))
    return False


def _names_prefvec(file: Path) -> bool:
    return "prefvec" in file.read_text(encoding="utf-8", errors="replace")
