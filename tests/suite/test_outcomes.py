"""The outcomes of checks, in everything that tells them: terminal, report, TAP and JUnit, with and without workers."""

from __future__ import annotations

import collections
import dataclasses
from typing import TYPE_CHECKING

import pytest
from junitparser import JUnitXml
from tap.parser import Parser

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run, Suite

CHECKS = """
import pytest

from conformance import needs, requirement
from conformance.runtime.invocation import Invocation
from conformance.verdict.findings import Advisory, Finding, Unobservable, Unsupported

must = requirement("runtime.state.id.present")
should = requirement("config_linux.default_filesystems.proc")
may = requirement("runtime.state.status.standard_values")

@pytest.fixture
def broken():
    raise OSError("the host is broken")

@pytest.fixture
def broken_at_the_end():
    yield
    raise OSError("the host is broken at the end")

@must
def test_pass():
    assert 1 == 1

@must
def test_fail():
    seen = "that"
    assert seen == "this"

@must
def test_fail_finding():
    raise Finding("the one", "the other")

@must
def test_fail_with_words():
    assert [1, 2] == [], "there were two"

@should
def test_advisory():
    assert "absent" == "present"

@may
def test_advisory_of_may():
    assert "absent" == "present"

@must
def test_advisory_of_must():
    raise Advisory("better", "worse")

@must
@should
def test_fail_of_two_levels():
    assert "absent" == "present"

@must
def test_error():
    raise RuntimeError("the suite is broken")

@must
def test_error_in_setup(broken):
    pass

@must
def test_error_in_teardown(broken_at_the_end):
    pass

@needs("imaginary")
@must
def test_skip():
    raise AssertionError

@must
def test_skip_unsupported():
    refused = Invocation(("runtime", "create"), "create", "/", 1, b"", b"no such thing", 0.1)
    raise Unsupported("the thing", refused)

@must
def test_skip_unobservable():
    raise Unobservable("features.said", "nothing is said of it")

@must
def test_xfail():
    assert "this" == "known"

@must
def test_xpass():
    pass
"""

EXPECTATIONS = """
runtime = "made up"

[[deviation]]
requirement = "runtime.state.id.present"
checks = ["test_all.py::test_xfail"]
observed = "this"
reason = "it is known to be wrong"

[[deviation]]
requirement = "runtime.state.id.present"
checks = ["test_all.py::test_xpass"]
observed = "that"
reason = "it was wrong once"
"""

OUTCOMES = {
    "test_pass": "pass",
    "test_fail": "fail",
    "test_fail_finding": "fail",
    "test_fail_with_words": "fail",
    "test_fail_of_two_levels": "fail",
    "test_advisory": "advisory",
    "test_advisory_of_may": "advisory",
    "test_advisory_of_must": "advisory",
    "test_error": "error",
    "test_error_in_setup": "error",
    "test_error_in_teardown": "error",
    "test_skip": "skip",
    "test_skip_unsupported": "skip",
    "test_skip_unobservable": "skip",
    "test_xfail": "xfail",
    "test_xpass": "xpass",
}


@dataclasses.dataclass(frozen=True)
class Told:
    """One run with every outcome, and all that tells of it."""

    run: Run
    tap: Path
    junit: Path


@pytest.fixture(scope="module", params=["0", "2"], ids=["alone", "workers"])
def told(request: pytest.FixtureRequest, shared_suite: Suite) -> Told:
    """A run in one process, and one with two workers."""
    suite = shared_suite
    expectations = suite.directory / "expectations.toml"
    expectations.write_text(EXPECTATIONS, encoding="utf-8")
    tap, junit = suite.directory / "tap", suite.directory / "junit.xml"
    suite.report = suite.directory / f"report-{request.param}.jsonl"
    words = [f"--expectations={expectations}", f"--tap-report={tap}", f"--junit-xml={junit}", "-v", "-n", request.param]
    return Told(suite.run_checks({"test_all.py": CHECKS}, *words), tap, junit)


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome_in_the_report(told: Told, name: str) -> None:
    assert told.run.outcomes[f"test_all.py::{name}"] == OUTCOMES[name]


def test_report_has_each_check_once(told: Told) -> None:
    identifiers = [record["id"] for record in told.run.of_kind("check")]
    assert sorted(identifiers) == sorted(f"test_all.py::{name}" for name in OUTCOMES)


def test_footer_counts_outcomes(told: Told) -> None:
    assert told.run.footer["checks"] == collections.Counter(OUTCOMES.values())


def test_an_error_of_the_suite_is_the_verdict_whatever_else_there_is(told: Told) -> None:
    assert (told.run.footer["verdict"], told.run.status) == ("error", 3)


