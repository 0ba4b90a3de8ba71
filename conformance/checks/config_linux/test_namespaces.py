"""Namespaces, User namespace mappings, Offset for Time Namespace."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import base, mounts_with, namespaces_with, namespaces_without
from conformance.bundle.programs import attempting, holding
from conformance.facts import mountinfo

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer

NAMES = {"pid": "pid", "network": "net", "ipc": "ipc", "uts": "uts", "mount": "mnt"}

MAPPINGS = [{"containerID": 0, "hostID": 100000, "size": 1000}, {"containerID": 5000, "hostID": 200000, "size": 7}]


def own(name: str) -> str:
    """The namespace of the suite, and so of the runtime."""
    return os.readlink(f"/proc/self/ns/{name}")


def of_process(container: Container, name: str) -> str:
    """The namespace of the container process."""
    return os.readlink(f"/proc/{container.pid}/ns/{name}")


@requirement("config_linux.namespaces.created")
@pytest.mark.parametrize("type_", NAMES)
@needs("process.visible")
def test_namespace_without_a_path_is_a_new_one(container: MakeContainer, type_: str) -> None:
    assert of_process(container(program=holding()).hold(), NAMES[type_]) != own(NAMES[type_])


@requirement("config_linux.namespaces.created")
@pytest.mark.parametrize("type_", [pytest.param(t, marks=needs(f"namespace.{t}")) for t in ("cgroup", "user")])
@needs("process.visible")
def test_namespace_that_is_asked_for_in_addition_is_a_new_one(container: MakeContainer, type_: str) -> None:
    linux: dict[str, Any] = {"namespaces": namespaces_with({"type": type_})}
    if type_ == "user":
        linux |= {"uidMappings": MAPPINGS, "gidMappings": MAPPINGS}
    one = container(program=["hold"], linux=linux).create_supporting(f"a namespace of type {type_}")
    assert of_process(one.start().wait_until_ready(), type_) != own(type_)


@requirement("config_linux.namespaces.time.isolated")
@needs("namespace.time", "process.visible")
def test_time_namespace_is_a_new_one(container: MakeContainer) -> None:
    one = container(program=["hold"], linux={"namespaces": namespaces_with({"type": "time"})})
    one.create_supporting("a namespace of type time").start().wait_until_ready()
    assert of_process(one, "time") != own("time")


SUPPORTED = [
    *(pytest.param(name, marks=requirement("config_linux.namespaces.supported")) for name in NAMES),
    *(
        pytest.param(name, marks=[requirement("config_linux.namespaces.supported"), needs(f"namespace.{name}")])
        for name in ("cgroup", "user")
    ),
    pytest.param("time", marks=[requirement("config_linux.namespaces.supported.time"), needs("namespace.time")]),
]


@pytest.mark.parametrize("type_", SUPPORTED)
@needs("root")
def test_type_of_namespace_is_supported(container: MakeContainer, type_: str) -> None:
    linux: dict[str, Any] = {"namespaces": namespaces_with({"type": type_})}
    if type_ == "user":
        linux |= {"uidMappings": MAPPINGS, "gidMappings": MAPPINGS}
    assert container(linux=linux).create().status == "created"


@requirement("config_linux.namespaces.inherited")
@pytest.mark.parametrize("type_", ["network", "ipc", "uts", pytest.param("pid", marks=needs("root"))])
@needs("process.visible")
def test_namespace_that_is_not_listed_is_the_runtime_s(container: MakeContainer, type_: str) -> None:
    one = container(program=["hold"], linux={"namespaces": namespaces_without(type_)}, hostname=None)
    if type_ == "network":
        # A sysfs can be mounted by whoever owns the network namespace only.
        one.configure(mounts=[mount for mount in base()["mounts"] if mount["destination"] != "/sys"])
    assert of_process(one.hold(), NAMES[type_]) == own(NAMES[type_])


@requirement("config_linux.namespaces.inherited")
@pytest.mark.parametrize(
    "name",
    [
        *(pytest.param(name, marks=needs(f"namespace.{name}")) for name in ("cgroup", "time")),
        pytest.param("user", marks=needs("namespace.user", "root")),
    ],
)
@needs("process.visible")
def test_namespace_that_is_rarely_listed_is_the_runtime_s(container: MakeContainer, name: str) -> None:
    assert of_process(container(program=["hold"]).hold(), name) == own(name)


@requirement("config_linux.namespaces.path.joined")
@pytest.mark.parametrize("type_", ["network", "ipc", "uts", "pid"])
@needs("process.visible", "root")
def test_namespace_with_a_path_is_joined(container: MakeContainer, type_: str) -> None:
    owner = container(program=holding()).hold()
    path = f"/proc/{owner.pid}/ns/{NAMES[type_]}"
    expected = os.readlink(path)
    one = container(linux={"namespaces": namespaces_with({"type": type_, "path": path})}, hostname=None)
    assert one.facts().namespaces[NAMES[type_]] == expected


@requirement("config_linux.namespaces.pid.isolated")
def test_program_is_process_1_of_a_new_pid_namespace(container: MakeContainer) -> None:
    facts = container().facts()
    assert (facts.pid, facts.ppid) == (1, 0)


@requirement("config_linux.namespaces.pid.isolated")
def test_no_other_process_is_seen_in_a_new_pid_namespace(container: MakeContainer) -> None:
    names = container(program=attempting(["list", "/proc"])).attempts()[0].names or []
    assert [name for name in names if name.isdigit()] == ["1"]


@requirement("config_linux.namespaces.mount.isolated")
def test_mounts_of_the_container_are_not_seen_outside(container: MakeContainer) -> None:
    one = container(
        program=holding(), mounts=mounts_with({"destination": "/made", "type": "tmpfs", "source": "tmpfs"})
    ).hold()
    content = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    assert [mount for mount in mountinfo.parse(content) if mount.mount_point.startswith(str(one.directory))] == []


@requirement("config_linux.id_mappings.applied")
@needs("namespace.user", "process.visible")
def test_mappings_are_those_of_the_user_namespace(container: MakeContainer) -> None:
    linux = {"namespaces": namespaces_with({"type": "user"}), "uidMappings": MAPPINGS, "gidMappings": MAPPINGS[:1]}
    facts = container(linux=linux).create_supporting("a namespace of type user").start().facts()
    found = [[int(n) for n in line.split()] for line in facts.text("/proc/self/uid_map").splitlines()]
    assert found == [[0, 100000, 1000], [5000, 200000, 7]]
    assert facts.text("/proc/self/gid_map").split() == ["0", "100000", "1000"]


@requirement("config_linux.time_offsets.applied")
@needs("namespace.time")
@pytest.mark.parametrize("clock", ["monotonic", "boottime"])
def test_clock_has_its_offset(container: MakeContainer, clock: str) -> None:
    offset = {"secs": 86400, "nanosecs": 500}
    linux = {"namespaces": namespaces_with({"type": "time"}), "timeOffsets": {clock: offset}}
    facts = container(linux=linux).create_supporting("a namespace of type time").start().facts()
    number = {"monotonic": time.CLOCK_MONOTONIC, "boottime": time.CLOCK_BOOTTIME}[clock]
    # The program read its clock a moment ago.
    difference = facts.clocks[clock] - time.clock_gettime_ns(number)
    assert 86390 < difference / 1e9 < 86401
