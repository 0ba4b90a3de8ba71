"""JUnit: the file is pytest's own, with what we know of a check as its properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from junitparser import JUnitXml, Properties, TestCase

from conformance.requirements import register

if TYPE_CHECKING:
    from tests.conftest import Run, Suite

CHECKS = """
from conformance import needs, requirement
from conformance.verdict.findings import Finding

@requirement("runtime.state.id.present", "runtime.state.status.present")
def test_pass():
    pass

@requirement("config_linux.default_filesystems.proc")
def test_advisory():
    raise Finding("this", "that")

@requirement("runtime.state.id.present")
@needs("imaginary")
def test_skip():
    pass

@requirement("runtime.state.id.present")
def test_fail():
    raise Finding("]]> <this> & '\\"", b"\\x1b[31m \\0 \\xff \\xed\\xa0\\x80 \\r\\n".decode("utf-8", "surrogateescape") + "\\ufffe")

@requirement("runtime.state.id.present")
def test_error():
    raise RuntimeError("\\x1b[31m ]]> \\0 \\ufffe")
"""


@pytest.fixture(scope="module", params=["0", "2"], ids=["alone", "workers"])
def run(request: pytest.FixtureRequest, shared_suite: Suite) -> Run:
    junit = shared_suite.directory / "junit.xml"
    return shared_suite.run_checks({"test_all.py": CHECKS}, "-n", request.param, f"--junit-xml={junit}")


@pytest.fixture(scope="module")
def cases(run: Run) -> dict[str, TestCase]:
    """The test cases, by the ID of the check."""
    file = JUnitXml.fromfile(str(run.report.parent / "junit.xml"))
    return {properties(case)["check"][0]: case for suite in file for case in suite}


def properties(case: TestCase) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in case.child(Properties):  # type: ignore[no-untyped-call]
        found.setdefault(str(entry.name), []).append(str(entry.value))
    return found


def test_cases_are_the_checks_of_the_report(run: Run, cases: dict[str, TestCase]) -> None:
    assert cases.keys() == run.checks.keys()
    assert len(cases) == 5


def test_properties_are_those_of_the_report(run: Run, cases: dict[str, TestCase]) -> None:
    known = register.load()
    for identifier, case in cases.items():
        record, found = run.checks[identifier], properties(case)
        assert found["level"] == [record["level"]]
        assert found["requirement"] == record["requirements"]
        version = run.header["spec_version"]
        assert found["reference"] == [known[name].reference(version) for name in record["requirements"]]


def test_outcome_is_among_the_properties(run: Run, cases: dict[str, TestCase]) -> None:
    found = {identifier: properties(case).get("outcome") for identifier, case in cases.items()}
    assert found == {identifier: [outcome] for identifier, outcome in run.outcomes.items()}


def test_file_counts_what_the_report_counts(run: Run) -> None:
    file = JUnitXml.fromfile(str(run.report.parent / "junit.xml"))
    (suite,) = list(file)
    assert (suite.tests, suite.failures + suite.errors, suite.skipped) == (5, 2, 2)
    assert run.footer["checks"] == {"pass": 1, "fail": 1, "error": 1, "skip": 1, "advisory": 1}


def test_failure_says_what_was_expected_and_what_was_seen(cases: dict[str, TestCase]) -> None:
    (failure,) = cases["test_all.py::test_fail"].result
    assert "expected: ]]> <this> & '\"" in str(failure.text)
    assert "actual:   \\x1b[31m" in str(failure.text)
    assert "to see it again:" in str(failure.text)


def test_skip_has_its_need(cases: dict[str, TestCase]) -> None:
    (skip,) = cases["test_all.py::test_skip"].result
    assert "imaginary: there is no such thing" in str(skip.message)


def test_advisory_is_told_from_a_skip(cases: dict[str, TestCase]) -> None:
    (advisory,) = cases["test_all.py::test_advisory"].result
    assert advisory.type == "pytest.xfail"
    assert "compliance level" in str(advisory.message)
