"""Collect the outcomes of all checks in the main process; write the reports; say the verdict."""

from __future__ import annotations

import collections
import datetime
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from conformance import __version__
from conformance.collection import check_id
from conformance.errors import BadFile
from conformance.lanes.lane import current
from conformance.plugin import CHECKS
from conformance.report import summing, terminal
from conformance.report.records import (
    FORMAT,
    CheckRecord,
    FooterRecord,
    HeaderRecord,
    RequirementRecord,
)
from conformance.report.stream import ReportWriter
from conformance.report.tap import TapWriter
from conformance.session import EXIT_INTERRUPTED, EXIT_SETUP, Session, description

if TYPE_CHECKING:
    from typing import TextIO

    from conformance.options import Options


def write_setup_error(options: Options, problem: str) -> None:
    """Write reports that say why there is no verdict, so that no earlier ones are taken for those of this run."""
    footer = FooterRecord(
        checks={}, requirements={}, seconds=0, verdict="error", exit_status=EXIT_SETUP, problem=problem
    )
    if options.conformance_report:
        report = ReportWriter(options.conformance_report)
        report.write(footer)
        report.close()
    if options.tap_report:
        TapWriter(_text_stream(options.tap_report)).bail_out(problem)


class Reporting:
    """The hooks of the main process that see every outcome."""

    def __init__(self, config: pytest.Config, session: Session) -> None:
        self.session = session
        self.records: dict[str, CheckRecord] = {}
        self._pending: dict[str, CheckRecord] = {}
        self._root = config.rootpath
        self._maximum: int = config.option.maxfail or 0
        self.footer: FooterRecord | None = None
        self._began = time.monotonic()
        self._interrupted = False
        self._broken = False
        options = session.options
        self._report: ReportWriter | None = None
        self._tap: TapWriter | None = None
        if config.option.collectonly:
            return
        if options.conformance_report:
            self._report = ReportWriter(options.conformance_report)
            self._report.write(self._header())
        if options.tap_report:
            self._tap = TapWriter(_text_stream(options.tap_report))
            self._tap.comment("\n".join(description(session)))
        if options.write_expectations:
            _demand_writable(options.write_expectations)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_header(self) -> list[str]:
        """Say what is tested."""
        return description(self.session)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Show the outcomes of checks by their own names."""
        record: dict[str, Any] | None = getattr(report, "conformance", None)
        return terminal.STATUS.get(record["outcome"]) if record else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the outcome of a check; it is final when the check has been cleaned up."""
        found: dict[str, Any] | None = getattr(report, "conformance", None)
        if found is not None:
            record = msgspec.convert(found, CheckRecord)
            earlier = self._pending.get(report.nodeid)
            if earlier is not None:
                record = msgspec.structs.replace(earlier, outcome=record.outcome, message=record.message)
            self._pending[report.nodeid] = record
        elif report.failed and report.when not in ("setup", "call", "teardown"):
            # A worker died in the middle of it.
            self._pending[report.nodeid] = self._lost(report)
        if report.when not in ("setup", "call"):
            self._finish(report.nodeid)

    def _finish(self, nodeid: str) -> None:
        record = self._pending.pop(nodeid, None)
        if record is None:
            return
        self.records[record.id] = record
        if self._report:
            self._report.write(record)
        if self._tap:
            self._tap.check(record, self.session)

    def _lost(self, report: pytest.TestReport) -> CheckRecord:
        path, _, _ = report.nodeid.partition("::")
        # Outside of pytest's root directory, node IDs begin at what was named.
        places = [parent / path for parent in (self._root, Path(CHECKS), Path(CHECKS).parent)]
        found = (check_id(place, report.nodeid) for place in places if place.is_file())
        return CheckRecord(
            id=next(filter(None, found), report.nodeid),
            outcome="error",
            requirements=[],
            level="MUST",
            need=None,
            seconds=0,
            message=str(report.longrepr),
            expected="",
            actual="",
            reason=None,
            commands=[],
            configs=[],
        )

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the user interrupted the run."""
        # Much else ends like this: wrong usage, a broken module, and, with workers, that enough has failed.
        if isinstance(excinfo.value, pytest.exit.Exception):
            self.session.problem = str(excinfo.value)
        elif not isinstance(excinfo.value, pytest.Session.Interrupted):
            self._interrupted = not self._failed_enough()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that a module cannot be collected."""
        self._broken = self._broken or report.failed

    def pytest_internalerror(self) -> None:
        """Note that pytest, or a plugin, is broken."""
        self._broken = True

    def _failed_enough(self) -> bool:
        failures = sum(record.outcome in ("fail", "error", "xpass") for record in self.records.values())
        return 0 < self._maximum <= failures

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Say the verdict, in the reports and as exit status."""
        if session.config.option.collectonly:
            return
        for nodeid in list(self._pending):
            self._finish(nodeid)
        self.footer = self._verdict(int(exitstatus))
        if self._report:
            for record in self._requirements():
                self._report.write(record)
            self._report.write(self.footer)
            self._report.close()
        if self._tap:
            if self._interrupted:
                self._tap.bail_out("interrupted")
            elif self._broken or self.session.problem:
                self._tap.bail_out(self.session.problem or "the checks could not be collected")
            else:
                self._tap.finish()
        if self.session.options.write_expectations:
            from conformance.verdict.baseline import write

            # What a worker was doing when it died has none.
            judged = [record for record in self.records.values() if record.requirements]
            write(self.session.options.write_expectations, judged, self.session)
        session.exitstatus = self.footer.exit_status

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the verdict, the counts, and every failure."""
        if self.footer:
            terminal.summarize(terminalreporter, self.session, self._requirements(), self.records, self.footer)

    def _header(self) -> HeaderRecord:
        session = self.session
        return HeaderRecord(
            format=FORMAT,
            lane=current(),
            suite=__version__,
            spec_version=session.spec_version,
            spec_version_source=session.version_source,
            runtime=session.runtime.name,
            runtime_arguments=list(session.runtime.arguments),
            runtime_version=session.version,
            compliance_level=session.options.compliance_level,
            kernel=session.host.kernel,
            machine=session.host.machine,
            cgroup_mode=session.host.cgroup_mode,
            uid=session.host.uid,
            unmet_needs=dict(session.unmet),
            started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )

    def _requirements(self) -> list[RequirementRecord]:
        return summing.of_requirements(self.session.register, self.session.spec_version, self.records.values())

    def _verdict(self, exitstatus: int) -> FooterRecord:
        counts = collections.Counter[str](record.outcome for record in self.records.values())
        verdict, status = summing.verdict(counts)
        if self._interrupted:
            verdict, status = "interrupted", EXIT_INTERRUPTED
        elif self._broken:
            verdict, status = "error", EXIT_SETUP
        elif status == 0 and exitstatus == pytest.ExitCode.TESTS_FAILED:
            # Something that is no check failed; the runtime is conformant all the same.
            status = 1
        requirements = collections.Counter[str](record.outcome for record in self._requirements())
        return FooterRecord(
            checks=dict(counts),
            requirements=dict(requirements),
            seconds=round(time.monotonic() - self._began, 3),
            verdict=verdict,
            exit_status=status,
            problem=self.session.problem or None,
        )


def _demand_writable(name: str) -> None:
    """Raise `BadFile` if a file that is written when all is done cannot be."""
    path = Path(name)
    is_new = not path.exists()
    try:
        path.open("a").close()
        if is_new:
            path.unlink()
    except OSError as error:
        raise BadFile(name, error.strerror or str(error)) from error


def _text_stream(name: str) -> TextIO:
    if name == "-":
        stdout = sys.stdout
        # pytest's terminal reporter is made after this, and takes what it then finds: stdout is to be nothing but TAP.
        sys.stdout = sys.stderr
        return stdout
    try:
        return Path(name).open("w", encoding="utf-8")
    except OSError as error:
        raise BadFile(name, error.strerror or str(error)) from error
