"""The rules of config.json that a schema cannot say: each refuses, and accepts what it should."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bundle.config import base, merge, namespaces_with, namespaces_without
from reference_runtime import config
from reference_runtime.errors import InvalidConfig, SyscallFailed, UnsupportedConfig

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAPPINGS = [{"containerID": 0, "hostID": 1000, "size": 10}]
USER = namespaces_with({"type": "user"})
JOINED_USER = namespaces_with({"type": "user", "path": "/proc/1/ns/user"})
TIME = namespaces_with({"type": "time"})
JOINED_TIME = namespaces_with({"type": "time", "path": "/proc/1/ns/time"})
LIMIT = {"type": "RLIMIT_CPU", "soft": 1, "hard": 1}

SMALLEST: dict[str, Any] = {
    "apparmorProfile": "one",
    "selinuxLabel": "system_u:system_r:container_t:s0",
    "scheduler": {"policy": "SCHED_OTHER"},
    "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 0},
    "intelRdt": {"closID": "one"},
    "memoryPolicy": {"mode": "MPOL_LOCAL"},
    "seccomp": {"defaultAction": "SCMP_ACT_ALLOW"},
    "mountLabel": "system_u:object_r:container_file_t:s0",
    "personality": {"domain": "LINUX"},
}
"""Valid values of properties that the runtime does not support."""


MAPPED: dict[str, Any] = {"linux": {"namespaces": USER, "uidMappings": MAPPINGS, "gidMappings": MAPPINGS}}


def linux(**changes: Any) -> dict[str, Any]:
    return {"linux": changes}


def device(**properties: Any) -> dict[str, Any]:
    return linux(devices=[{"path": "/dev/a", **properties}])


def sysctl(name: str, without: Sequence[str] = ()) -> dict[str, Any]:
    return linux(sysctl={name: "1"}, namespaces=namespaces_without(*without))


ACCEPTED: dict[str, dict[str, Any]] = {
    "base": {},
    "oldest version": {"ociVersion": "1.0.0"},
    "newest version": {"ociVersion": "1.3.0"},
    "later patch of the newest version": {"ociVersion": "1.3.99"},
    "candidate of a release": {"ociVersion": "1.2.0-rc.1"},
    "version with build metadata": {"ociVersion": "1.2.0+build"},
    "no process": {"process": None},
    "no linux": {"linux": None, "hostname": None},
    "limits of two types": {"process": {"rlimits": [LIMIT, {**LIMIT, "type": "RLIMIT_CORE"}]}},
    "mappings for a new user namespace": linux(uidMappings=MAPPINGS, gidMappings=MAPPINGS, namespaces=USER),
    "joined user namespace without mappings": linux(namespaces=JOINED_USER),
    "time offsets for a new time namespace": linux(timeOffsets={"monotonic": {"secs": 1}}, namespaces=TIME),
    "no time offsets": linux(timeOffsets={}),
    "character device with numbers": device(type="c", major=1, minor=3),
    "FIFO without numbers": device(type="p"),
    "sysctl of the network": sysctl("net.ipv4.ip_forward"),
    "sysctl of an interface": sysctl("net.ipv4.conf.eth0.forwarding"),
    "sysctl of ipc": sysctl("kernel.shmmax"),
    "sysctl of message queues": sysctl("fs.mqueue.msg_max"),
    "sysctl of uts": sysctl("kernel.domainname"),
    "sysctl of a joined namespace": linux(
        sysctl={"net.core.somaxconn": "9"}, namespaces=namespaces_with({"type": "network", "path": "/proc/1/ns/net"})
    ),
    "unknown property": {"unknown": {"deep": [1]}},
    "empty value of an unsupported property": linux(netDevices={}, intelRdt={}, resources={}),
}

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "namespace twice": (
        linux(namespaces=[{"type": "pid"}, {"type": "uts"}, {"type": "pid", "path": "/p"}]),
        "$.linux.namespaces[2].type",
        "pid is there twice",
    ),
    "limit that does not exist": (
        {"process": {"rlimits": [{**LIMIT, "type": "RLIMIT_X"}]}},
        "$.process.rlimits[0].type",
        "'RLIMIT_X' is no resource of getrlimit(2)",
    ),
    "hard limit below the soft one": (
        {"process": {"rlimits": [{**LIMIT, "soft": 2}]}},
        "$.process.rlimits[0].soft",
        "2 is above the hard limit, which is 1",
    ),
    "hostname that is too long": ({"hostname": "x" * 65}, "$.hostname", "has 65 bytes, and Linux takes 64"),
    "mapped mount without mappings": (
        {"mounts": [{"destination": "/a", "options": ["idmap"]}]},
        "$.mounts[0].options[0]",
        "idmap needs uidMappings and gidMappings",
    ),
    "variable without a value": ({"process": {"env": ["A"]}}, "$.process.env[0]", "'A' has no equals sign"),
    "limit twice": ({"process": {"rlimits": [LIMIT, LIMIT]}}, "$.process.rlimits[1].type", "RLIMIT_CPU is there twice"),
    "mappings of users only in a mount": (
        {"mounts": [{"destination": "/a"}, {"destination": "/b", "uidMappings": MAPPINGS}]},
        "$.mounts[1]",
        "together",
    ),
    "mappings without a user namespace": (
        linux(uidMappings=MAPPINGS, gidMappings=MAPPINGS),
        "$.linux.uidMappings",
        "needs a user namespace",
    ),
    "time offsets without a time namespace": (
        linux(timeOffsets={"boottime": {"secs": 1}}),
        "$.linux.timeOffsets",
        "new time namespace",
    ),
    "time offsets for a joined time namespace": (
        linux(timeOffsets={"boottime": {"secs": 1}}, namespaces=JOINED_TIME),
        "$.linux.timeOffsets",
        "new time namespace",
    ),
    "sysctl out of its directory": (sysctl("net..ipv4"), "$.linux.sysctl['net..ipv4']", "no name"),
    "sysctl without a name": (sysctl(""), "$.linux.sysctl['']", "no name"),
    "character device without numbers": (device(type="c"), "$.linux.devices[0]", "major and minor"),
    "block device without a minor": (device(type="b", major=1), "$.linux.devices[0]", "major and minor"),
    "unbuffered device without a major": (device(type="u", minor=1), "$.linux.devices[0]", "major and minor"),
}

UNSUPPORTED: dict[str, tuple[dict[str, Any], str, str]] = {
    "console larger than a terminal": (
        {"process": {"terminal": True, "consoleSize": {"height": 25, "width": 65536}}},
        "$.process.consoleSize.width",
        "65535 at the most",
    ),
    "version before the oldest": ({"ociVersion": "0.9.0"}, "$.ociVersion", "1.0.0 to 1.3.0"),
    "version after the newest": ({"ociVersion": "1.4.0"}, "$.ociVersion", "1.0.0 to 1.3.0"),
    "next major version": ({"ociVersion": "2.0.0"}, "$.ociVersion", "1.0.0 to 1.3.0"),
    "version with a huge number": ({"ociVersion": f"1.{'9' * 5000}.0"}, "$.ociVersion", "1.0.0 to 1.3.0"),
    "mappings of users only": (linux(uidMappings=MAPPINGS, namespaces=USER), "$.linux", "together"),
    "mappings of groups only": (linux(gidMappings=MAPPINGS, namespaces=USER), "$.linux", "together"),
    "user namespace without mappings": (linux(namespaces=USER), "$.linux.uidMappings", "needs mappings"),
    "user namespace with empty mappings": (
        linux(namespaces=USER, uidMappings=[], gidMappings=[]),
        "$.linux.uidMappings",
        "needs mappings",
    ),
    "sysctl of the whole host": (sysctl("vm.swappiness"), "$.linux.sysctl['vm.swappiness']", "whole host"),
    "sysctl of the kernel": (sysctl("kernel.core_pattern"), "$.linux.sysctl['kernel.core_pattern']", "whole host"),
    "sysctl with a slash": (sysctl("net.ipv4/ip_forward"), "$.linux.sysctl['net.ipv4/ip_forward']", "no namespace"),
    "sysctl of the network of the host": (
        sysctl("net.ipv4.ip_forward", ["network"]),
        "$.linux.sysctl['net.ipv4.ip_forward']",
        "without a network namespace",
    ),
    "sysctl of ipc of the host": (
        sysctl("kernel.shmmax", ["ipc"]),
        "$.linux.sysctl['kernel.shmmax']",
        "without a ipc namespace",
    ),
    "offsets in a document that is older": (
        {"ociVersion": "1.0.2", **linux(timeOffsets=["monotonic"])},
        "$.linux.timeOffsets",
        "an array is no object (line 1, column ",
    ),
    "offsets without a namespace in a document that is older": (
        {"ociVersion": "1.0.0", **linux(timeOffsets={"monotonic": {"secs": 1}})},
        "$.linux.timeOffsets",
        "(by version 1.3.0 of the specification)",
    ),
    "hostname of the host": (
        {"linux": {"namespaces": namespaces_without("uts")}},
        "$.hostname",
        "without a uts namespace",
    ),
    "domainname of the host": (
        {"hostname": None, "domainname": "a", "linux": {"namespaces": namespaces_without("uts")}},
        "$.domainname",
        "without a uts namespace",
    ),
    "id-mapped mount": (
        {"mounts": [{"destination": "/a", "uidMappings": MAPPINGS, "gidMappings": MAPPINGS}]},
        "$.mounts[0]",
        "id-mapped",
    ),
    "id-mapped mount by option": (
        {"mounts": [{"destination": "/a", "options": ["idmap"]}], **MAPPED},
        "$.mounts[0]",
        "id-mapped",
    ),
    "id-mapped mounts below": (
        {"mounts": [{"destination": "/a", "options": ["ridmap"]}], **MAPPED},
        "$.mounts[0]",
        "id-mapped",
    ),
    "resources other than devices": (
        linux(resources={"devices": [], "memory": {"limit": 1}}),
        "$.linux.resources.memory",
        "not supported",
    ),
    **{
        f"{section}.{name}": ({section: {name: SMALLEST.get(name, {"a": 1})}}, f"$.{section}.{name}", "not supported")
        for section, name in config.UNSUPPORTED
    },
}


def read(changes: dict[str, Any]) -> config.Config:
    document = merge({"ociVersion": "1.3.0", **base()}, changes)
    return config.from_bytes(json.dumps(document).encode(), "/bundle", "one")


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=list(ACCEPTED))
def test_accepted(changes: dict[str, Any]) -> None:
    assert read(changes).bundle == "/bundle"


@pytest.mark.parametrize(("changes", "place", "problem"), REFUSED.values(), ids=list(REFUSED))
def test_refused(changes: dict[str, Any], place: str, problem: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        read(changes)
    assert type(caught.value) is InvalidConfig
    assert caught.value.place == place
    assert problem in caught.value.problem


@pytest.mark.parametrize(("changes", "place", "problem"), UNSUPPORTED.values(), ids=list(UNSUPPORTED))
def test_unsupported(changes: dict[str, Any], place: str, problem: str) -> None:
    with pytest.raises(UnsupportedConfig) as caught:
        read(changes)
    assert caught.value.place == place
    assert problem in caught.value.problem


def test_every_kind_of_hook_is_in_the_schema() -> None:
    from conformance.resources import schema_path

    with open(schema_path("config"), encoding="utf-8") as file:
        assert json.load(file)["properties"]["hooks"]["properties"].keys() == set(config.HOOKS)


def write_bundle(bundle: Path, root: str = "rootfs") -> Path:
    bundle.mkdir()
    document = {"ociVersion": "1.3.0", **base(), "root": {"path": root}}
    (bundle / "config.json").write_text(json.dumps(document), encoding="utf-8")
    return bundle


def test_bundle_is_an_absolute_path_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    (bundle / "rootfs").mkdir()
    (tmp_path / "link").symlink_to("bundle")
    monkeypatch.chdir(tmp_path)
    one, content = config.load("link", "one")
    assert one.bundle == os.path.realpath(bundle)
    assert one.rootfs == os.path.realpath(bundle / "rootfs")
    assert content == (bundle / "config.json").read_bytes()


def test_absolute_root_is_not_below_the_bundle(tmp_path: Path) -> None:
    one, _ = config.load(str(write_bundle(tmp_path / "bundle", str(tmp_path))), "one")
    assert one.rootfs == str(tmp_path)


@pytest.mark.parametrize("root", ["missing", "config.json", "a\0b", "\ud800"])
def test_root_that_is_no_directory_is_refused(tmp_path: Path, root: str) -> None:
    bundle = write_bundle(tmp_path / "bundle", root)
    with pytest.raises(InvalidConfig) as caught:
        config.load(str(bundle), "one")
    assert caught.value.place == "$.root.path"


def test_missing_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(SyscallFailed) as caught:
        config.load(str(tmp_path), "one")
    assert str(tmp_path / "config.json") in str(caught.value)
