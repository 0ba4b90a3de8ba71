"""Dev symbolic links."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_with, mounts_without
from conformance.bundle.programs import attempting
from conformance.verdict.findings import Advisory, Refused

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}


def for_each() -> list[Any]:
    """A parameter for each link, with its requirement."""
    return [pytest.param(name, marks=requirement(f"runtime_linux.dev_symlinks.{name}"), id=name) for name in LINKS]


@pytest.mark.parametrize("name", for_each())
def test_link_is_there(container: MakeContainer, name: str) -> None:
    one = container(program=attempting(["lstat", f"/dev/{name}"], ["readlink", f"/dev/{name}"]))
    status, link = one.attempts()
    assert (status.status.type, link.content) == ("link", LINKS[name])


@pytest.mark.parametrize("name", for_each())
def test_link_is_there_without_a_mount_at_dev(container: MakeContainer, name: str) -> None:
    one = container(
        program=attempting(["readlink", f"/dev/{name}"]), mounts=mounts_without("/dev", "/dev/pts", "/dev/shm")
    )
    assert [attempt.content for attempt in one.attempts()] == [LINKS[name]]


@pytest.mark.parametrize("name", for_each())
def test_link_is_there_with_a_readonly_root(container: MakeContainer, name: str) -> None:
    one = container(program=attempting(["readlink", f"/dev/{name}"]), root={"readonly": True})
    assert [attempt.content for attempt in one.attempts()] == [LINKS[name]]


@pytest.mark.parametrize("name", for_each())
def test_link_leads_to_what_it_names(container: MakeContainer, name: str) -> None:
    # /dev/fd has one entry for each stream, and one for the reading of it; the others lead to the streams themselves.
    if name == "fd":
        attempt = container(program=attempting(["list", "/dev/fd"])).attempts()[0]
        assert {"0", "1", "2"} <= set(attempt.names or [])
        return
    number = {"stdin": 0, "stdout": 1, "stderr": 2}[name]
    link, direct = container(
        program=attempting(["stat", f"/dev/{name}"], ["stat", f"/proc/self/fd/{number}"])
    ).attempts()
    assert link.status.identity == direct.status.identity


@pytest.mark.parametrize("name", for_each())
@needs("process.visible", "root")
def test_link_is_made_by_create(container: MakeContainer, name: str) -> None:
    pid = container().create().pid
    assert os.readlink(f"/proc/{pid}/root/dev/{name}") == LINKS[name]


@requirement("runtime_linux.dev_symlinks.by_create")
def test_container_without_proc_is_created(container: MakeContainer) -> None:
    one = container(mounts=mounts_without("/proc"), program=["try", "readlink", "/dev/fd"])
    invocation = one.attempt_create()
    if not invocation.ok:
        # Nothing obliges a runtime to do without /proc; but it cannot be the links that it needs it for.
        raise Advisory("a container without a mount at /proc is created", Refused(invocation).actual)


@requirement("runtime_linux.dev_symlinks.by_create")
def test_links_are_made_in_what_the_mounts_put_at_dev(container: MakeContainer) -> None:
    one = container(
        program=attempting(["readlink", "/dev/stdin"]),
        files={"/dev/stdin": "of the root filesystem"},
        mounts=mounts_with(),
    )
    assert [attempt.content for attempt in one.attempts()] == ["/proc/self/fd/0"]
    assert one.content("/dev/stdin") == "of the root filesystem"
