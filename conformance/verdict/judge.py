"""From the end of a pytest test to the outcome of a check.

pass      the runtime does what the requirement says
fail      it does not, and the requirement is binding
advisory  it does not, and the requirement is below the compliance level
error     the suite or the host broke: nothing is known
skip      a named need is not met
xfail     it fails as an expectation file says
xpass     it passes though an expectation file says that it fails
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal

import pytest

from conformance.collection import KEY, Check
from conformance.host.needs import NEEDS
from conformance.report import reproduction
from conformance.report.records import CheckRecord, Command, Outcome
from conformance.requirements.levels import LEVELS
from conformance.verdict.findings import Advisory, Finding, Refused, Unobservable, Unsupported

if TYPE_CHECKING:
    from collections.abc import Generator

    from conformance.container import Container
    from conformance.session import Session

CONTAINERS = pytest.StashKey[list["Container"]]()
"""The containers that a check has made."""

NOT_PASSED = pytest.StashKey[bool]()
"""Whether a check has not passed, so that its bundles may be worth keeping."""

UNSUPPORTED = "value.supported"
"""The need of a check that the runtime refused a value that it need not support."""

_COMPARISON = pytest.StashKey[tuple[str, str] | None]()

_FAILING_LEVELS = {"must": ("MUST", "IMPLIED"), "should": ("MUST", "IMPLIED", "SHOULD"), "may": LEVELS}


class NeedUnmet(Finding):
    """A need that was required with --require-need is not met."""


class Judge:
    """The hooks around each check."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a check whose needs are not met."""
        check = item.stash.get(KEY, None)
        name = self._unmet_need(check) if check else None
        if name is None:
            return
        if name in self.session.options.require_need:
            raise NeedUnmet(f"the need {name} is met", self.session.unmet[name])
        pytest.skip(f"needs {name}: {self.session.unmet[name]}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, config: pytest.Config, op: str, left: object, right: object) -> None:
        """Note what a failing comparison compared: in the checks, what was seen is left of what was expected."""
        expected = _shown(right) if op == "==" else f"{op} {_shown(right)}"
        config.stash[_COMPARISON] = (expected, _shown(left))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn the end of a phase into the outcome of a check."""
        report = yield
        check = item.stash.get(KEY, None)
        if check is None or (report.when != "call" and report.passed):
            return report
        record = self._judge(check, item, report, call)
        # Attributes of a report reach the main process if JSON can say them.
        report.conformance = record.to_dict()  # type: ignore[attr-defined]
        # pytest writes its JUnit file from the report of the last phase.
        item.user_properties[:] = [entry for entry in item.user_properties if entry[0] != "outcome"]
        item.user_properties.append(("outcome", record.outcome))
        item.stash[NOT_PASSED] = record.outcome not in ("pass", "skip")
        self._show(report, record, check)
        item.config.stash[_COMPARISON] = None
        return report

    def _unmet_need(self, check: Check) -> str | None:
        return next((name for name in check.needs if name in self.session.unmet), None)

    def _judge(
        self, check: Check, item: pytest.Item, report: pytest.TestReport, call: pytest.CallInfo[None]
    ) -> CheckRecord:
        outcome: Outcome = "pass"
        message, expected, actual, need = "", "", "", None
        error = _of_the_runtime(call.excinfo.value, item) if call.excinfo else None
        if report.skipped:
            outcome, need = "skip", self._unmet_need(check)
            message = self.session.unmet.get(need, "") if need else str(error)
        elif isinstance(error, Unsupported):
            outcome = "fail" if UNSUPPORTED in self.session.options.require_need else "skip"
            need, message = UNSUPPORTED, str(error)
            expected, actual = f"the runtime supports {error.value}", Refused(error.invocation).actual
        elif isinstance(error, Unobservable):
            outcome = "fail" if error.need in self.session.options.require_need else "skip"
            need, message = error.need, str(error)
            expected, actual = f"the need {error.need} is met", error.reason
        elif error is not None and isinstance(error, AssertionError) and report.when != "teardown":
            outcome = self._level_outcome(check, error)
            expected, actual, message = self._difference(check, item, error)
        elif error is not None:
            outcome, message = "error", f"{type(error).__name__}: {error}"
        if check.expectation and outcome in ("fail", "advisory"):
            outcome = "xfail"
        elif check.expectation and outcome == "pass" and not check.expectation.intermittent:
            outcome, message = "xpass", "it passes, so the row of the expectation file is stale"
        containers = [] if outcome in ("pass", "skip") else item.stash.get(CONTAINERS, [])
        return CheckRecord(
            id=check.id,
            outcome=outcome,
            requirements=[requirement.id for requirement in check.requirements],
            level=check.level,
            need=need if need in NEEDS else None,
            seconds=round(report.duration, 3),
            message=message,
            expected=expected,
            actual=actual,
            reason=check.expectation.reason if check.expectation else None,
            commands=[Command.of(invocation) for container in containers for invocation in container.invocations],
            configs=[container.config for container in containers],
        )

    def _level_outcome(self, check: Check, error: AssertionError) -> Literal["fail", "advisory"]:
        if isinstance(error, NeedUnmet):
            return "fail"
        failing = _FAILING_LEVELS[self.session.options.compliance_level]
        level = "SHOULD" if isinstance(error, Advisory) and check.level in ("MUST", "IMPLIED") else check.level
        return "fail" if level in failing else "advisory"

    def _difference(self, check: Check, item: pytest.Item, error: AssertionError) -> tuple[str, str, str]:
        """What was expected, what was seen, and both in one line."""
        if isinstance(error, Finding):
            return error.expected, error.actual, error.actual
        said = str(error)
        comparison = item.config.stash.get(_COMPARISON, None)
        if comparison and said.startswith("assert "):
            expected, actual = comparison
            return expected, actual, f"{actual}, and not {expected}"
        required = " ".join(requirement.text for requirement in check.requirements)
        actual = said.partition("\nassert ")[0]
        return required, actual, actual

    def _show(self, report: pytest.TestReport, record: CheckRecord, check: Check) -> None:
        if record.outcome in ("fail", "advisory", "xfail"):
            report.longrepr = reproduction.explain(record, check, self.session)
        if record.outcome == "skip" and report.failed:
            report.outcome = "skipped"
            report.longrepr = (str(report.fspath), 0, f"needs {record.need}: {record.message}")
        if record.outcome in ("advisory", "xfail"):
            # This is how pytest knows failures that do not count.
            report.outcome = "skipped"
            report.wasxfail = record.reason or "not binding at this compliance level"
        if record.outcome == "xpass":
            report.outcome = "failed"
            report.longrepr = f"{record.message}\n{check.expectation}"


def _of_the_runtime(error: BaseException, item: pytest.Item) -> BaseException:
    """The error, or the finding that it is: a check that looks at what the runtime should have made, and is not there."""
    if not isinstance(error, (FileNotFoundError, NotADirectoryError, ProcessLookupError)):
        return error
    path = os.fsdecode(error.filename or "")
    directories = [str(container.directory) for container in item.stash.get(CONTAINERS, [])]
    if re.match(r"/proc/[1-9-]", path) or any(path.startswith(directory) for directory in directories):
        return Finding(f"{path} exists", f"{error.strerror}")
    return error


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 500 else f"{text[:500]}..."
