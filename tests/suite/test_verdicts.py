"""The verdict of a run, and its exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Suite

CHECKS = """
import os

import pytest

from conformance import needs, requirement
from conformance.verdict.findings import Finding

must = requirement("runtime.state.id.present")
should = requirement("config_linux.default_filesystems.proc")
may = requirement("runtime.state.status.standard_values")

@must
def test_pass():
    pass

@must
def test_fail():
    raise Finding("this", "that")

@should
def test_break_should():
    raise Finding("this", "that")

@may
def test_break_may():
    raise Finding("this", "that")

@must
def test_error():
    raise RuntimeError

@must
def test_dies():
    os._exit(7)

@must
@needs("imaginary")
def test_skip():
    pass
"""

WORKERS = pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])


@pytest.mark.parametrize(
    ("selected", "words", "verdict", "status"),
    [
        ("pass", (), "conformant", 0),
        ("pass or fail", (), "not conformant", 1),
        ("pass or break", (), "conformant", 0),
        ("break_should", ("--compliance-level=should",), "not conformant", 1),
        ("pass or break_may", ("--compliance-level=should",), "conformant", 0),
        ("break_may", ("--compliance-level=may",), "not conformant", 1),
        ("pass or fail or error", (), "error", 3),
        ("pass or skip", (), "conformant", 0),
        ("pass or skip", ("--require-need=imaginary",), "not conformant", 1),
    ],
)
def test_verdict(suite: Suite, selected: str, words: tuple[str, ...], verdict: str, status: int) -> None:
    run = suite.run_checks({"test_all.py": CHECKS}, "-k", selected, *words)
    assert (run.footer["verdict"], run.footer["exit_status"], run.status) == (verdict, status, status)
    assert f"verdict: {verdict}." in run.stdout
    assert suite.left == []


@pytest.mark.parametrize(
    ("selected", "verdict", "status"), [("pass", "conformant", 0), ("pass or fail", "not conformant", 1)]
)
def test_verdict_of_workers(suite: Suite, selected: str, verdict: str, status: int) -> None:
    run = suite.run_checks({"test_all.py": CHECKS}, "-n", "2", "-k", selected)
    assert (run.footer["verdict"], run.footer["exit_status"], run.status) == (verdict, status, status)


@WORKERS
def test_that_enough_has_failed_is_no_interruption(suite: Suite, workers: str) -> None:
    run = suite.run_checks({"test_all.py": CHECKS}, "-n", workers, "-k", "fail or break", "-x")
    assert run.outcomes["test_all.py::test_fail"] == "fail"
    assert (run.footer["verdict"], run.status) == ("not conformant", 1)


@WORKERS
def test_nothing_is_conformant_of_which_nothing_was_seen(suite: Suite, workers: str) -> None:
    run = suite.run_checks({"test_all.py": CHECKS}, "-n", workers, "-k", "skip")
    assert (run.footer["verdict"], run.status) == ("nothing checked", 2)


@WORKERS
def test_an_empty_selection_is_no_verdict(suite: Suite, workers: str) -> None:
    run = suite.run_checks({"test_all.py": CHECKS}, "-n", workers, "-k", "nothing_of_this_name")
    assert (run.footer["verdict"], run.status) == ("nothing checked", 2)


def test_a_worker_that_dies_is_an_error_of_its_check(suite: Suite) -> None:
    written = suite.directory / "written.toml"
    words = ["-n", "2", "-k", "dies or pass", f"--write-expectations={written}"]
    run = suite.run_checks({"test_all.py": CHECKS}, *words)
    assert run.outcomes == {"test_all.py::test_dies": "error", "test_all.py::test_pass": "pass"}
    assert (run.footer["verdict"], run.status) == ("error", 3)
    assert not run.has_traceback


@WORKERS
def test_failure_of_what_is_no_check_is_no_deviation(suite: Suite, workers: str) -> None:
    other = suite.work / "test_other.py"
    other.write_text("def test_other():\n    assert False\n", encoding="utf-8")
    run = suite.run_checks({"test_all.py": CHECKS}, "-n", workers, "-k", "pass or other", str(other))
    assert run.outcomes == {"test_all.py::test_pass": "pass"}
    assert (run.footer["verdict"], run.status) == ("conformant", 1)
