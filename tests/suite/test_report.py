"""The report: its records are as its schema says, whatever a runtime writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import resources
from conformance.report import records
from conformance.report.records import (
    CheckRecord,
    Command,
    FooterRecord,
    HeaderRecord,
    Outcome,
    RequirementRecord,
    Verdict,
    worst,
)
from conformance.requirements.levels import LEVELS
from tests.suite.made_up import check

if TYPE_CHECKING:
    from tests.conftest import Run, Suite

SCHEMA: dict[str, Any] = json.loads(Path(resources.schema_path("report")).read_text(encoding="utf-8"))

VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

STRUCTS: dict[str, type[msgspec.Struct]] = {
    "header": HeaderRecord,
    "check": CheckRecord,
    "requirement": RequirementRecord,
    "footer": FooterRecord,
    "command": Command,
}

# A runtime that fails, and does it loudly, in every way that could break a file.
HOSTILE = (
    'if [ "$2" = start ]; then\n'
    "  printf 'one\\ntwo # TODO three\\r\\n  ...\\n1..7\\nok 9 - no\\nBail out!\\n' >&2\n"
    "  printf '\\033[31mred\\033[0m \\007 \\000 \\377\\376 \\355\\240\\200 ]]> \\302\\205 \\342\\200\\250 \\360\\237\\230\\200\\n' >&2\n"
    "  exit 1\n"
    "fi\n"
    'exec $REFERENCE "$@"'
)


@pytest.fixture(scope="module", params=["0", "2"], ids=["alone", "workers"])
def run(request: pytest.FixtureRequest, shared_suite: Suite) -> Run:
    shared_suite.report = shared_suite.directory / f"report-{request.param}.jsonl"
    return shared_suite.run("-n", request.param, "runtime/test_start.py")


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", STRUCTS)
def test_schema_has_the_properties_that_are_written(name: str) -> None:
    schema = SCHEMA["$defs"][name]
    written = set(STRUCTS[name].__struct_fields__) | ({"record"} if name != "command" else set())
    assert schema["properties"].keys() == written
    assert set(schema["required"]) == written


def test_schema_has_the_words_that_are_written() -> None:
    definitions = SCHEMA["$defs"]
    assert tuple(definitions["outcome"]["enum"]) == get_args(Outcome)
    assert tuple(definitions["footer"]["properties"]["verdict"]["enum"]) == get_args(Verdict)
    assert tuple(definitions["level"]["enum"]) == LEVELS
    assert definitions["header"]["properties"]["format"]["const"] == records.FORMAT


@pytest.mark.parametrize(
    "changes",
    [
        {"record": "cheque"},
        {"outcome": "passed"},
        {"id": ""},
        {"level": "SHALL"},
        {"requirements": ["not an ID"]},
        {"seconds": -1},
        {"outcome": "xfail", "reason": None},
        {"outcome": "pass"},
        {"commands": [{"argv": []}]},
    ],
    ids=str,
)
def test_schema_refuses_what_no_check_is(changes: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(check().to_dict())
    assert not VALIDATOR.is_valid({**check().to_dict(), **changes})


def test_every_line_is_as_the_schema_says(run: Run) -> None:
    for record in run.records:
        VALIDATOR.validate(record)


def test_records_come_in_their_order(run: Run) -> None:
    kinds = [record["record"] for record in run.records]
    checks, requirements = kinds.count("check"), kinds.count("requirement")
    assert checks > 10
    assert kinds == ["header", *["check"] * checks, *["requirement"] * requirements, "footer"]


def test_every_requirement_of_a_check_lists_the_check(run: Run) -> None:
    for record in run.checks.values():
        for name in record["requirements"]:
            assert record["id"] in run.requirements[name]["checks"]


def test_counts_are_those_of_the_records(run: Run) -> None:
    for kind in ("check", "requirement"):
        counted: dict[str, int] = {}
        for record in run.of_kind(kind):
            counted[record["outcome"]] = counted.get(record["outcome"], 0) + 1
        assert run.footer[f"{kind}s"] == counted


def test_header_says_what_was_tested(run: Run) -> None:
    header = run.header
    assert header["runtime"] == "reference runtime (embedded)"
    assert header["runtime_version"].startswith("oci-reference-runtime version ")
    assert header["spec_version_source"] == "its features"
    assert header["uid"] == 0


def test_properties_are_lower_case_words(run: Run) -> None:
    for record in run.records:
        assert all(name.isidentifier() and name == name.lower() for name in record)


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
def test_report_of_a_hostile_runtime_is_as_the_schema_says(suite: Suite, workers: str) -> None:
    words = ["-n", workers, "runtime/test_start.py::test_start_runs_the_program"]
    run = suite.run(*words, f"--runtime={reluctantly(suite)}")
    assert set(run.outcomes.values()) == {"fail"}
    for record in run.records:
        VALIDATOR.validate(record)
    (failed,) = run.of_kind("check")
    (start,) = [command for command in failed["commands"] if "start" in command["argv"]]
    assert start["stderr"].startswith("one\ntwo # TODO three")
    assert "\\x1b[31mred" in start["stderr"]
    assert "\x1b[31mred" not in run.output
    assert "\0" not in run.output


def reluctantly(suite: Suite) -> Path:
    """A hostile runtime that is good until the preflight is over."""
    return suite.runtime(
        f"count={suite.directory}/count\n"
        'if [ "$2" = start ]; then echo >> "$count"; fi\n'
        'if [ "$(wc -l < "$count" 2>/dev/null || echo 0)" -lt 2 ]; then exec $REFERENCE "$@"; fi\n' + HOSTILE
    )


CHECKS = """
from conformance import requirement
from conformance.verdict.findings import Finding