def test_requirement_has_the_worst_outcome_of_its_checks(told: Told) -> None:
    requirements = told.run.requirements
    assert requirements["runtime.state.id.present"]["outcome"] == "fail"
    assert requirements["config_linux.default_filesystems.proc"]["outcome"] == "fail"
    assert requirements["runtime.state.status.standard_values"]["outcome"] == "advisory"


def test_requirement_lists_its_checks(told: Told) -> None:
    checks = told.run.requirements["config_linux.default_filesystems.proc"]["checks"]
    assert checks == ["test_all.py::test_advisory", "test_all.py::test_fail_of_two_levels"]


def test_requirement_without_a_check_is_untested(told: Told) -> None:
    assert told.run.requirements["runtime.state.status.present"]["outcome"] == "untested"


@pytest.mark.parametrize(
    ("name", "expected", "actual"),
    [
        ("test_fail", "'this'", "'that'"),
        ("test_fail_finding", "the one", "the other"),
        ("test_fail_with_words", "The state has an `id`, the one that was given to create.", "there were two"),
        ("test_advisory_of_must", "better", "worse"),
        ("test_xfail", "'known'", "'this'"),
    ],
)
def test_what_was_expected_and_what_was_seen(told: Told, name: str, expected: str, actual: str) -> None:
    record = told.run.checks[f"test_all.py::{name}"]
    assert (record["expected"], record["actual"]) == (expected, actual)


def test_skip_has_its_need_and_the_reason(told: Told) -> None:
    record = told.run.checks["test_all.py::test_skip"]
    assert (record["need"], record["message"]) == ("imaginary", "there is no such thing")


def test_skip_of_an_unsupported_value_says_which(told: Told) -> None:
    record = told.run.checks["test_all.py::test_skip_unsupported"]
    assert record["need"] == "value.supported"
    assert "the thing" in record["message"]


def test_skip_that_only_the_check_can_tell_says_why(told: Told) -> None:
    record = told.run.checks["test_all.py::test_skip_unobservable"]
    assert (record["need"], record["message"]) == ("features.said", "nothing is said of it")


def test_expected_failure_has_the_reason_of_its_row(told: Told) -> None:
    assert told.run.checks["test_all.py::test_xfail"]["reason"] == "it is known to be wrong"


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome_in_tap(told: Told, name: str) -> None:
    (line,) = [
        line
        for line in Parser().parse_file(told.tap)
        if line.category == "test" and line.description.endswith(f"::{name}")
    ]
    shown = (line.ok, line.skip, line.todo)
    assert shown == {
        "pass": (True, False, False),
        "skip": (True, True, False),
        "xfail": (False, False, True),
        "advisory": (False, False, True),
    }.get(OUTCOMES[name], (False, False, False))


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome_in_junit(told: Told, name: str) -> None:
    (case,) = [case for suite in JUnitXml.fromfile(str(told.junit)) for case in suite if case.name == name]
    shown = [type(result).__name__ for result in case.result]
    assert shown == {
        "pass": [],
        "skip": ["Skipped"],
        "xfail": ["Skipped"],
        "advisory": ["Skipped"],
        "error": ["Error"] if "_in_" in name else ["Failure"],
    }.get(OUTCOMES[name], ["Failure"])


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome_in_the_terminal(told: Told, name: str) -> None:
    words = [line.split() for line in told.run.stdout.splitlines() if f"::{name} " in f"{line} "]
    assert any(OUTCOMES[name].upper() in line for line in words)


def test_terminal_counts_outcomes_in_the_last_line_of_the_summary(told: Told) -> None:
    (line,) = [line for line in told.run.stdout.splitlines() if line.startswith("verdict: ")]
    counts = collections.Counter(OUTCOMES.values())
    assert line.startswith(f"verdict: error. {len(OUTCOMES)} checks (")
    for outcome, count in counts.items():
        assert f"{count} {outcome}" in line


def test_terminal_shows_what_a_failure_is_about(told: Told) -> None:
    for text in (
        "runtime.state.id.present (MUST): The state has an `id`",
        "https://github.com/opencontainers/runtime-spec/blob/v",
        "runtime.md#runtimeState",
        "expected: 'this'",
        "actual:   'that'",
        "oci-conform run --keep-bundles test_all.py::test_fail\n",
    ):
        assert text in told.run.stdout


def test_terminal_counts_skips_by_need(told: Told) -> None:
    assert "skipped 1: needs imaginary: there is no such thing" in told.run.stdout


def test_error_shows_where_the_suite_broke(told: Told) -> None:
    assert "RuntimeError: the suite is broken" in told.run.stdout
