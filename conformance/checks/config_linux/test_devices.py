"""Devices."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import namespaces_with
from conformance.bundle.programs import attempting
from conformance.verdict.findings import Finding
from conformance.verdict.refusal import create_without_effect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.facts.reports import Status
    from conformance.fixtures import MakeContainer

# An ordinary user can make no device.
pytestmark: pytest.MarkDecorator = needs("root")

KINDS = {"c": "character device", "u": "character device", "b": "block device", "p": "fifo"}

MAPPINGS = [{"containerID": 0, "hostID": 100000, "size": 65536}]

UNUSED = 60
"""A major number for local use, which no driver has: opening such a device gives ENXIO."""

NUMBERS = [("c", 1, 5), ("c", UNUSED, 300), ("b", UNUSED, 70000)]


def device(path: str, type_: str = "c", major: int = 1, minor: int = 5, **properties: Any) -> dict[str, Any]:
    """An entry of `devices`, by default one that is /dev/zero."""
    numbers = {} if type_ == "p" else {"major": major, "minor": minor}
    return {"path": path, "type": type_, **numbers, **properties}


def status_of(container: MakeContainer, entry: dict[str, Any]) -> Status:
    """What is at the path of a device, as the program sees it."""
    return container(program=attempting(["stat", entry["path"]]), linux={"devices": [entry]}).attempts()[0].status


@pytest.fixture
def strict_umask() -> Iterator[None]:
    """The runtime's caller has a umask that leaves files to their owner."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@requirement("config_linux.devices.available")
@pytest.mark.parametrize("type_", KINDS)
def test_device_is_of_its_type(container: MakeContainer, type_: str) -> None:
    assert status_of(container, device("/dev/configured", type_, UNUSED, 1)).type == KINDS[type_]


@requirement("config_linux.devices.available")
def test_all_devices_are_there(container: MakeContainer) -> None:
    entries = [device(f"/dev/configured{minor}", "c", UNUSED, minor) for minor in range(3)]
    program = attempting(*(["stat", entry["path"]] for entry in entries))
    found = container(program=program, linux={"devices": entries}).attempts()
    assert [attempt.status.minor for attempt in found] == [0, 1, 2]


@requirement("config_linux.devices.path.full")
def test_path_is_the_one_in_the_container(container: MakeContainer) -> None:
    status = status_of(container, device("/dev/of/several/levels"))
    assert (status.type, status.major, status.minor) == ("character device", 1, 5)


@requirement("config_linux.devices.path.anywhere")
def test_path_can_be_outside_of_dev(container: MakeContainer) -> None:
    status = status_of(container, device("/srv/below/zero"))
    assert (status.type, status.major, status.minor) == ("character device", 1, 5)


def put_file(path: str) -> None:
    """Make a file that is none."""
    with open(path, "w", encoding="ascii") as file:
        file.write("no device\n")


OCCUPANTS: dict[str, Callable[[str], None]] = {
    "file": put_file,
    "directory": os.mkdir,
    "fifo": os.mkfifo,
}


@requirement("config_linux.devices.path.occupied")
@pytest.mark.parametrize("occupant", OCCUPANTS)
def test_path_of_something_else_is_an_error(container: MakeContainer, occupant: str) -> None:
    one = container(linux={"devices": [device("/srv/taken")]})
    OCCUPANTS[occupant](str(one.inside("/srv/taken")))
    invocation = create_without_effect(one)
    if invocation.ok:
        raise Finding(f"`create` is refused, for there is a {occupant} at the path of the device", "it succeeded")


@requirement("config_linux.devices.path.occupied")
def test_path_of_the_device_itself_is_none(container: MakeContainer) -> None:
    # Of all types, everybody can make this one.
    one = container(program=attempting(["stat", "/srv/pipe"]), linux={"devices": [device("/srv/pipe", "p")]})
    os.mkfifo(one.inside("/srv/pipe"))
    assert one.attempts()[0].status.type == "fifo"


@requirement("config_linux.devices.major_minor")
@pytest.mark.parametrize(("type_", "major", "minor"), NUMBERS)
def test_device_has_its_numbers(container: MakeContainer, type_: str, major: int, minor: int) -> None:
    status = status_of(container, device("/dev/configured", type_, major, minor))
    assert (status.type, status.major, status.minor) == (KINDS[type_], major, minor)


@requirement("config_linux.devices.file_mode")
@pytest.mark.parametrize("type_", ["c", "b", "p"])
def test_device_has_its_mode(container: MakeContainer, type_: str) -> None:
    assert status_of(container, device("/dev/configured", type_, fileMode=0o640)).mode == 0o640


@requirement("config_linux.devices.file_mode")
@pytest.mark.usefixtures("strict_umask")
def test_mode_does_not_depend_on_the_umask_of_the_caller(container: MakeContainer) -> None:
    assert status_of(container, device("/dev/configured", fileMode=0o666)).mode == 0o666


@requirement("config_linux.devices.file_mode.decimal")
def test_digits_of_the_mode_are_decimal(container: MakeContainer) -> None:
    # Read as octal digits, it would be rw-------: 420 is rw-r--r--.
    assert status_of(container, device("/dev/configured", fileMode=420)).mode == 0o644


@pytest.mark.parametrize(
    "owner",
    [
        pytest.param("uid", marks=requirement("config_linux.devices.uid")),
        pytest.param("gid", marks=requirement("config_linux.devices.gid")),
    ],
)
def test_device_has_its_owner(container: MakeContainer, owner: str) -> None:
    status = status_of(container, device("/dev/configured") | {owner: 1234})
    assert getattr(status, owner) == 1234


@pytest.mark.parametrize(
    "owner",
    [
        pytest.param("uid", marks=requirement("config_linux.devices.uid")),
        pytest.param("gid", marks=requirement("config_linux.devices.gid")),
    ],
)
@needs("namespace.user")
def test_owner_is_one_of_the_user_namespace(container: MakeContainer, owner: str) -> None:
    linux = {
        "namespaces": namespaces_with({"type": "user"}),
        "uidMappings": MAPPINGS,
        "gidMappings": MAPPINGS,
        "devices": [device("/dev/zero") | {owner: 1234}],
    }
    one = container(program=attempting(["stat", "/dev/zero"]), linux=linux)
    one.create_supporting("an owner of a device in a user namespace").start()
    assert getattr(one.attempts()[0].status, owner) == 1234


@requirement("config_linux.devices.access")
@pytest.mark.parametrize("type_", ["c", "b"])
@needs("cgroup.devices", "cgroup.managed")
def test_device_that_is_not_listed_cannot_be_accessed(container: MakeContainer, type_: str) -> None:
    # Whether it is the node that cannot be made, or the device that cannot be opened, is the runtime's choice.
    operations = [["mknod", "/dev/other", type_, str(UNUSED), "1"], ["read", "/dev/other"]]
    attempts = container(program=attempting(*operations), linux={"devices": [device("/dev/listed")]}).attempts()
    assert any(attempt.error in ("EPERM", "EACCES") for attempt in attempts), (
        f"{attempts[1]}, of a driver there is none"
    )
