"""What a failure shows is true, and enough to see it again."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle import config
from conformance.mutants.mutant import write_program
from conformance.report.records import Command
from conformance.report.reproduction import described, transcript

if TYPE_CHECKING:
    from tests.conftest import Run, Suite

CHECK = "runtime_linux/test_dev_symlinks.py::test_link_is_there[stdin]"


def command(*words: str, status: int | None = 0, stderr: str = "") -> Command:
    return Command(argv=["runtime", *words], cwd="/", status=status, seconds=0.1, stdout="", stderr=stderr)


@pytest.fixture(scope="module")
def failed(shared_suite: Suite) -> Run:
    """A run in which one check fails, in a runtime whose path has a space."""
    directory = shared_suite.directory / "a directory"
    directory.mkdir()
    return shared_suite.run("-n", "0", f"--runtime={write_program('links_are_swapped', directory)}", CHECK)


def again(run: Run) -> list[str]:
    """The words of the command that a failure ends with."""
    found = re.search(r"^to see it again:\n  oci-conform (.*)$", run.stdout, re.MULTILINE)
    assert found
    return shlex.split(found[1])


def test_failure_is_seen_again_by_its_command(suite: Suite, failed: Run) -> None:
    assert failed.outcomes == {CHECK: "fail"}
    seen = suite.command(*again(failed), f"--conformance-report={suite.report}", "-n", "0")
    assert seen.status == 1
    assert seen.outcomes == failed.outcomes
    assert seen.checks[CHECK]["actual"] == failed.checks[CHECK]["actual"]
    # It keeps the bundle, and says where.
    (kept,) = suite.temporary.glob("oci-conform-*/*/*/bundle/config.json")
    assert f"the bundle is kept below {kept.parents[3]}" in seen.stdout
    assert suite.command("clean").status == 0


def test_failure_shows_the_commands_in_order(failed: Run) -> None:
    shown = re.findall(r"^  \$ (.*)$", failed.stdout, re.MULTILINE)
    run = [shlex.join(entry["argv"]) for entry in failed.checks[CHECK]["commands"]]
    assert shown == [line for line, before in zip(run, ["", *run], strict=False) if line != before]
    assert [entry["argv"][2] for entry in failed.checks[CHECK]["commands"]][:2] == ["create", "start"]


def test_failure_shows_the_requirement_and_where_it_stands(failed: Run) -> None:
    (record,) = failed.of_kind("check")
    requirement = failed.requirements[record["requirements"][0]]
    assert f"{requirement['id']} ({requirement['level']}): {requirement['text']}" in failed.stdout
    assert requirement["reference"] in failed.stdout
    assert f"expected: {record['expected']}" in failed.stdout
    assert f"actual:   {record['actual']}" in failed.stdout


def test_report_has_the_configuration_of_each_container(failed: Run) -> None:
    (record,) = failed.of_kind("check")
    (found,) = record["configs"]
    assert found["process"]["args"][0] == "/probe"
    assert found["ociVersion"] == failed.header["spec_version"]


def test_command_that_is_run_many_times_in_a_row_is_shown_once() -> None:
    commands = [command("create", "one"), *[command("state", "one")] * 3, command("state", "one", status=1)]
    assert transcript(commands) == [
        "$ runtime create one",
        "  # exit status 0",
        "$ runtime state one",
        "  # exit status 0, 3 times",
        "$ runtime state one",
        "  # exit status 1",
    ]


def test_ends_of_commands() -> None:
    lines = transcript([command("create", "a b", status=None), command("start", status=-11, stderr="one\ntwo")])
    assert lines == [
        "$ runtime create 'a b'",
        "  # was killed at the deadline",
        "$ runtime start",
        "  # was killed by signal 11",
        "  # one",
        "  # two",
    ]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "the base configuration"),
        ({"linux": {"cgroupsPath": "/oci-conform-01234567-main-00001"}}, "the base configuration"),
        ({"hostname": "ü"}, '{"hostname": "ü"}'),
        ({"hostname": None}, '{"hostname": null}'),
        ({"linux": {"maskedPaths": ["/a"], "cgroupsPath": "/b"}}, '{"linux": {"maskedPaths": ["/a"]}}'),
    ],
    ids=str,
)
def test_configuration_is_shown_as_what_it_changes(changes: dict[str, Any], shown: str) -> None:
    document = config.merge(config.merge(config.base(), {"ociVersion": "1.2.0"}), changes)
    before = dict(document["linux"])
    assert described(document, "1.2.0") == shown
    assert document["linux"] == before


def test_long_configuration_is_cut_off() -> None:
    document = config.merge(config.base(), {"ociVersion": "1.2.0", "annotations": {"a": "x" * 1000}})
    shown = described(document, "1.2.0")
    assert shown.startswith('{"annotations": {"a": "xxx')
    assert shown.endswith("xxx...")
    assert len(shown) < 700
