"""Namespaces, User namespace mappings, Offset for Time Namespace."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.bundle.config import base, mounts_with, namespaces_with, namespaces_without
from conformance.bundle.programs import attempting, holding
from conformance.facts import mountinfo
from conformance.host import queues
from conformance.host.namespaces import private

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

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
def test_type_of_namespace_is_supported(container: MakeContainer, type_: str) -> None:
    linux: dict[str, Any] = {"namespaces": namespaces_with({"type": type_})}
    if type_ == "user":
        linux |= {"uidMappings": MAPPINGS, "gidMappings": MAPPINGS}
    assert container(linux=linux).create().status == "created"


@requirement("config_linux.namespaces.inherited")
@pytest.mark.parametrize("type_", ["network", "ipc", "uts", "pid"])
@needs("process.visible")
def test_namespace_that_is_not_listed_is_the_runtime_s(container: MakeContainer, type_: str) -> None:
    one = container(program=["hold"], linux={"namespaces": namespaces_without(type_)}, hostname=None)
    if type_ == "network":
        # A sysfs can be mounted by whoever owns the network namespace only.
        one.configure(mounts=[mount for mount in base()["mounts"] if mount["destination"] != "/sys"])
    assert of_process(one.hold(), NAMES[type_]) == own(NAMES[type_])


@requirement("config_linux.namespaces.inherited")
@pytest.mark.parametrize("name", [pytest.param(t, marks=needs(f"namespace.{t}")) for t in ("cgroup", "time", "user")])
@needs("process.visible")
def test_namespace_that_is_rarely_listed_is_the_runtime_s(container: MakeContainer, name: str) -> None:
    assert of_process(container(program=["hold"]).hold(), name) == own(name)


@requirement("config_linux.namespaces.path.joined")
@pytest.mark.parametrize("type_", ["network", "ipc", "uts", "pid"])
@needs("process.visible")
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


def apart(name: str) -> AbstractContextManager[None]:
    """Be in a namespace of the suite's own, as far as there are rights by which the host's could be spoiled."""
    return private(name) if os.geteuid() == 0 else contextlib.nullcontext()


@requirement("config_linux.namespaces.network.isolated")
def test_port_of_the_host_is_not_one_of_a_new_network_namespace(container: MakeContainer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        attempt = container(program=attempting(["connect", str(port)])).attempts()[0]
    # Whether the loopback device is up is not said.
    assert attempt.error in ("ECONNREFUSED", "ENETUNREACH", "EADDRNOTAVAIL"), str(attempt)


@requirement("config_linux.namespaces.ipc.isolated")
@pytest.mark.parametrize("kind", ["message-queue", "mqueue"])
def test_queue_of_the_host_is_not_one_of_a_new_ipc_namespace(container: MakeContainer, kind: str) -> None:
    # In the namespace of the host, where an ordinary user stays, there is one of that name for each worker.
    key = os.getpid()
    name = {"message-queue": f"{key}", "mqueue": f"/oci-conform-{key}"}[kind]
    with apart("ipc"), queues.system_v(key) if kind == "message-queue" else queues.posix(name):
        attempt = container(program=attempting([kind, name])).attempts()[0]
    assert attempt.error == "ENOENT", str(attempt)


@requirement("config_linux.namespaces.uts.isolated")
@pytest.mark.parametrize("name", ["hostname", "domainname"])
def test_name_that_is_set_in_a_new_uts_namespace_is_not_the_host_s(container: MakeContainer, name: str) -> None:
    sets = {kind: [*names, "CAP_SYS_ADMIN"] for kind, names in base()["process"]["capabilities"].items()}
    program = attempting([f"set{name}", "inside"], [name])
    with apart("uts"):
        before = names_outside()
        found = container(program=program, process={"capabilities": sets}).attempts()
        after = names_outside()
    assert [str(attempt) for attempt in found if not attempt.ok] == []
    assert found[1].content == "inside"
    assert after == before


def names_outside() -> tuple[str, str]:
    """The host name and the domain name."""
    return os.uname().nodename, Path("/proc/sys/kernel/domainname").read_text(encoding="utf-8")


@requirement("config_linux.namespaces.user.isolated")
@needs("namespace.user")
def test_root_of_a_new_user_namespace_is_another_user_outside(container: MakeContainer) -> None:
    linux = {"namespaces": namespaces_with({"type": "user"}), "uidMappings": MAPPINGS, "gidMappings": MAPPINGS}
    one = container(program=attempting(["create", "/srv/made"], ["stat", "/srv/made"]), linux=linux)
    one.inside("/srv").chmod(0o777)
    inside = one.create_supporting("a namespace of type user").start().attempts()[1].status
    outside = one.inside("/srv/made").stat()
    assert (inside.uid, inside.gid, outside.st_uid, outside.st_gid) == (0, 0, 100000, 100000)


@requirement("config_linux.namespaces.cgroup.isolated")
@needs("namespace.cgroup", "cgroup.managed")
def test_cgroup_of_the_program_is_the_root_of_a_new_cgroup_namespace(container: MakeContainer) -> None:
    one = container(linux={"namespaces": namespaces_with({"type": "cgroup"})})
    facts = one.create_supporting("a namespace of type cgroup").start().facts()
    # There are hierarchies only if the runtime shows some.
    paths = {line.split(":", 2)[2] for line in facts.text("/proc/self/cgroup").splitlines()}
    assert paths - {"/"} == set()


@requirement("config_linux.id_mappings.ownership")
@needs("namespace.user")
def test_files_keep_their_owners_when_ids_are_mapped(container: MakeContainer) -> None:
    linux = {"namespaces": namespaces_with({"type": "user"}), "uidMappings": MAPPINGS, "gidMappings": MAPPINGS}
    one = container(linux=linux, files={"/srv/file": "", "/srv/directory": None})
    paths = [one.bundle.rootfs, *one.bundle.rootfs.rglob("*")]
    before = {str(path): (path.lstat().st_uid, path.lstat().st_gid) for path in paths}
    one.create_supporting("a namespace of type user").start().wait()
    assert {str(path): (path.lstat().st_uid, path.lstat().st_gid) for path in paths} == before


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
