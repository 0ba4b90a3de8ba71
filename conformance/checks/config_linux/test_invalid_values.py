"""What the sections of config-linux.md say of valid values, but for resources: what a runtime must not take."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirement
from conformance.bundle.config import base, namespaces_with
from conformance.bundle.invalid import Invalid, case
from conformance.verdict.findings import Advisory
from conformance.verdict.refusal import demand_no_container, demand_refusal

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer

    Change = dict[str, Any]


def linux(**changes: Any) -> Change:
    """Changes of the object for Linux."""
    return {"linux": changes}


def seccomp(*calls: Change, **changes: Any) -> Change:
    """A filter that allows everything but for these entries."""
    return linux(seccomp={"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [*calls], **changes})


# Appended to the base namespaces, it is the sixth.
ADDED = f"linux.namespaces[{len(base()['linux']['namespaces'])}]"

MAPPING = {"containerID": 0, "hostID": 0, "size": 1000}
OTHER_MAPPING = {"containerID": 1000, "hostID": 1000, "size": 1000}
MAPPED = linux(
    namespaces=namespaces_with({"type": "user"}),
    uidMappings=[MAPPING, OTHER_MAPPING],
    gidMappings=[MAPPING, OTHER_MAPPING],
)
OFFSETS = linux(namespaces=namespaces_with({"type": "time"}), timeOffsets={"monotonic": {"secs": 3600, "nanosecs": 5}})
DEVICE = linux(devices=[{"type": "c", "path": "/dev/one", "major": 1, "minor": 5}])
SYSCTL = linux(sysctl={"net.ipv4.ip_forward": "1"})
POLICY = linux(memoryPolicy={"mode": "MPOL_PREFERRED", "nodes": "0", "flags": []})
PERSONALITY = linux(personality={"domain": "LINUX"})
CALL = {"names": ["acct"], "action": "SCMP_ACT_ERRNO"}
ARGUMENT = {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}
FILTER = seccomp(CALL)
CONDITION = seccomp({**CALL, "args": [ARGUMENT]})
ARGS = "linux.seccomp.syscalls[0].args[0]"

INVALID = [
    # Namespaces
    case("config_linux.namespaces.form", "namespace that is a string", {}, ADDED, "cgroup"),
    case("config_linux.namespaces.form", "type of a namespace that is a number", {}, ADDED, {"type": 0x02000000}),
    case(
        "config_linux.namespaces.form",
        "path of a namespace that is a process",
        {},
        f"{ADDED}",
        {"type": "cgroup", "path": 1},
    ),
    case(
        "config_linux.namespaces.type.required", "namespace without a type", {}, ADDED, {"path": "/proc/self/ns/cgroup"}
    ),
    case("config_linux.namespaces.type.known", "unknown type of a namespace", {}, ADDED, {"type": "mnt"}),
    case(
        "config_linux.namespaces.path.type",
        "path of another type",
        {},
        ADDED,
        {"type": "cgroup", "path": "/proc/self/ns/net"},
    ),
    case("config_linux.namespaces.duplicate", "namespace twice", {}, ADDED, {"type": "uts"}),
    # User namespace mappings
    case("config_linux.id_mappings.form", "mappings that are one", MAPPED, "linux.uidMappings", MAPPING),
    case(
        "config_linux.id_mappings.form",
        "ID of the container that is a string",
        MAPPED,
        "linux.uidMappings[1].containerID",
        "1000",
    ),
    case("config_linux.id_mappings.form", "ID of the host that is negative", MAPPED, "linux.gidMappings[1].hostID", -1),
    case("config_linux.id_mappings.size.required", "mapping without a size", MAPPED, "linux.uidMappings[1].size"),
    case("config_linux.id_mappings.size.positive", "mapping of no IDs", MAPPED, "linux.uidMappings[1].size", 0),
    case(
        "config_linux.id_mappings.range",
        "mapping beyond the last ID",
        MAPPED,
        "linux.uidMappings[1].containerID",
        4294967290,
    ),
    case(
        "config_linux.id_mappings.disjoint",
        "mappings that overlap in the container",
        MAPPED,
        "linux.uidMappings[1].containerID",
        999,
    ),
    case(
        "config_linux.id_mappings.disjoint",
        "mappings that overlap on the host",
        MAPPED,
        "linux.gidMappings[1].hostID",
        999,
    ),
    case(
        "config_linux.id_mappings.user_namespace",
        "mappings without a user namespace",
        MAPPED,
        "linux.namespaces",
        base()["linux"]["namespaces"],
    ),
    # Offset for time namespace
    case("config_linux.time_offsets.form", "offset that is a number", OFFSETS, "linux.timeOffsets.monotonic", 3600),
    case(
        "config_linux.time_offsets.form",
        "seconds that are a string",
        OFFSETS,
        "linux.timeOffsets.monotonic.secs",
        "3600",
    ),
    case(
        "config_linux.time_offsets.nanosecs",
        "nanoseconds of a second",
        OFFSETS,
        "linux.timeOffsets.monotonic.nanosecs",
        1_000_000_000,
    ),
    case(
        "config_linux.time_offsets.time_namespace",
        "offsets without a time namespace",
        OFFSETS,
        "linux.namespaces",
        base()["linux"]["namespaces"],
    ),
    # Devices
    case(
        "config_linux.devices.form", "devices that are an object", DEVICE, "linux.devices", {"/dev/one": {"type": "p"}}
    ),
    case("config_linux.devices.form", "device that is a path", DEVICE, "linux.devices[0]", "/dev/null"),
    case("config_linux.devices.type.required", "device without a type", DEVICE, "linux.devices[0].type"),
    case("config_linux.devices.type.known", "unknown type of a device", DEVICE, "linux.devices[0].type", "x"),
    case("config_linux.devices.path.required", "device without a path", DEVICE, "linux.devices[0].path"),
    # A device that exists could be moved by a runtime that takes an invalid name for none.
    case(
        "config_linux.net_devices.form", "network devices that are a list", {}, "linux.netDevices", ["no-such-device"]
    ),
    # Cgroups path
    case("config_linux.cgroups_path.form", "path of the cgroups that is a list", {}, "linux.cgroupsPath", ["/one"]),
    # Intel RDT, memory policy, sysctl
    case("config_linux.intel_rdt.form", "intelRdt that is a class", {}, "linux.intelRdt", "one"),
    case("config_linux.memory_policy.form", "memory policy that is a mode", POLICY, "linux.memoryPolicy", "MPOL_LOCAL"),
    case("config_linux.memory_policy.mode.required", "memory policy without a mode", POLICY, "linux.memoryPolicy.mode"),
    case("config_linux.memory_policy.mode.known", "unknown memory policy", POLICY, "linux.memoryPolicy.mode", "bind"),
    case("config_linux.memory_policy.nodes.form", "nodes that are a word", POLICY, "linux.memoryPolicy.nodes", "all"),
    case(
        "config_linux.memory_policy.nodes.of_mode",
        "nodes of a mode that has none",
        POLICY,
        "linux.memoryPolicy.mode",
        "MPOL_LOCAL",
    ),
    case(
        "config_linux.memory_policy.nodes.of_mode",
        "mode without its nodes",
        linux(memoryPolicy={"mode": "MPOL_BIND", "nodes": "0"}),
        "linux.memoryPolicy.nodes",
    ),
    case(
        "config_linux.memory_policy.flags.known",
        "unknown flag of a memory policy",
        POLICY,
        "linux.memoryPolicy.flags[0]",
        "MPOL_F_NODES",
    ),
    case(
        "config_linux.memory_policy.flags.of_mode",
        "flags that exclude each other",
        POLICY,
        "linux.memoryPolicy.flags",
        ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"],
    ),
    case(
        "config_linux.sysctl.form",
        "kernel parameters that are a list",
        SYSCTL,
        "linux.sysctl",
        ["net.ipv4.ip_forward=1"],
    ),
    case(
        "config_linux.sysctl.form",
        "kernel parameter that is a number",
        SYSCTL,
        "linux.sysctl['net.ipv4.ip_forward']",
        1,
    ),
    case("config_linux.sysctl.name", "kernel parameter without a name", SYSCTL, "linux.sysctl['']", "1"),
    case(
        "config_linux.sysctl.name",
        "kernel parameter with two dots",
        SYSCTL,
        "linux.sysctl['net..no_such_parameter']",
        "1",
    ),
    # Seccomp
    case("config_linux.seccomp.form", "seccomp that is an action", FILTER, "linux.seccomp", "SCMP_ACT_ALLOW"),
    case(
        "config_linux.seccomp.form",
        "system calls that are an object",
        FILTER,
        "linux.seccomp.syscalls",
        {"acct": "SCMP_ACT_ERRNO"},
    ),
    case(
        "config_linux.seccomp.form",
        "name of a system call that is a number",
        FILTER,
        "linux.seccomp.syscalls[0].names[1]",
        163,
    ),
    case(
        "config_linux.seccomp.default_action.required",
        "seccomp without a default action",
        FILTER,
        "linux.seccomp.defaultAction",
    ),
    case(
        "config_linux.seccomp.default_errno.without_errno",
        "errno of a default action that has none",
        FILTER,
        "linux.seccomp.defaultErrnoRet",
        1,
    ),
    case(
        "config_linux.seccomp.architectures.known",
        "unknown architecture",
        FILTER,
        "linux.seccomp.architectures",
        ["SCMP_ARCH_AMD64"],
    ),
    case(
        "config_linux.seccomp.flags.known",
        "unknown flag of seccomp",
        FILTER,
        "linux.seccomp.flags",
        ["SECCOMP_FILTER_FLAG_NOTHING"],
    ),
    case(
        "config_linux.seccomp.listener.metadata.needs_path",
        "metadata without a listener",
        FILTER,
        "linux.seccomp.listenerMetadata",
        "a",
    ),
    case(
        "config_linux.seccomp.syscalls.names.required", "entry without names", FILTER, "linux.seccomp.syscalls[0].names"
    ),
    case(
        "config_linux.seccomp.syscalls.names.not_empty",
        "entry of no names",
        FILTER,
        "linux.seccomp.syscalls[0].names",
        [],
    ),
    case(
        "config_linux.seccomp.syscalls.action.required",
        "entry without an action",
        FILTER,
        "linux.seccomp.syscalls[0].action",
    ),
    case(
        "config_linux.seccomp.action.known",
        "unknown action",
        FILTER,
        "linux.seccomp.syscalls[0].action",
        "SCMP_ACT_REFUSE",
    ),
    case("config_linux.seccomp.action.known", "unknown default action", FILTER, "linux.seccomp.defaultAction", "ALLOW"),
    case(
        "config_linux.seccomp.syscalls.errno.without_errno",
        "errno of an action that has none",
        seccomp({**CALL, "action": "SCMP_ACT_KILL"}),
        "linux.seccomp.syscalls[0].errnoRet",
        1,
    ),
    case("config_linux.seccomp.syscalls.args.index.range", "seventh argument", CONDITION, f"{ARGS}.index", 6),
    case("config_linux.seccomp.syscalls.args.op.required", "condition without an operator", CONDITION, f"{ARGS}.op"),
    case("config_linux.seccomp.syscalls.args.op.known", "unknown operator", CONDITION, f"{ARGS}.op", "SCMP_CMP_IS"),
    # The root filesystem, and paths in it
    case(
        "config_linux.rootfs_propagation.known",
        "unknown propagation of the root",
        {},
        "linux.rootfsPropagation",
        "public",
    ),
    *(
        row
        for name, of in (("maskedPaths", "masked_paths"), ("readonlyPaths", "readonly_paths"))
        for row in (
            case(f"config_linux.{of}.form", f"{name} that are one", {}, f"linux.{name}", "/etc/passwd"),
            case(
                f"config_linux.{of}.form", f"number in {name}", linux(**{name: ["/etc/passwd"]}), f"linux.{name}[1]", 1
            ),
        )
    ),
    case("config_linux.mount_label", "label of mounts that is a list", {}, "linux.mountLabel", ["system_u"]),
    # Personality
    case("config_linux.personality.form", "personality that is a domain", PERSONALITY, "linux.personality", "LINUX32"),
    case(
        "config_linux.personality.domain.required",
        "personality without a domain",
        PERSONALITY,
        "linux.personality.domain",
    ),
    case("config_linux.personality.domain.known", "unknown domain", PERSONALITY, "linux.personality.domain", "BSD"),
    case(
        "config_linux.personality.flags",
        "flag of a personality",
        PERSONALITY,
        "linux.personality.flags",
        ["ADDR_NO_RANDOMIZE"],
    ),
]
"""What is no value of its property."""

WITHOUT_A_NUMBER = [
    case(
        "config_linux.id_mappings.container_id.required",
        "mapping without an ID of the container",
        MAPPED,
        "linux.uidMappings[0].containerID",
    ),
    case(
        "config_linux.id_mappings.host_id.required",
        "mapping without an ID of the host",
        MAPPED,
        "linux.uidMappings[0].hostID",
    ),
    case(
        "config_linux.devices.major_minor.required",
        "device without numbers",
        DEVICE,
        "linux.devices[0]",
        {"type": "c", "path": "/dev/one"},
    ),
    case("config_linux.seccomp.syscalls.args.index.required", "condition without an index", CONDITION, f"{ARGS}.index"),
    case("config_linux.seccomp.syscalls.args.value.required", "condition without a value", CONDITION, f"{ARGS}.value"),
]
"""What is missing, and what many a runtime takes for 0."""


DOUBTFUL = [
    # The schema of the specification has the clocks for properties, and unknown properties must be ignored.
    case("config_linux.time_offsets.clock", "unknown clock", OFFSETS, "linux.timeOffsets.realtime", {"secs": 3600}),
]
"""What a runtime may have a reason to take."""


@requirement("config.values.invalid")
@pytest.mark.parametrize("invalid", INVALID)
def test_invalid_value_is_refused(container: MakeContainer, invalid: Invalid) -> None:
    demand_refusal(container, invalid)


@pytest.mark.parametrize("invalid", WITHOUT_A_NUMBER)
def test_missing_number_is_not_taken_for_zero(container: MakeContainer, invalid: Invalid) -> None:
    demand_refusal(container, invalid, Advisory)


@pytest.mark.parametrize("invalid", DOUBTFUL)
def test_doubtful_value_is_refused(container: MakeContainer, invalid: Invalid) -> None:
    demand_refusal(container, invalid, Advisory)


@requirement("config_linux.namespaces.path.absolute", "config.values.invalid")
def test_relative_path_of_a_namespace_is_refused(container: MakeContainer) -> None:
    one = container(linux={"namespaces": namespaces_with({"type": "ipc", "path": "namespace"})})
    # The runtime is called from there, so that the path leads to a namespace.
    os.symlink("/proc/self/ns/ipc", one.bundle.path / "namespace")
    demand_no_container(one)
