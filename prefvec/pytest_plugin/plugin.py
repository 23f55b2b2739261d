"""The pytest plugin of the claims: options, the `claim_log` fixture, the record, the table.

A claim's test adds its record to `claim_log` and settles it. The record travels on the test's
report, so that it takes the same road with and without xdist, to the one process that writes.
"""

import json
import os
import shlex
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from prefvec.pytest_plugin import html_log, step_summary
from prefvec.pytest_plugin.claim_log import ClaimLog, InvalidClaim
from prefvec.pytest_plugin.junit import properties
from prefvec.pytest_plugin.recorder import Recorder
from prefvec.pytest_plugin.terminal import write_changes, write_known_answers, write_table
from prefvec.report import known_answers
from prefvec.report.record import Claim, Record

pytest_plugins = [
    "prefvec.pytest_plugin.options",
    "prefvec.pytest_plugin.selection",
    "prefvec.pytest_plugin.fixtures",
]

_PARCEL = "prefvec-claims"
_LOG = pytest.StashKey[ClaimLog]()
_RECORDER = pytest.StashKey[Recorder]()
_REMARKS = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def claim_log(pytestconfig: pytest.Config) -> ClaimLog:
    """The log that claims add their records to: describe(), add(), settle()."""
    return pytestconfig.stash[_LOG]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options about findings."""
    group = parser.getgroup("claims", "claims and their blessed findings")
    group.addoption(
        "--bless",
        action="store_true",
        help="accept this run's outcomes as the findings for its set of models "
        "(reports/findings/<set>.json), to be committed with a reason for each that is not "
        "SUPPORTED; INVALID is never accepted",
    )
    group.addoption(
        "--bless-reason",
        action="append",
        default=[],
        metavar="CLAIM=SENTENCE",
        help="with --bless: why this claim's outcome is accepted; may be repeated. "
        "Without it an unchanged outcome keeps its reason, and a new one takes the verdict's "
        "sentence",
    )
    group.addoption(
        "--report-dir",
        metavar="DIR",
        help="the folder of latest/, where the report is written, and findings/, what it is "
        "compared with (default: reports)",
    )
    group.addoption(
        "--allow-incomparable",
        action="store_true",
        help="do not fail on claims whose finding was blessed with other prompts, metric, "
        "criterion or sampling settings",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Set up the log, and the recorder in the process that writes."""
    chosen = config.getoption("report_dir")
    reports = Path(chosen) if chosen else config.rootpath / "reports"
    blessing = config.getoption("bless")
    reasons = _reasons(config.getoption("bless_reason"))
    if reasons and not blessing:
        raise pytest.UsageError("--bless-reason explains what --bless accepts: give both.")
    if blessing and config.getoption("quick", default=False):
        raise pytest.UsageError(
            "--quick is a smoke run and no evidence, so nothing of it can be blessed. "
            "Leave out --quick or --bless."
        )
    config.stash[_LOG] = ClaimLog(
        reports / "findings",
        blessing=blessing,
        reasons=reasons,
        allow_incomparable=config.getoption("allow_incomparable"),
        xfail_works=not config.getoption("runxfail"),
    )
    if not hasattr(config, "workerinput"):
        command = shlex.join(["pytest", *map(str, config.invocation_params.args)])
        config.stash[_RECORDER] = Recorder(reports, command)
        if _runs_claims(config) and not config.getoption("collectonly"):
            html_log.configure(config, reports / "latest")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Count the claims before and after -m and -k deselect some."""
    collected = len(_claims(items))
    yield
    config.stash[_LOG].describe(run={"collected": collected, "selected": len(_claims(items))})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the claims added in this phase with its report, and mark an invalid one as such.

    Their properties go to the item, too: JUnit XML takes those of the report on its teardown.
    """
    report = yield
    log = item.config.stash[_LOG]
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
        told += [pair for each in known for pair in known_answers.properties(each)]
        item.user_properties.extend(told)
        report.user_properties.extend([*told, (_PARCEL, json.dumps(parcel))])
        report.claim_outcomes = [claim["outcome"] for claim in [*claims, *known]]
    if call.excinfo is not None and call.excinfo.errisinstance(InvalidClaim):
        shown = call.excinfo.getrepr(style="value")
        if shown.reprcrash is not None:
            shown.reprcrash.message = str(call.excinfo.value)
        report.longrepr = shown
        report.claim_invalid = True
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
        self.config.stash[_REMARKS] = []
        self.recorder = config.stash[_RECORDER]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        parcels = [value for name, value in report.user_properties if name == _PARCEL]
        # Whole records would bloat what other reporters keep of a test.
        report.user_properties = [pair for pair in report.user_properties if pair[0] != _PARCEL]
        for parcel in parcels:
            self.recorder.receive(report.nodeid, json.loads(str(parcel)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        record = self.recorder.record
        if record is None:
            return
        finished = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if self.config.stash[_LOG].blessing and finished and record["run"]["mode"] == "full":
            self._bless(record)
        self.recorder.finish(interrupted=not finished)
        self._summarise_for_ci()
        # A test that adds a claim and forgets to settle it must not hide its outcome.
        endings = {self.config.stash[_LOG].ending(claim)[0] for claim in self._settled(record)}
        if exitstatus == pytest.ExitCode.OK and endings & {"fail", "error"}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _bless(self, record: Record) -> None:
        if known_answers.wrong(record):
            self._remark("Nothing was blessed: the instrument contradicts its known answers.")
            return
        count = len(self.recorder.blessable)
        what = "finding" if count == 1 else "findings"
        self._remark(f"{count} {what} blessed in {self.recorder.bless()}")

    def _summarise_for_ci(self) -> None:
        path, record = os.environ.get("GITHUB_STEP_SUMMARY"), self.recorder.record
        if path and record is not None and (failure := step_summary.append(record, Path(path))):
            self._remark(failure)

    def _remark(self, line: str) -> None:
        self.config.stash[_REMARKS].append(line)

    def _settled(self, record: Record) -> list[Claim]:
        # Under xdist the facts were described in the workers.
        self.config.stash[_LOG].describe(run=record["run"])
        return record["claims"]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, None, None]:
        """Write the table under everything else, where it is read, and last what changed."""
        yield
        record = self.recorder.record
        if record is None or terminalreporter.verbosity < -1:
            return
        write_table(terminalreporter, record)
        write_known_answers(terminalreporter, record)
        for remark in self.config.stash[_REMARKS]:
            terminalreporter.write_line(remark)
        unknown = set(self.config.stash[_LOG].reasons) - {c["id"] for c in record["claims"]}
        if unknown:
            terminalreporter.write_line(
                f"--bless-reason names claims that this run did not measure: {sorted(unknown)}"
            )
        terminalreporter.write_line(f"report: {self.recorder.html}")
        write_changes(terminalreporter, record)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Register the writing hooks, in the process that writes."""
    if _RECORDER in session.config.stash:
        session.config.pluginmanager.register(_Writer(session.config), "claims-writer")


def _reasons(given: Sequence[str]) -> dict[str, str]:
    reasons = {}
    for text in given:
        claim, equals, sentence = text.partition("=")
        if not (equals and claim.strip() and sentence.strip()):
            raise pytest.UsageError(
                f"--bless-reason {text!r} is not of the form CLAIM=SENTENCE. Write "
                '--bless-reason "claim-id=why this outcome is accepted".'
            )
        reasons[claim.strip()] = sentence.strip()
    return reasons


def _claims(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests of claims; those of known answers use the log too, and are counted apart."""
    return [
        item
        for item in items
        if "claim_log" in getattr(item, "fixturenames", ())
        and item.get_closest_marker("known_answers") is None
    ]


def _runs_claims(config: pytest.Config) -> bool:
    claims = config.rootpath / "claims"
    for argument in config.args:
        path = (config.invocation_params.dir / str(argument).split("::")[0]).resolve()
        if path == claims or claims in path.parents or path in claims.parents:
            return True
    return False
