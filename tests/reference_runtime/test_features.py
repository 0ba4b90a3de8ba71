"""The features structure: what features.md and features-linux.md want, and no more than the runtime has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from conformance.bundle.config import base, namespaces_with
from conformance.facts.reports import CAPABILITIES
from conformance.validation import recognized
from reference_runtime import cli, config, features, libseccomp, seccomp
from reference_runtime.mount_options import MAPPED, MountOptions

DOCUMENT = features.document()

# features.md, features-linux.md: every property of version 1.3.0, with its type.
TOP: dict[str, type] = {
    "ociVersionMin": str,
    "ociVersionMax": str,
    "hooks": list,
    "mountOptions": list,
    "linux": dict,
    "annotations": dict,
    "potentiallyUnsafeConfigAnnotations": list,
}
LINUX: dict[str, dict[str, type] | type] = {
    "namespaces": list,
    "capabilities": list,
    "cgroup": dict.fromkeys(("v1", "v2", "systemd", "systemdUser", "rdma"), bool),
    "seccomp": {
        "enabled": bool,
        **dict.fromkeys(("actions", "operators", "archs", "knownFlags", "supportedFlags"), list),
    },
    "apparmor": {"enabled": bool},
    "selinux": {"enabled": bool},
    "memoryPolicy": {"modes": list, "flags": list},
    "intelRdt": dict.fromkeys(("enabled", "schemata", "monitoring"), bool),
    "mountExtensions": {"idmap": dict},
    "netDevices": {"enabled": bool},
}


def read(changes: dict[str, Any]) -> config.Config:
    document = {"ociVersion": "1.3.0", **base(), **changes}
    return config.from_bytes(json.dumps(document).encode(), "/bundle", "one")


def linux(**properties: Any) -> dict[str, Any]:
    return {"linux": {**base()["linux"], **properties}}


def test_command_prints_the_structure(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["features"]) == 0
    assert json.loads(capfd.readouterr().out) == DOCUMENT


def test_every_property_is_one_of_the_specification_with_its_type() -> None:
    assert {name: type(value) for name, value in DOCUMENT.items()}.items() <= TOP.items()
    assert DOCUMENT["linux"].keys() <= LINUX.keys()
    for name, value in DOCUMENT["linux"].items():
        expected = LINUX[name]
        if isinstance(expected, dict):
            assert {inner: type(content) for inner, content in value.items()}.items() <= expected.items()
        else:
            assert type(value) is expected


@pytest.mark.parametrize(
    "names",
    [DOCUMENT["hooks"], DOCUMENT["mountOptions"], *[DOCUMENT["linux"][n] for n in ("namespaces", "capabilities")]],
)
def test_lists_have_no_name_twice(names: list[str]) -> None:
    assert names
    assert len(names) == len(set(names))
    assert all(isinstance(name, str) for name in names)


@pytest.mark.parametrize("name", ["ociVersionMin", "ociVersionMax"])
def test_versions_are_accepted_in_config_json(name: str) -> None:
    assert read({"ociVersion": DOCUMENT[name]}).document["ociVersion"] == DOCUMENT[name]


def test_greatest_version_is_not_less_than_the_least() -> None:
    least, greatest = (tuple(map(int, DOCUMENT[name].split("."))) for name in ("ociVersionMin", "ociVersionMax"))
    assert least <= greatest


@pytest.mark.parametrize("kind", DOCUMENT["hooks"])
def test_hooks_are_accepted(kind: str) -> None:
    assert read({"hooks": {kind: [{"path": "/bin/true"}]}}).hooks(kind)


@pytest.mark.parametrize("type_", DOCUMENT["linux"]["namespaces"])
def test_namespaces_are_accepted(type_: str) -> None:
    mappings = [{"containerID": 0, "hostID": 0, "size": 1}] if type_ == "user" else []
    linux = {"namespaces": namespaces_with({"type": type_}), "uidMappings": mappings, "gidMappings": mappings}
    assert read({"linux": linux}).creates(type_)


def test_namespaces_are_all_of_the_specification() -> None:
    assert DOCUMENT["linux"]["namespaces"] == ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]


def test_capabilities_are_all_of_the_kernel_by_number() -> None:
    assert DOCUMENT["linux"]["capabilities"] == CAPABILITIES


@pytest.mark.parametrize("option", DOCUMENT["mountOptions"])
def test_mount_options_are_recognized(option: str) -> None:
    assert MountOptions([option]).data == ""
    mapping = [{"containerID": 0, "hostID": 1, "size": 1}]
    mappings = {"uidMappings": mapping, "gidMappings": mapping} if option in MAPPED else {}
    mounts = [{"destination": "/a", "type": "tmpfs", "options": [option], **mappings}]
    assert read({"mounts": mounts}).document["mounts"] == mounts


@pytest.mark.parametrize("mode", DOCUMENT["linux"]["memoryPolicy"]["modes"])
def test_modes_of_memory_policies_are_accepted(mode: str) -> None:
    nodes = {} if mode in ("MPOL_DEFAULT", "MPOL_LOCAL") else {"nodes": "0"}
    policy = {"mode": mode, **nodes}
    assert read(linux(memoryPolicy=policy)).linux["memoryPolicy"] == policy


@pytest.mark.parametrize("flag", DOCUMENT["linux"]["memoryPolicy"]["flags"])
def test_flags_of_memory_policies_are_accepted(flag: str) -> None:
    policy = {"mode": "MPOL_BIND", "nodes": "0", "flags": [flag]}
    assert read(linux(memoryPolicy=policy)).linux["memoryPolicy"] == policy


def test_what_is_enabled_is_accepted() -> None:
    said = DOCUMENT["linux"]
    assert (said["apparmor"], said["selinux"]) == ({"enabled": True}, {"enabled": True})
    assert said["intelRdt"] == {"enabled": True, "schemata": True, "monitoring": True}
    process = {**base()["process"], "apparmorProfile": "one", "selinuxLabel": "two"}
    settings = {"schemata": ["L3:0=f"], "enableMonitoring": True}
    accepted = read({"process": process, **linux(intelRdt=settings)})
    assert (accepted.process, accepted.linux["intelRdt"]) == (process, settings)


def test_filters_of_system_calls_have_what_the_specification_has() -> None:
    found = DOCUMENT["linux"]["seccomp"]
    specified = recognized.names()
    for name in ("actions", "operators", "knownFlags"):
        assert set(found[name]) == set(specified["linux", "seccomp", name])
    assert set(found["supportedFlags"]) <= set(found["knownFlags"])
    assert set(found["archs"]) <= set(specified["linux", "seccomp", "archs"])


@pytest.mark.parametrize("architecture", DOCUMENT["linux"]["seccomp"]["archs"])
def test_filters_are_made_for_every_architecture(architecture: str) -> None:
    with libseccomp.Filter(seccomp.ACTIONS["SCMP_ACT_ALLOW"]) as made:
        made.add_architecture(architecture.removeprefix("SCMP_ARCH_").lower())


def test_filters_are_not_enabled_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "supported_architectures", list)
    assert features.document()["linux"]["seccomp"] == {"enabled": False}


def test_every_part_is_enabled() -> None:
    parts = {name: value for name, value in DOCUMENT["linux"].items() if isinstance(value, dict)}
    assert [name for name, value in parts.items() if value.get("enabled") is False] == []
    assert parts["mountExtensions"] == {"idmap": {"enabled": True}}


def test_structure_does_not_depend_on_the_host() -> None:
    """It is about the runtime, and so the same where there is no /proc and no /sys to look at."""
    program = (
        "import builtins, io, os\n"
        "from reference_runtime import features\n"
        "from reference_runtime.documents import encode\n"
        "def refuse(*_, **__): raise AssertionError('it looks at the host')\n"
        "builtins.open = io.open = os.open = os.stat = os.listdir = refuse\n"
        "os.write(1, encode(features.document()).encode())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, env={**os.environ})
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == DOCUMENT
