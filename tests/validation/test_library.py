"""The library: what it takes, what it answers, and that every finding of it is where it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import conformance
from conformance import validation
from conformance.bundle.config import base
from conformance.validation import Finding, Related, Report, validate
from conformance.validation.schemas import KINDS
from conformance.versions import NEWEST
from tests.validation import generation

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from conformance.validation import Kind

CONFIG: dict[str, Any] = {"ociVersion": NEWEST, **base()}
STATE = {"ociVersion": NEWEST, "id": "one", "status": "running", "pid": 42, "bundle": "/bundle"}
FEATURES = {"ociVersionMin": "1.0.0", "ociVersionMax": NEWEST}


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def only(report: Report) -> Finding:
    """The only finding."""
    (finding,) = report.findings
    return finding


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A valid bundle."""
    (tmp_path / CONFIG["root"]["path"]).mkdir()
    (tmp_path / "config.json").write_bytes(encoded(CONFIG))
    return tmp_path


def test_valid_document_has_no_findings() -> None:
    report = validate(encoded(CONFIG))
    assert report.valid
    assert report.complete
    assert report.readable
    assert (report.kind, report.spec_version, report.findings, report.file) == ("config", NEWEST, (), "(bytes)")


def test_finding_says_everything() -> None:
    content = json.dumps({**CONFIG, "linux": {"namespaces": [{"type": "net"}]}}, indent=2).encode()
    report = validate(content, name="some.json")
    finding = only(report)
    assert not report.valid
    assert report.errors == (finding,)
    assert report.warnings == ()
    assert finding.severity == "error"
    assert finding.rule == "schema.enum"
    assert finding.requirements == ("config_linux.namespaces.type.known",)
    assert finding.file == "some.json"
    assert finding.path == "$.linux.namespaces[0].type"
    assert finding.suggestion == "network"
    assert "cgroup" in finding.allowed
    assert finding.reference is not None
    assert finding.reference.endswith("/v1.3.0/config-linux.md#configLinuxNamespaces")
    line = content.decode().splitlines()[(finding.line or 0) - 1]
    assert line[(finding.column or 0) - 1 : (finding.end_column or 0) - 1] == '"net"'
    assert finding.sentence == f"{finding.path}: {finding.message}"
    details = f"line {finding.line}, column {finding.column}; perhaps network is meant"
    assert finding.explained == f"{finding.sentence} ({details}; config_linux.namespaces.type.known)"


def test_what_is_allowed_is_said_once() -> None:
    (said,) = validate(encoded({**CONFIG, "linux": {"namespaces": [{"type": "x"}]}})).errors
    assert said.unsaid == ""
    assert "; allowed: " not in said.explained
    (unsaid,) = validate(encoded({**CONFIG, "ociVersion": "one"})).errors
    assert unsaid.unsaid == ", ".join(unsaid.allowed)
    assert f"; allowed: {unsaid.unsaid}" in unsaid.explained


def test_finding_on_the_whole_document_is_a_sentence_without_a_path() -> None:
    assert only(validate(b"")).sentence == "the document is empty"
    assert only(validate("/does/not/exist")).explained == "there is no such file"


def test_both_places_of_a_name_are_told() -> None:
    finding = only(validate(b'{\n"ociVersion": "1.0.0",\n"ociVersion": "1.3.0", "root": {"path": "rootfs"}}'))
    assert (finding.line, finding.column, finding.end_column) == (3, 1, 13)
    assert finding.related == (Related(message="the first one", line=2, column=1, end_column=13),)


def test_document_with_a_name_twice_is_judged_by_the_last_one() -> None:
    report = validate(b'{"ociVersion": 1, "ociVersion": "1.0.2", "root": {"path": 5}}')
    assert [one.rule for one in report.findings] == ["json.unique_names", "schema.type"]
    assert report.spec_version == "1.0.2"


