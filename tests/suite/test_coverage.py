"""Reports of several lanes as one; and the figure in the README."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest

from conformance import resources
from conformance.errors import BadFile, InvalidUse
from conformance.report import coverage
from conformance.report.reading import Report, read
from conformance.report.records import FooterRecord, HeaderRecord, RequirementRecord
from conformance.report.stream import ReportWriter
from conformance.requirements import figure
from conformance.requirements.register import load
from tests.suite.made_up import check

if TYPE_CHECKING:
    from tests.conftest import Suite

REQUIREMENT = "runtime.state.id.present"

HEADER = HeaderRecord(
    format=1,
    suite="0.1.0",
    spec_version="1.3.0",
    spec_version_source="its features",
    runtime="runtime",
    runtime_arguments=[],
    runtime_version="runtime 1.0\nspec: 1.3.0",
    compliance_level="must",
    kernel="6.0",
    machine="x86_64",
    cgroup_mode="v2",
    uid=0,
    unmet_needs={},
    started="2026-01-01T00:00:00+00:00",
)

README = Path(__file__).parents[2] / "README.md"


def report(lane: str = "host", *records: Any, **header: Any) -> Report:
    """A report of one lane, with these records of checks."""
    footer = FooterRecord(checks={}, requirements={}, seconds=1, verdict="conformant", exit_status=0)
    head = msgspec.structs.replace(HEADER, lane=lane, **header)
    return Report(head, {record.id: record for record in records}, footer)


def outcome(*outcomes: str) -> str:
    """What becomes of a requirement with one check, which has these outcomes in as many lanes."""
    reports = [report(f"lane{number}", check(outcome=each)) for number, each in enumerate(outcomes)]
    found = coverage.merge(reports, load())
    return next(record.outcome for record in found.requirements if record.id == REQUIREMENT)


@pytest.mark.parametrize(
    ("outcomes", "merged"),
    [
        (("pass", "skip"), "pass"),
        (("skip", "pass"), "pass"),
        (("pass", "fail"), "fail"),
        (("skip", "fail"), "fail"),
        (("skip", "skip"), "skip"),
        (("pass", "error"), "error"),
        (("xfail", "pass"), "xfail"),
        (("advisory", "skip", "pass"), "advisory"),
    ],
)
def test_lane_that_says_most_counts(outcomes: tuple[str, ...], merged: str) -> None:
    assert outcome(*outcomes) == merged


def test_figure_counts_what_something_is_known_of() -> None:
    one = report(
        "host", check(), check(id="a::b", requirements=["runtime.state.status.present"], outcome="skip", need="root")
    )
    found = coverage.merge([one], load())
    observable = [requirement for requirement in load().in_force("1.3.0") if requirement.untestable is None]
    assert [record.id for record in found.tested] == [REQUIREMENT]
    assert found.figure == f"1 of {len(observable)} requirements of OCI runtime-spec 1.3.0 tested"
    assert found.lacking == {"runtime.state.status.present": ["root"]}


def test_needs_are_those_of_all_lanes() -> None:
    skips = [check(outcome="skip", need=need) for need in ("root", "cgroup")]
    found = coverage.merge([report(f"lane{number}", skip) for number, skip in enumerate(skips)], load())
    assert found.lacking == {REQUIREMENT: ["cgroup", "root"]}


def test_merged_records_are_a_report(tmp_path: Path) -> None:
    schema = jsonschema.Draft202012Validator(
        json.loads(Path(resources.schema_path("report")).read_text(encoding="utf-8"))
    )
    lanes = [
        report("host", check(outcome="skip", need="cgroup"), unmet_needs={"cgroup": "no", "namespace.time": "old"}),
        report("vm", check(outcome="pass", message="", expected="", actual=""), unmet_needs={"namespace.time": "old"}),
    ]
    writer = ReportWriter(str(tmp_path / "report.jsonl"))
    for record in coverage.merge(lanes, load()).records():
        # Most requirements look alike, and validating takes long.
        if not isinstance(record, RequirementRecord) or record.outcome != "untested":
            schema.validate(record.to_dict())
        writer.write(record)
    writer.close()
    again = read(str(tmp_path / "report.jsonl"))
    assert (again.header.lane, again.header.unmet_needs) == ("host, vm", {"namespace.time": "old"})
    assert [record.outcome for record in again.checks.values()] == ["pass"]
    assert again.footer
    assert (again.footer.verdict, again.footer.seconds, again.footer.checks) == ("conformant", 2, {"pass": 1})
    assert coverage.merge([again], load()).figure == coverage.merge(lanes, load()).figure


@pytest.mark.parametrize("difference", [{"spec_version": "1.0.2"}, {"runtime_version": "another 1.0"}])
def test_reports_about_different_things_are_not_merged(difference: dict[str, str]) -> None:
    with pytest.raises(InvalidUse, match="different"):
        coverage.merge([report(), report(**difference)], load())


def test_skipped_in_all_reports_that_have_it() -> None:
    def skip(identifier: str, need: str = "cgroup") -> Any:
        return check(id=identifier, outcome="skip", need=need)

    first = report(
        "host", skip("once"), skip("twice"), skip("here"), skip("refused", "value.supported"), check(id="made")
    )
    second = report("vm", check(id="once"), skip("twice"))
    assert coverage.skipped([first, second]) == {"twice", "here"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("no JSON\n", "it is no report"),
        ('{"record": "unheard of"}\n', "it is no report"),
        ("", "it has no header"),
        (
            FooterRecord(checks={}, requirements={}, seconds=0, verdict="error", exit_status=3, problem="no runtime"),
            "no runtime",
        ),
        (msgspec.structs.replace(HEADER, format=99), "format 99"),
    ],
)
def test_what_is_no_report_is_refused(content: Any, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content.line())
    with pytest.raises(BadFile, match=problem):
        read(str(path))


def test_report_of_a_killed_run_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    path.write_bytes(HEADER.line() + check().line() + check(id="cut::off").line()[:-20])
    found = read(str(path))
    assert (list(found.checks), found.footer) == ([check().id], None)


def test_command_merges_what_runs_have_written(suite: Suite) -> None:
    # The same check, which the second lane, made up here, does not skip.
    files = {
        "test_it.py": "import pytest\nfrom conformance import needs, requirement\n"
        f'@requirement("{REQUIREMENT}")\n@needs("imaginary")\ndef test_it():\n    pass\n'
        '@requirement("runtime.state.status.present")\n@needs("imaginary")\ndef test_other():\n    pass\n'
    }
    skipped = suite.run_checks(files)
    assert set(skipped.outcomes.values()) == {"skip"}
    host = suite.directory / "host.jsonl"
    shutil.copy(suite.report, host)
    files = {"test_it.py": files["test_it.py"].replace('@needs("imaginary")\ndef test_it', "def test_it")}
    made = suite.run_checks(files, f"--skipped-in={host}")
    assert sorted(made.outcomes.values()) == ["pass", "skip"]

    merged = suite.directory / "merged.jsonl"
    done = suite.command("coverage", str(host), str(suite.report), f"--write={merged}")
    assert done.status == 0
    assert "1 of " in done.stdout
    assert "not met in any lane: imaginary\n    runtime.state.status.present" in done.stdout
    assert list(read(str(merged)).checks) == list(skipped.outcomes)

    document = json.loads(suite.command("coverage", "--format=json", str(merged)).stdout)
    assert document["figure"]["tested"] == 1
    assert document["requirements"][REQUIREMENT] == "pass"
    assert document["lacking"] == {"runtime.state.status.present": ["imaginary"]}
    assert (
        "| imaginary | `runtime.state.status.present` |"
        in suite.command("coverage", "--format=markdown", str(merged)).stdout
    )


def test_skipped_in_selects_nothing_where_nothing_was_skipped(suite: Suite) -> None:
    files = {
        "test_it.py": f'from conformance import requirement\n@requirement("{REQUIREMENT}")\ndef test_it():\n    pass\n'
    }
    assert suite.run_checks(files).status == 0
    before = suite.directory / "before.jsonl"
    shutil.copy(suite.report, before)
    assert suite.run_checks(files, f"--skipped-in={before}").outcomes == {}


def test_report_that_is_none_is_wrong_usage(suite: Suite) -> None:
    done = suite.command("coverage", "/dev/null")
    assert (done.status, done.has_traceback) == (2, False)
    assert "/dev/null: it is no report" in done.stderr
    done = suite.command("run", "--skipped-in=/dev/null")
    assert (done.status, done.has_traceback) == (2, False)


def test_figure_of_the_readme_is_that_of_the_register() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == figure.replaced(text), "python -m conformance.requirements.figure README.md"


def test_figure_wants_its_markers() -> None:
    with pytest.raises(ValueError, match="there is no <!-- figure -->"):
        figure.replaced("nothing")
