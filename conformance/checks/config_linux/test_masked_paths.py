"""Masked Paths."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with
from conformance.bundle.programs import attempting
from conformance.verdict.findings import Finding
from conformance.verdict.refusal import create_without_effect

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

FILES: dict[str, str | None] = {
    "/secret/file": "secret",
    "/secret/below/deep": "secret",
    "/file": "secret",
    "/open": "open",
}

SECRET = "secret"  # noqa: S105


@requirement("config_linux.masked_paths.unreadable", "config_linux.masked_paths.honoured")
def test_masked_file_cannot_be_read(container: MakeContainer) -> None:
    one = container(program=attempting(["read", "/file"]), files=FILES, linux={"maskedPaths": ["/file"]})
    assert (one.attempts()[0].content or "") == ""


@requirement("config_linux.masked_paths.unreadable", "config_linux.masked_paths.honoured")
def test_masked_directory_cannot_be_listed(container: MakeContainer) -> None:
    one = container(program=attempting(["list", "/secret"]), files=FILES, linux={"maskedPaths": ["/secret"]})
    assert (one.attempts()[0].names or []) == []


@requirement("config_linux.masked_paths.unreadable")
@pytest.mark.parametrize("path", ["/secret/file", "/secret/below/deep", "/secret/../secret/file"])
def test_file_in_a_masked_directory_cannot_be_read(container: MakeContainer, path: str) -> None:
    one = container(program=attempting(["read", path]), files=FILES, linux={"maskedPaths": ["/secret"]})
    assert (one.attempts()[0].content or "") == ""


@requirement("config_linux.masked_paths.unreadable")
@pytest.mark.parametrize("path", ["/proc/version", "/proc/meminfo"])
def test_masked_file_of_proc_cannot_be_read(container: MakeContainer, path: str) -> None:
    one = container(program=attempting(["read", path]), linux={"maskedPaths": [path]})
    assert (one.attempts()[0].content or "") == ""


@requirement("config_linux.masked_paths.unreadable")
def test_masked_directory_of_proc_cannot_be_listed(container: MakeContainer) -> None:
    one = container(program=attempting(["list", "/proc/sys/net"]), linux={"maskedPaths": ["/proc/sys/net"]})
    assert (one.attempts()[0].names or []) == []


@requirement("config_linux.masked_paths.unreadable")
def test_every_masked_path_cannot_be_read(container: MakeContainer) -> None:
    paths = ["/file", "/secret/file", "/secret/below", "/proc/version"]
    one = container(
        program=attempting(
            ["read", "/file"], ["read", "/secret/file"], ["list", "/secret/below"], ["read", "/proc/version"]
        ),
        files=FILES,
        linux={"maskedPaths": paths},
    )
    assert [attempt.content or attempt.names for attempt in one.attempts() if attempt.content or attempt.names] == []


@requirement("config_linux.masked_paths.unreadable")
def test_path_in_a_mount_is_masked(container: MakeContainer) -> None:
    one = container(program=attempting(["read", "/mounted/file"]), linux={"maskedPaths": ["/mounted/file"]})
    source = one.directory / "source"
    source.mkdir()
    (source / "file").write_text(SECRET, encoding="utf-8")
    one.configure(mounts=mounts_with({"destination": "/mounted", "source": str(source), "options": ["bind"]}))
    assert (one.attempts()[0].content or "") == ""


@requirement("config_linux.masked_paths.unreadable")
def test_masked_path_cannot_be_read_in_a_readonly_root(container: MakeContainer) -> None:
    one = container(
        program=attempting(["read", "/file"], ["list", "/secret"]),
        files=FILES,
        root={"readonly": True},
        linux={"maskedPaths": ["/file", "/secret"]},
    )
    assert [attempt.content or attempt.names for attempt in one.attempts() if attempt.content or attempt.names] == []


@requirement("config_linux.masked_paths.unreadable")
def test_path_that_is_not_masked_can_be_read(container: MakeContainer) -> None:
    one = container(
        program=attempting(["read", "/open"], ["read", "/secret/below/deep"]),
        files=FILES,
        linux={"maskedPaths": ["/file", "/secret/file"]},
    )
    assert [attempt.content for attempt in one.attempts()] == ["open", SECRET]


@requirement("config_linux.masked_paths.untouched")
def test_what_is_written_to_a_masked_file_does_not_reach_it(container: MakeContainer) -> None:
    one = container(
        program=attempting(["write", "/file", "changed"], ["truncate", "/file", "0"]),
        files=FILES,
        linux={"maskedPaths": ["/file"]},
    )
    one.run()
    assert one.content("/file") == SECRET


@requirement("config_linux.masked_paths.untouched")
def test_what_is_made_in_a_masked_directory_does_not_reach_it(container: MakeContainer) -> None:
    one = container(
        program=attempting(["create", "/secret/new"], ["mkdir", "/secret/newer"], ["unlink", "/secret/file"]),
        files=FILES,
        linux={"maskedPaths": ["/secret"]},
    )
    one.run()
    assert sorted(path.name for path in one.inside("/secret").iterdir()) == ["below", "file"]


@requirement("config_linux.masked_paths.honoured")
@needs("process.visible", "root")
def test_path_is_masked_when_create_has_ended(container: MakeContainer) -> None:
    one = container(files=FILES, linux={"maskedPaths": ["/file", "/secret"]}).create()
    root = f"/proc/{one.pid}/root"
    with open(f"{root}/file", "rb") as file:
        content = file.read(len(SECRET))
    assert (content, os.listdir(f"{root}/secret")) == (b"", [])


@requirement("config_linux.masked_paths.honoured")
@pytest.mark.parametrize("paths", [None, []], ids=["absent", "empty"])
def test_nothing_is_masked_without_masked_paths(container: MakeContainer, paths: list[str] | None) -> None:
    one = container(program=attempting(["read", "/file"]), files=FILES, linux={"maskedPaths": paths})
    assert one.attempts()[0].content == SECRET


@requirement("config_linux.masked_paths.missing")
@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/below", "/file/below", "/proc/nowhere"])
def test_path_at_which_there_is_nothing_is_no_error(container: MakeContainer, path: str) -> None:
    invocation = container(files=FILES, linux={"maskedPaths": [path]}).attempt_create()
    if not invocation.ok:
        raise Finding("a masked path that does not exist is passed over", f"`create` {invocation.outcome}")


@requirement("config_linux.masked_paths.absolute")
@pytest.mark.parametrize("path", ["file", "./file", "proc/version", ""])
def test_relative_masked_path_is_refused(container: MakeContainer, path: str) -> None:
    create_without_effect(container(files=FILES, linux={"maskedPaths": [path]}))