@pytest.mark.parametrize(
    ("document", "kind"), [(CONFIG, "config"), (STATE, "state"), (FEATURES, "features"), ([], "config"), ({}, "config")]
)
def test_kind_is_told_by_the_content(document: Any, kind: str) -> None:
    assert validate(encoded(document)).kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_told_by_the_name_of_the_file(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / f"{kind}.json"
    path.write_bytes(b"{}")
    assert validate(path).kind == kind
    assert validate(path, "config").kind == "config"
    other = tmp_path / f"my-{kind}.json"
    other.write_bytes(encoded(STATE))
    assert validate(other).kind == "state"


@pytest.mark.parametrize(
    ("written", "judged"),
    [
        ("1.0.0", "1.0.0"),
        ("1.0.2-dev", "1.0.2"),
        ("1.2.7", "1.2.1"),
        ("0.9.0", "1.0.0"),
        ("7.0.0", NEWEST),
        ("seven", NEWEST),
        (f"1.{'9' * 5000}.0", NEWEST),
        (None, NEWEST),
        (5, NEWEST),
    ],
)
def test_version_is_that_of_the_document(written: Any, judged: str) -> None:
    assert validate(encoded({**CONFIG, "ociVersion": written}), "config").spec_version == judged


def test_version_can_be_chosen() -> None:
    content = encoded({**CONFIG, "linux": {**CONFIG["linux"], "timeOffsets": {"monotonic": {"secs": 1}}}})
    assert not validate(content).valid
    report = validate(content, spec_version="1.0.2")
    assert report.valid
    assert report.spec_version == "1.0.2"
    assert {one.rule for one in report.findings} == {"version.newer"}
    assert all("/v1.3.0/" in str(one.reference) for one in validate(content).errors)


@pytest.mark.parametrize("version", ["", "1.0", "1.4.0", "v1.0.0", "1.0.2-dev"])
def test_version_that_is_not_known_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match=r"is none of 1\.0\.0, "):
        validate(b"{}", spec_version=version)


def test_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="'bundle' is none of config, state, features"):
        validate(b"{}", "bundle")  # type: ignore[arg-type]


def test_path_may_be_any_kind_of_path(bundle: Path) -> None:
    assert validate(bundle) == validate(str(bundle))
    assert validate(bundle).file == str(bundle / "config.json")


def test_bundle_is_judged_with_what_is_around_it(bundle: Path) -> None:
    assert validate(bundle).findings == ()
    (bundle / CONFIG["root"]["path"]).rmdir()
    finding = only(validate(bundle))
    assert (finding.rule, finding.path) == ("bundle.root", "$.root.path")
    assert validate(bundle / "config.json").valid


def test_directory_without_a_config_is_no_bundle(tmp_path: Path) -> None:
    report = validate(tmp_path)
    finding = only(report)
    assert (finding.rule, finding.line, report.readable, report.kind) == ("bundle.config", None, True, "config")
    assert "bundle.config.required" in finding.requirements


def test_directory_is_no_state(tmp_path: Path) -> None:
    report = validate(tmp_path, "state")
    assert only(report).message == "it is a directory, and no regular file"
    assert not report.readable


def test_bundle_that_may_not_be_entered_is_not_taken_for_one_without_a_config(
    directory: Path, somebody_else: Callable[[], AbstractContextManager[None]]
) -> None:
    closed = directory / "closed"
    closed.mkdir(mode=0)
    with somebody_else():
        report = validate(closed)
    assert only(report).message == "the file cannot be read: Permission denied"
    assert not report.readable


@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere")], ids=["directory", "FIFO", "link"]
)
def test_config_of_a_bundle_that_is_no_file_cannot_be_read(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "config.json")
    report = validate(tmp_path)
    assert (only(report).rule, report.readable) == ("file.readable", False)


def test_too_large_a_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    report = validate(path)
    assert (only(report).rule, report.readable, report.source) == ("file.size", False, None)


