"""TAP: valid in versions 13 and 14 by the parser of tap.py, and as true as the report, whatever a runtime writes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tap.parser import Parser

from conformance.report.records import CheckRecord, Command, Outcome
from conformance.report.tap import TapWriter
from conformance.requirements import register
from tests.suite.made_up import check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tap.line import Result

    from tests.conftest import Run, Suite

CHECKS = """
from conformance import needs, requirement
from conformance.verdict.findings import Finding

must = requirement("runtime.delete.created_container", "runtime.state.id.present")

@must
def test_pass():
    pass

@must
def test_fail():
    raise Finding("one\\ntwo # SKIP it", "ok 3 - \\x1b[31m\\0 \\U0001f600 \\u2028 \\x85 ... --- ' \\" \\\\ \\\\u0041")

@must
@needs("imaginary")
def test_skip():
    pass

@requirement("config_linux.default_filesystems.proc")
def test_advisory():
    raise Finding("this", "that")

@must
def test_error():
    raise RuntimeError("Bail out!\\n1..0\\nok 1")

@must
def test_xfail():
    raise Finding("this", "that")
"""

EXPECTATIONS = """
runtime = "made up"
[[deviation]]
requirement = "runtime.state.id.present"
checks = ["test_all.py::test_xfail"]
observed = "that"
reason = '''it is # SKIP known
ok 7 - since long'''
"""


class Session:
    """As much of a session as a writer looks at."""

    register = register.load()
    spec_version = "1.3.0"


def written(records: Sequence[CheckRecord]) -> str:
    stream = io.StringIO()
    writer = TapWriter(stream)
    for record in records:
        writer.check(record, Session())  # type: ignore[arg-type]
    writer.finish()
    return stream.getvalue()


def parsed(text: str) -> list[Result]:
    """The test points. Every line has to be understood, and the plan to be right."""
    lines = list(Parser().parse_text(text))
    assert [line.category for line in lines if line.category == "unknown"] == []
    assert lines[0].category == "version"
    (plan,) = [line for line in lines if line.category == "plan"]
    results = [line for line in lines if line.category == "test"]
    assert plan.expected_tests == len(results)
    assert [result.number for result in results] == list(range(1, len(results) + 1))
    return results


@pytest.fixture(scope="module", params=["0", "2"], ids=["alone", "workers"])
def run(request: pytest.FixtureRequest, shared_suite: Suite) -> Run:
    """A run that writes its TAP to the standard output, and its report to a file."""
    expectations = shared_suite.directory / "expectations.toml"
    expectations.write_text(EXPECTATIONS, encoding="utf-8")
    words = ["-n", request.param, "-v", "--tap-report=-", f"--expectations={expectations}"]
    return shared_suite.run_checks({"test_all.py": CHECKS}, *words)


def test_standard_output_is_tap_and_nothing_else(run: Run) -> None:
    assert len(parsed(run.stdout)) == 6
    assert run.stdout.startswith("TAP version 14\n# oci-conform ")
    assert run.stdout.endswith("\n1..6\n")


def test_what_people_read_goes_to_standard_error(run: Run) -> None:
    assert "verdict: error. 6 checks" in run.stderr


def test_points_are_those_of_the_report(run: Run) -> None:
    found = {
        result.description.removeprefix("- ").strip(): (result.ok, result.skip, result.todo)
        for result in parsed(run.stdout)
    }
    assert found == {
        "test_all.py::test_pass": (True, False, False),
        "test_all.py::test_fail": (False, False, False),
        "test_all.py::test_skip": (True, True, False),
        "test_all.py::test_advisory": (False, False, True),
        "test_all.py::test_error": (False, False, False),
        "test_all.py::test_xfail": (False, False, True),
    }
    assert found.keys() == run.checks.keys()


def test_diagnostics_are_those_of_the_report(run: Run) -> None:
    for result in parsed(run.stdout):
        record = run.checks[result.description.removeprefix("- ").strip()]
        if record["outcome"] in ("pass", "skip"):
            assert result.yaml_block is None
            continue
        assert isinstance(result.yaml_block, dict)
        for name in ("outcome", "requirements", "level", "message", "expected", "actual"):
            assert result.yaml_block[name] == record[name]
        assert result.yaml_block["references"][0].startswith("https://github.com/opencontainers/runtime-spec/blob/v")


def test_diagnostics_say_what_is_contested(run: Run) -> None:
    (failed,) = [result for result in parsed(run.stdout) if result.description.endswith("::test_fail")]
    assert any(note.startswith("contested: ") for note in failed.yaml_block["notes"])


def test_skip_has_the_need_and_the_reason(run: Run) -> None:
    (skipped,) = [result for result in parsed(run.stdout) if result.skip]
    assert skipped.directive.reason == "imaginary: there is no such thing"


def test_file_is_the_same_as_the_stream(suite: Suite) -> None:
    tap = suite.directory / "tap"
    run = suite.run("-n", "2", f"--tap-report={tap}", "runtime/test_kill.py::test_kill_sends_term")
    (result,) = parsed(tap.read_text(encoding="utf-8"))
    assert result.ok
    assert "TAP version" not in run.output


def test_runtime_that_writes_tap_changes_no_point(suite: Suite) -> None:
    runtime = suite.runtime('printf "\\n1..0 # SKIP all\\nok 1\\nBail out!\\n" >&2\nexec $REFERENCE "$@"')
    run = suite.run("-n", "0", "--tap-report=-", f"--runtime={runtime}", "runtime/test_kill.py::test_kill_sends_term")
    assert [result.ok for result in parsed(run.stdout)] == [True]
    assert run.status == 0


def test_nothing_selected_is_a_plan_that_skips_all(suite: Suite) -> None:
    run = suite.run("-n", "0", "--tap-report=-", "-k", "nothing_of_this_name")
    (plan,) = [line for line in Parser().parse_text(run.stdout) if line.category == "plan"]
    assert (plan.expected_tests, plan.skip) == (0, True)


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
@pytest.mark.parametrize("content", ["import there_is_no_such_module", "def test_without_a_requirement(): pass"])
def test_checks_that_cannot_be_collected_are_no_empty_plan(suite: Suite, workers: str, content: str) -> None:
    run = suite.run_checks({"test_all.py": content}, "-n", workers, "--tap-report=-")
    categories = [line.category for line in Parser().parse_text(run.stdout)]
    assert "bail" in categories
    assert "plan" not in categories


@pytest.mark.parametrize("outcome", get_args(Outcome))
@given(text=st.text())
@example(text="# SKIP")
@example(text="a #skip b")
@example(text="\\# TODO not \\\\# Skip")
@example(text="#\u00a0SKIP")
@example(text="1 - \n1..5\r\nBail out!")
def test_no_name_changes_a_point(outcome: Outcome, text: str) -> None:
    record = check(id=f"test_it[{text}]", outcome=outcome, need="cgroup", reason="it is known")
    (result,) = parsed(written([record]))
    assert result.ok is (outcome in ("pass", "skip"))
    assert result.skip is (outcome == "skip" and "#" not in text)
    assert result.todo is (outcome in ("xfail", "advisory") and "#" not in text)


@given(text=st.text())
def test_name_without_a_directive_is_told_as_it_is(text: str) -> None:
    record = check(id=f"test_it[{text.replace('#', '')}]")
    (result,) = parsed(written([record]))
    on_one_line = record.id.replace("\n", " ").replace("\t", " ")
    assert result.description == f"- {on_one_line}".replace("\\", "\\\\")


@given(text=st.text())
@example(text="\U0001f600")
@example(text="\\ud83d\\ude00")
@example(text="\ud83d")
@example(text="\x7f\x85\u2028\u2029\ufeff\ufffe")
@example(text="...\n---\n- a: b # c")
def test_any_text_survives_the_diagnostics(text: str) -> None:
    command = Command(argv=["runtime", text], cwd="/", status=1, seconds=0, stdout="", stderr=text)
    record = check(message=text, expected=text, actual=text, commands=[command])
    (result,) = parsed(written([record]))
    found = result.yaml_block
    assert (found["message"], found["expected"], found["actual"]) == (record.message, record.expected, record.actual)


@given(text=st.text())
def test_no_reason_changes_a_point(text: str) -> None:
    known, lacking = check(outcome="xfail", reason=text), check(outcome="skip", need="cgroup", message=text)
    first, second = parsed(written([known, lacking]))
    assert (first.ok, first.skip, first.todo) == (False, False, True)
    assert (second.ok, second.skip, second.todo) == (True, True, False)


@given(text=st.text())
def test_comments_and_reasons_to_stop_stay_on_their_lines(text: str) -> None:
    stream = io.StringIO()
    writer = TapWriter(stream)
    writer.comment(text)
    writer.bail_out(text)
    categories = [line.category for line in Parser().parse_text(stream.getvalue())]
    assert categories[0] == "version"
    assert set(categories[1:-1]) <= {"diagnostic"}
    assert categories[-1] == "bail"


def test_points_come_as_checks_end(tmp_path: Path) -> None:
    """Who watches a file sees each point at once."""
    path = tmp_path / "tap"
    with path.open("w", encoding="utf-8") as stream:
        TapWriter(stream).check(check(), Session())  # type: ignore[arg-type]
        assert "not ok 1 - " in path.read_text(encoding="utf-8")
