"""Readonly Paths."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with
from conformance.bundle.programs import attempting
from conformance.facts.reports import not_refused
from conformance.verdict.findings import Finding
from conformance.verdict.refusal import create_without_effect

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

FILES: dict[str, str | None] = {
    "/fixed/file": "unchanged",
    "/fixed/below/deep/file": "unchanged",
    "/fixed/empty": None,
    "/file": "unchanged",
    "/free/file": "unchanged",
}

CHANGES_BELOW = (
    ["create", "/fixed/new"],
    ["create", "/fixed/below/deep/new"],
    ["write", "/fixed/file", "changed"],
    ["write", "/fixed/below/deep/file", "changed"],
    ["truncate", "/fixed/file", "0"],
    ["mkdir", "/fixed/new"],
    ["symlink", "/file", "/fixed/new"],
    ["chmod", "/fixed/file", "777"],
    ["chmod", "/fixed", "777"],
    ["rename", "/fixed/file", "/fixed/renamed"],
    ["unlink", "/fixed/file"],
    ["rmdir", "/fixed/empty"],
)

CHANGES_OF_FILE = (["write", "/file", "x"], ["truncate", "/file", "0"], ["chmod", "/file", "777"])


@requirement("config_linux.readonly_paths.enforced", "config_linux.readonly_paths.honoured")
@pytest.mark.parametrize(("path", "changes"), [("/fixed", CHANGES_BELOW), ("/file", CHANGES_OF_FILE)])
def test_readonly_path_cannot_be_changed(container: MakeContainer, path: str, changes: tuple[list[str], ...]) -> None:
    one = container(program=attempting(*changes), files=FILES, linux={"readonlyPaths": [path]})
    assert not_refused(one.attempts()) == []


@requirement("config_linux.readonly_paths.enforced")
def test_readonly_files_are_what_they_were_afterwards(container: MakeContainer) -> None:
    one = container(
        program=attempting(*CHANGES_BELOW, *CHANGES_OF_FILE),
        files=FILES,
        linux={"readonlyPaths": ["/fixed", "/file"]},
    )
    one.run()
    paths = ("/fixed/file", "/fixed/below/deep/file", "/file")
    assert [one.content(path) for path in paths] == ["unchanged"] * 3
    assert sorted(path.name for path in one.inside("/fixed").iterdir()) == ["below", "empty", "file"]


@requirement("config_linux.readonly_paths.enforced")
def test_readonly_path_of_proc_cannot_be_written(container: MakeContainer) -> None:
    one = container(
        program=attempting(["write", "/proc/sys/net/ipv4/ip_forward", "1"]), linux={"readonlyPaths": ["/proc/sys"]}
    )
    assert not_refused(one.attempts()) == []


@requirement("config_linux.readonly_paths.enforced")
def test_every_readonly_path_cannot_be_changed(container: MakeContainer) -> None:
    one = container(
        program=attempting(["write", "/file", "x"], ["create", "/fixed/below/new"], ["create", "/free/new"]),
        files=FILES,
        linux={"readonlyPaths": ["/file", "/fixed/below", "/free"]},
    )
    assert not_refused(one.attempts()) == []


@requirement("config_linux.readonly_paths.enforced")
def test_readonly_path_below_a_readonly_path_cannot_be_changed(container: MakeContainer) -> None:
    one = container(
        program=attempting(["create", "/fixed/below/deep/new"], ["create", "/fixed/new"]),
        files=FILES,
        linux={"readonlyPaths": ["/fixed", "/fixed/below/deep"]},
    )
    assert not_refused(one.attempts()) == []


@requirement("config_linux.readonly_paths.enforced")
def test_path_in_a_mount_is_readonly(container: MakeContainer) -> None:
    one = container(
        program=attempting(["create", "/mounted/below/new"], ["create", "/mounted/new"]),
        linux={"readonlyPaths": ["/mounted/below"]},
    )
    source = one.directory / "source"
    (source / "below").mkdir(parents=True)
    one.configure(mounts=mounts_with({"destination": "/mounted", "source": str(source), "options": ["bind"]}))
    below, beside = one.attempts()
    assert not_refused([below]) == []
    assert beside.error == ""


@requirement("config_linux.readonly_paths.submounts")
def test_mount_below_a_readonly_path_cannot_be_changed(container: MakeContainer) -> None:
    one = container(
        program=attempting(["create", "/fixed/mounted/new"]),
        files=FILES,
        mounts=mounts_with({"destination": "/fixed/mounted", "type": "tmpfs", "source": "tmpfs"}),
        linux={"readonlyPaths": ["/fixed"]},
    )
    assert not_refused(one.attempts()) == []


@requirement("config_linux.readonly_paths.readable")
def test_readonly_path_can_be_read(container: MakeContainer) -> None:
    one = container(
        program=attempting(["read", "/file"], ["read", "/fixed/below/deep/file"], ["list", "/fixed/below"]),
        files=FILES,
        linux={"readonlyPaths": ["/file", "/fixed"]},
    )
    found = [attempt.content or attempt.names for attempt in one.attempts()]
    assert found == ["unchanged", "unchanged", ["deep"]]


@requirement("config_linux.readonly_paths.honoured")
def test_path_that_is_not_readonly_can_be_changed(container: MakeContainer) -> None:
    one = container(
        program=attempting(["create", "/free/new"], ["write", "/file", "x"]),
        files=FILES,
        linux={"readonlyPaths": ["/fixed"]},
    )
    assert [attempt.error for attempt in one.attempts()] == ["", ""]


@requirement("config_linux.readonly_paths.honoured")
@pytest.mark.parametrize("paths", [None, []], ids=["absent", "empty"])
def test_nothing_is_readonly_without_readonly_paths(container: MakeContainer, paths: list[str] | None) -> None:
    one = container(program=attempting(["create", "/fixed/new"]), files=FILES, linux={"readonlyPaths": paths})
    assert one.attempts()[0].error == ""


@requirement("config_linux.readonly_paths.honoured")
@needs("process.visible", "root")
def test_path_is_readonly_when_create_has_ended(container: MakeContainer) -> None:
    one = container(files=FILES, linux={"readonlyPaths": ["/fixed"]}).create()
    status = os.statvfs(f"/proc/{one.pid}/root/fixed")
    assert status.f_flag & os.ST_RDONLY


@requirement("config_linux.readonly_paths.missing")
@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/below", "/file/below", "/proc/nowhere"])
def test_path_at_which_there_is_nothing_is_no_error(container: MakeContainer, path: str) -> None:
    invocation = container(files=FILES, linux={"readonlyPaths": [path]}).attempt_create()
    if not invocation.ok:
        raise Finding("a read-only path that does not exist is passed over", f"`create` {invocation.outcome}")


@requirement("config_linux.readonly_paths.absolute")
@pytest.mark.parametrize("path", ["file", "./file", "proc/sys", ""])
def test_relative_readonly_path_is_refused(container: MakeContainer, path: str) -> None:
    create_without_effect(container(files=FILES, linux={"readonlyPaths": [path]}))