def test_no_number_of_warnings_hides_an_error() -> None:
    document = {**CONFIG, "annotations": {"a": "\\ud800" * 2000}, "hostname": 5}
    report = validate(encoded(document).replace(b"\\\\u", b"\\u"))
    assert not report.valid
    assert [one.path for one in report.errors] == ["$.hostname"]
    assert len(report.findings) == 1001
    assert not report.complete


def test_number_of_errors_is_bounded() -> None:
    report = validate(encoded({**CONFIG, "mounts": [5] * 5000}))
    assert len(report.errors) == 1000
    assert not report.complete


def test_name_of_any_length_is_bounded_where_there_are_many() -> None:
    twice = ", ".join(['"a": 0'] * 1000)
    report = validate(f'{{"{"x" * 1_000_000}": {{{twice}}}}}'.encode())
    assert not report.valid
    assert not report.complete
    assert sum(len(one.path) for one in report.findings) < 4_000_000


def test_messages_are_short_whatever_is_in_the_document() -> None:
    report = validate(encoded({**CONFIG, "hostname": ["x" * 10_000], "ociVersion": "y" * 10_000}))
    assert report.findings
    assert max(len(one.message) for one in report.findings) < 600


def test_lone_surrogates_of_a_document_are_not_in_its_findings() -> None:
    report = validate(b'{"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "annotations": {"\\ud800": 1}}')
    assert {one.rule for one in report.findings} == {"json.surrogate", "schema.type"}
    for finding in report.findings:
        finding.explained.encode()
        finding.path.encode()


def test_name_of_a_file_may_be_no_text() -> None:
    report = validate("/does/not/exist/\udcff")
    report.file.encode()
    assert only(report).file == report.file


def test_findings_are_in_the_order_of_the_text() -> None:
    content = b'{"hostname": 1, "process": {"cwd": 2, "args": [3]}, "ociVersion": 4, "root": {"path": 5}, "root": {"path": 6}}'
    places = [(one.line, one.column) for one in validate(content, "config").findings]
    assert len(places) > 4
    assert places == sorted(places)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=50, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_finding_is_in_the_file(kind: Kind, data: st.DataObject) -> None:
    text = data.draw(generation.documents(kind).flatmap(generation.mistaken))
    report = validate(text.encode(), kind)
    lines = text.split("\n")
    places = [(one.line, one.column, one.end_column) for one in report.findings]
    places += [(one.line, one.column, one.end_column) for finding in report.findings for one in finding.related]
    for line, column, end_column in places:
        assert line is not None
        assert column is not None
        assert end_column is not None
        assert 1 <= line <= len(lines)
        assert 1 <= column <= end_column <= len(lines[line - 1]) + 1


@given(st.binary(max_size=40) | st.text(max_size=20).map(str.encode))
@settings(deadline=None)
def test_any_bytes_have_a_report(content: bytes) -> None:
    report = validate(content)
    # No document of this size has what every kind must have.
    assert not report.valid
    assert all(one.line is not None for one in report.findings)


def test_package_has_what_it_promises() -> None:
    assert {name: getattr(validation, name).__name__ for name in validation.__all__} == {
        name: name for name in validation.__all__
    }
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = validation.nothing


def test_importing_the_package_imports_nothing_slow() -> None:
    program = (
        "import sys; before = set(sys.modules)\n"
        f"sys.path.insert(0, {str(Path(conformance.__file__).parents[1])!r})\n"
        "import conformance.validation\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["__future__", "conformance", "conformance.validation"]


def test_many_warnings_beside_many_errors_are_no_delay() -> None:
    # Each warning is compared with what the schema has refused.
    document = {
        **CONFIG,
        "annotations": {f"a{number}": number for number in range(900)},
        "linux": {
            "devices": [{"type": "c", "path": f"/dev/a{number}", "major": 7, "minor": 7} for number in range(30_000)]
        },
    }
    report = validate(encoded(document))
    assert len(report.errors) == 900
    assert len(report.warnings) == 1000
