"""Default Devices."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import mounts_without, namespaces_with
from conformance.bundle.programs import attempting
from conformance.runtime.console import ConsoleSocket
from conformance.verdict.findings import Advisory

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

NUMBERS = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}

READABLE = {"null": "", "zero": "\0" * 256, "full": "\0" * 256}
"""What the first bytes of a device are, where they are always the same."""

MAPPINGS = [{"containerID": 0, "hostID": 100000, "size": 65536}]


def for_each(names: tuple[str, ...]) -> list[Any]:
    """A parameter for each device, with its requirement."""
    return [pytest.param(name, marks=requirement(f"config_linux.default_devices.{name}"), id=name) for name in names]


def in_user_namespace() -> dict[str, Any]:
    """Changes that give a container a user namespace."""
    return {"namespaces": namespaces_with({"type": "user"}), "uidMappings": MAPPINGS, "gidMappings": MAPPINGS}


@pytest.mark.parametrize("name", for_each(tuple(NUMBERS)))
def test_device_has_its_type_and_numbers(container: MakeContainer, name: str) -> None:
    status = container(program=attempting(["stat", f"/dev/{name}"])).attempts()[0].status
    assert (status.type, status.major, status.minor) == ("character device", *NUMBERS[name])


@pytest.mark.parametrize("name", for_each(tuple(NUMBERS)))
def test_device_is_there_without_a_mount_at_dev(container: MakeContainer, name: str) -> None:
    one = container(program=attempting(["stat", f"/dev/{name}"]), mounts=mounts_without("/dev", "/dev/pts", "/dev/shm"))
    status = one.attempts()[0].status
    assert (status.type, status.major, status.minor) == ("character device", *NUMBERS[name])


@pytest.mark.parametrize("name", for_each(tuple(NUMBERS)))
@needs("namespace.user", "root")
def test_device_is_there_in_a_user_namespace(container: MakeContainer, name: str) -> None:
    status = container(program=attempting(["stat", f"/dev/{name}"]), linux=in_user_namespace()).attempts()[0].status
    assert (status.type, status.major, status.minor) == ("character device", *NUMBERS[name])


@pytest.mark.parametrize("name", for_each(tuple(NUMBERS)))
@needs("root")
def test_device_is_there_though_others_are_configured(container: MakeContainer, name: str) -> None:
    fuse = {"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229}
    one = container(program=attempting(["stat", f"/dev/{name}"]), linux={"devices": [fuse]})
    status = one.attempts()[0].status
    assert (status.type, status.major, status.minor) == ("character device", *NUMBERS[name])


@pytest.mark.parametrize("name", for_each(("null", "zero", "full", "random", "urandom")))
def test_device_can_be_opened_by_any_user(container: MakeContainer, name: str) -> None:
    operations = [["read", f"/dev/{name}"]]
    # Writing to /dev/full is an error by its nature, which shows that it could be opened.
    operations += [["write", f"/dev/{name}", "x"]] if name != "full" else []
    one = container(program=attempting(*operations, user=1000))
    assert [attempt.error for attempt in one.attempts()] == [""] * len(operations)


@pytest.mark.parametrize("name", for_each(("tty",)))
def test_mode_of_the_device_allows_any_user(container: MakeContainer, name: str) -> None:
    # A process without a terminal cannot open it, whatever the mode.
    status = container(program=attempting(["stat", f"/dev/{name}"])).attempts()[0].status
    assert status.mode & 0o666 == 0o666


@pytest.mark.parametrize("name", for_each(tuple(READABLE)))
def test_device_reads_as_it_should(container: MakeContainer, name: str) -> None:
    attempt = container(program=attempting(["read", f"/dev/{name}"])).attempts()[0]
    assert attempt.content == READABLE[name]


@pytest.mark.parametrize("name", for_each(("random", "urandom")))
def test_device_gives_other_bytes_each_time(container: MakeContainer, name: str) -> None:
    path = f"/dev/{name}"
    one, other = container(program=attempting(["read", path], ["read", path])).attempts()
    assert one.content != other.content
    assert len(one.content or "") > 0


@pytest.mark.parametrize("name", for_each(("null", "zero", "full")))
def test_device_takes_what_is_written(container: MakeContainer, name: str) -> None:
    attempt = container(program=attempting(["write", f"/dev/{name}", "x"])).attempts()[0]
    assert attempt.error == {"full": "ENOSPC"}.get(name, "")


@pytest.mark.parametrize("name", for_each(("null", "zero")))
@needs("process.visible", "root")
def test_device_is_supplied_by_create(container: MakeContainer, name: str) -> None:
    status = os.stat(f"/proc/{container().create().pid}/root/dev/{name}")
    assert (os.major(status.st_rdev), os.minor(status.st_rdev)) == NUMBERS[name]


@requirement("config_linux.default_devices.null")
def test_null_device_of_the_host_is_what_it_was(container: MakeContainer) -> None:
    before = os.stat("/dev/null")
    container(linux={"maskedPaths": ["/proc/version"]}).run().delete()
    after = os.stat("/dev/null")
    names = ("st_mode", "st_uid", "st_gid", "st_rdev", "st_ino")
    assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]


@requirement("config_linux.default_devices.ptmx")
def test_ptmx_gives_a_new_pseudoterminal(container: MakeContainer) -> None:
    attempt = container(program=attempting(["ptmx", "/dev/ptmx"])).attempts()[0]
    assert (attempt.error, (attempt.content or "").startswith("/dev/pts/")) == ("", True)


@requirement("config_linux.default_devices.ptmx")
def test_ptmx_can_be_used_by_any_user(container: MakeContainer) -> None:
    attempt = container(program=attempting(["ptmx", "/dev/ptmx"], user=1000)).attempts()[0]
    assert attempt.error == ""


@requirement("config_linux.default_devices.ptmx.is_own")
def test_ptmx_is_the_one_of_the_container_s_dev_pts(container: MakeContainer) -> None:
    ptmx, own = container(program=attempting(["stat", "/dev/ptmx"], ["stat", "/dev/pts/ptmx"])).attempts()
    assert own.ok
    assert ptmx.status.identity == own.status.identity


@requirement("config_linux.default_devices.console", "config_linux.default_devices.console.is_terminal")
def test_console_is_the_terminal_of_the_process(container: MakeContainer) -> None:
    one = container(
        process={"terminal": True}, program=attempting(["stat", "/dev/console"], ["stat", "/proc/self/fd/0"])
    )
    with ConsoleSocket(one.directory) as socket:
        one.create("--console-socket", socket.path).start()
        output = socket.read_to_end(one.runtime.deadline)
    console, stream = one.attempts_in(output)
    assert console.status.type == "character device"
    found = (console.status.major, console.status.minor)
    assert found == (stream.status.major, stream.status.minor)


@requirement("config_linux.default_devices.console")
def test_console_can_be_written_to(container: MakeContainer) -> None:
    one = container(process={"terminal": True}, program=attempting(["write", "/dev/console", "written to the console"]))
    with ConsoleSocket(one.directory) as socket:
        one.create("--console-socket", socket.path).start()
        output = socket.read_to_end(one.runtime.deadline)
    assert b"written to the console" in output


@requirement("config_linux.default_devices.console.is_terminal")
def test_console_is_mounted(container: MakeContainer) -> None:
    one = container(process={"terminal": True})
    with ConsoleSocket(one.directory) as socket:
        one.create("--console-socket", socket.path).start()
        facts = one.facts_in(socket.read_to_end(one.runtime.deadline))
    mount = facts.mount("/dev/console")
    if mount is None or mount.type != "devpts":
        # What is at /dev/console is a check of its own; this is about how it got there.
        raise Advisory("the pseudoterminal is bind-mounted to /dev/console", f"the mount there is {mount}")