@requirement("runtime.state.id.present")
def test_bytes_that_are_no_text():
    raise Finding("caf\\u00e9", b"caf\\xe9 \\x1b[31m".decode("utf-8", "surrogateescape"))

@requirement("runtime.state.id.present")
def test_error_with_bytes_that_are_no_text():
    raise RuntimeError(b"caf\\xe9".decode("utf-8", "surrogateescape"))
"""


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
def test_bytes_that_are_no_text_reach_the_report_as_escapes(suite: Suite, workers: str) -> None:
    run = suite.run_checks({"test_all.py": CHECKS}, "-n", workers)
    found = run.checks["test_all.py::test_bytes_that_are_no_text"]
    assert (found["outcome"], found["expected"], found["actual"]) == ("fail", "café", "caf\\udce9 \\x1b[31m")
    assert run.checks["test_all.py::test_error_with_bytes_that_are_no_text"]["outcome"] == "error"
    assert run.status == 3
    assert "INTERNALERROR" not in run.output
    assert "\x1b[31m" not in run.output


@given(st.text(), st.lists(st.text()))
def test_any_text_survives_a_report(text: str, words: list[str]) -> None:
    command = Command(argv=["runtime", *words], cwd=text, status=None, seconds=0, stdout=text, stderr=text)
    record = check(message=text, actual=text, commands=[command], configs=[{text: [text, {"a": text}], "b": 1}])
    line = record.line()
    assert len(line.decode("utf-8").splitlines()) == 1
    found = json.loads(line)
    VALIDATOR.validate(found)
    assert found["message"].translate(dict.fromkeys(map(ord, "\n\t"), " ")).isprintable()
    if text.isprintable():
        assert (found["message"], found["commands"][0]["argv"][1:]) == (text, command.argv[1:])
    assert msgspec.json.decode(line, type=CheckRecord) == record


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "workers"])
def test_report_of_a_run_that_could_not_be_set_up_says_why(suite: Suite, workers: str) -> None:
    tap = suite.directory / "tap"
    suite.report.write_text("an earlier report\n", encoding="utf-8")
    run = suite.run("-n", workers, "--runtime=/nonexistent/runtime", f"--tap-report={tap}")
    (footer,) = run.records
    VALIDATOR.validate(footer)
    assert (footer["verdict"], footer["exit_status"], run.status) == ("error", 3, 3)
    assert footer["problem"] == "cannot use the runtime /nonexistent/runtime: there is no such file"
    assert tap.read_text(encoding="utf-8").splitlines() == ["TAP version 14", f"Bail out! {footer['problem']}"]


def test_that_no_report_can_be_written_does_not_hide_what_could_not_be_set_up(suite: Suite) -> None:
    run = suite.command("run", "--runtime=/nonexistent/runtime", "--conformance-report=/nonexistent/report")
    assert run.status == 3
    assert run.output == "Exit: cannot use the runtime /nonexistent/runtime: there is no such file\n"


def test_footer_says_why_the_checks_could_not_be_collected(suite: Suite) -> None:
    run = suite.run_checks({"test_all.py": "def test_without_a_requirement(): pass"}, "-n", "2")
    VALIDATOR.validate(run.footer)
    assert (run.footer["verdict"], run.footer["exit_status"]) == ("nothing checked", 2)
    assert "test_all.py::test_without_a_requirement" in run.footer["problem"]


@given(st.lists(st.sampled_from(get_args(Outcome))))
def test_outcome_of_a_requirement_is_that_of_one_of_its_checks(outcomes: list[Outcome]) -> None:
    found = worst(outcomes)
    assert found in outcomes or (found == "untested" and not outcomes)
    if "fail" in outcomes:
        assert found == "fail"
    if found == "pass":
        assert set(outcomes) <= {"pass", "skip"}


@pytest.mark.parametrize("word", ["-p no:terminal", "-q", "-qq --no-summary", "--tb=no"])
def test_report_is_the_same_with_other_words_for_the_terminal(suite: Suite, word: str) -> None:
    run = suite.run("-n", "0", *word.split(), "runtime/test_kill.py::test_kill_sends_term")
    assert run.status == 0
    assert run.outcomes == {"runtime/test_kill.py::test_kill_sends_term": "pass"}
