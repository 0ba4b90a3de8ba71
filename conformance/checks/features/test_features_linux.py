"""What the features structure says of Linux: what it lists and enables can be used, and what it disables is refused."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement, versions
from conformance.bundle.config import mounts_with, namespaces_with
from conformance.bundle.programs import attempting
from conformance.facts.features import SAID, names, some_names, status, value
from conformance.facts.mountinfo import at
from conformance.host.traces import cgroups_of, mounts
from conformance.validation.recognized import names as specified
from conformance.verdict.findings import Finding, Unobservable, Unsupported
from conformance.verdict.refusal import create_without_effect, refused_among

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.fixtures import MakeContainer
    from conformance.session import Session

pytestmark = needs("features")

LINKS = {
    "pid": "pid",
    "network": "net",
    "ipc": "ipc",
    "uts": "uts",
    "mount": "mnt",
    **{name: name for name in ("cgroup", "time", "user")},
}
"""The types of namespaces, with their names in /proc/PID/ns."""

OF_SOME_KERNELS = ("cgroup", "time", "user")

MAPPINGS = [{"containerID": 0, "hostID": 100000, "size": 65536}]

# System calls that the probe has no use for.
UNUSED = (
    *("reboot", "swapon", "swapoff", "acct", "settimeofday", "adjtimex", "init_module", "delete_module"),
    *("quotactl", "add_key", "request_key", "keyctl", "vhangup", "sethostname", "setdomainname"),
)

NOTIFY = "SCMP_ACT_NOTIFY"

WITHOUT_NODES = ("MPOL_DEFAULT", "MPOL_LOCAL")

# From Linux 5.15 and 6.9 on.
OF_LATER_KERNELS = ("MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE")

FAMILIES = {
    "x86_64": ("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"),
    "aarch64": ("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"),
    "ppc64le": ("SCMP_ARCH_PPC64LE",),
    "s390x": ("SCMP_ARCH_S390X", "SCMP_ARCH_S390"),
    "riscv64": ("SCMP_ARCH_RISCV64",),
    "loongarch64": ("SCMP_ARCH_LOONGARCH64",),
}
"""The architectures whose programs a machine can execute: a filter can be for all of them."""


def namespaces(type_: str) -> dict[str, Any]:
    """The property `linux` with a new namespace of a type."""
    linux: dict[str, Any] = {"namespaces": namespaces_with({"type": type_})}
    return {**linux, "uidMappings": MAPPINGS, "gidMappings": MAPPINGS} if type_ == "user" else linux


# What is not supported

MAPPED = {"destination": "/srv", "type": "none", "source": "rootfs", "options": ["bind"]}

UNSUPPORTED: dict[str, dict[str, Any]] = {
    "cgroup.rdma": {"linux": {"resources": {"rdma": {"unknown_0": {"hcaHandles": 3}}}}},
    "seccomp.enabled": {"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW"}}},
    "apparmor.enabled": {"process": {"apparmorProfile": "oci-conform-unknown"}},
    "selinux.enabled": {"process": {"selinuxLabel": "system_u:system_r:oci_conform_t:s0"}},
    "intelRdt.enabled": {"linux": {"intelRdt": {"closID": "oci-conform"}}},
    "intelRdt.schemata": {"linux": {"intelRdt": {"schemata": ["L3:0=f"]}}},
    "intelRdt.monitoring": {"linux": {"intelRdt": {"enableMonitoring": True}}},
    "netDevices.enabled": {"linux": {"netDevices": {"unknown0": {}}}},
    "mountExtensions.idmap.enabled": {
        "linux": namespaces("user"),
        "mounts": mounts_with({**MAPPED, "uidMappings": MAPPINGS, "gidMappings": MAPPINGS}),
    },
}
"""By the property that says whether something is supported, a config that wants it."""


OF_LATER_VERSIONS = {
    "intelRdt.schemata": "1.3.0",
    "intelRdt.monitoring": "1.3.0",
    "netDevices.enabled": "1.3.0",
    "mountExtensions.idmap.enabled": "1.2.0",
}
"""The versions before which such a config has a property that is unknown, and so to be ignored."""


@requirement("config.values.invalid")
@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_is_not_supported_by_the_features_is_refused(
    container: MakeContainer, conformance_session: Session, name: str
) -> None:
    version = conformance_session.spec_version
    if versions.key(version) < versions.key(OF_LATER_VERSIONS.get(name, version)):
        raise Unobservable(SAID, f"there is nothing like that in version {version} of the specification")
    if status(container().features(), "linux", *name.split(".")):
        raise Unobservable(SAID, f"the features say that there is `linux.{name}`")
    create_without_effect(container(**UNSUPPORTED[name]))


# Namespaces


def is_new(container: Container, type_: str) -> bool:
    """Whether the container process is in another namespace of a type than the suite."""
    link = LINKS[type_]
    return os.readlink(f"/proc/{container.pid}/ns/{link}") != os.readlink(f"/proc/self/ns/{link}")


@requirement("features_linux.namespaces.recognized")
@pytest.mark.parametrize(
    "type_",
    [pytest.param(name, marks=needs(f"namespace.{name}") if name in OF_SOME_KERNELS else ()) for name in LINKS],
)
@needs("process.visible")
@needs("root")
def test_namespace_of_a_type_that_is_listed_is_made(container: MakeContainer, type_: str) -> None:
    if type_ not in names(container().features(), "linux", "namespaces"):
        raise Unobservable(SAID, f"namespaces of type {type_} are not listed")
    one = container(linux=namespaces(type_)).create()
    assert is_new(one, type_), f"the container is in the runtime's namespace of type {type_}"


@requirement("features_linux.namespaces.recognized")
def test_other_types_of_namespaces_that_are_listed_are_recognized(container: MakeContainer) -> None:
    listed = some_names(container().features(), "linux", "namespaces")
    own = [type_ for type_ in listed if type_ not in LINKS]
    if not own:
        raise Unobservable(SAID, "all types that are listed are the specification's")
    found = [type_ for type_ in own if not container(linux=namespaces(type_)).attempt_create().ok]
    assert not found, f"no container can be created with a namespace of type {', '.join(found)}"


@requirement("glossary.features_document")
@needs("process.visible")
def test_types_of_namespaces_that_are_recognized_are_listed(
    container: MakeContainer, conformance_session: Session
) -> None:
    listed = names(container().features(), "linux", "namespaces")
    others = [type_ for type_ in LINKS if type_ not in listed and LINKS[type_] in conformance_session.host.namespaces]
    containers = {type_: container(linux=namespaces(type_)) for type_ in others}
    found = [type_ for type_, one in containers.items() if one.attempt_create().ok and is_new(one, type_)]
    assert not found, f"these can be made: {', '.join(found)}"


# Capabilities


def granted(container: MakeContainer, wanted: list[str]) -> set[str]:
    """The capabilities that a program has of those that it is to have."""
    sets = dict.fromkeys(("bounding", "permitted", "effective"), wanted)
    facts = container(process={"capabilities": sets}).create().start().facts()
    return set.intersection(*(facts.capability_sets[name] for name in sets))


@requirement("features_linux.capabilities.recognized")
def test_capabilities_that_are_listed_are_granted(container: MakeContainer, conformance_session: Session) -> None:
    listed = some_names(container().features(), "linux", "capabilities")
    # What the suite does not have, nobody can grant.
    wanted = [name for name in listed if name in conformance_session.host.capabilities]
    assert sorted({*wanted} - granted(container, wanted)) == []


@requirement("glossary.features_document")
def test_capabilities_that_are_granted_are_listed(container: MakeContainer, conformance_session: Session) -> None:
    listed = names(container().features(), "linux", "capabilities")
    wanted = sorted(conformance_session.host.capabilities)
    assert sorted(granted(container, wanted) - {*listed}) == []


# Cgroups


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        pytest.param("v1", "cgroup", marks=[requirement("features_linux.cgroup.v1"), needs("cgroup.v1")], id="v1"),
        pytest.param(
            "v2", "cgroup2", marks=[requirement("features_linux.cgroup.v2"), needs("cgroup.v2.only")], id="v2"
        ),
    ],
)
@needs("cgroup.managed")
def test_cgroups_are_made_only_in_a_version_that_is_supported(container: MakeContainer, name: str, type_: str) -> None:
    one = container()
    supported = status(one.features(), "linux", "cgroup", name)
    one.create()
    mounted = [mount for mount in mounts() if mount.type == type_]
    made = [cgroup for cgroup in cgroups_of(one.identifier) if any(at(mounted, str(up)) for up in Path(cgroup).parents)]
    if bool(made) != supported:
        said = "supported" if supported else "not supported"
        raise Finding(f"cgroups of {name} are {said}, as the features say", f"made are {made or 'none'}")


@requirement("features_linux.cgroup.rdma")
@needs("cgroup.rdma")
def test_limits_of_rdma_are_set_only_if_they_are_supported(container: MakeContainer) -> None:
    device = os.listdir("/sys/class/infiniband")[0]
    one = container(linux={"resources": {"rdma": {device: {"hcaHandles": 3}}}})
    supported = status(one.features(), "linux", "cgroup", "rdma")
    is_created = one.attempt_create().ok
    files = [Path(cgroup, "rdma.max") for cgroup in cgroups_of(one.identifier)]
    limits = [line for file in files if file.exists() for line in file.read_text(encoding="ascii").splitlines()]
    is_set = is_created and any(limit.startswith(f"{device} hca_handle=3 ") for limit in limits)
    assert is_set == supported, f"limits are {', '.join(limits)}"


# Seccomp


class Listener:
    """A listener of seccomp, for filters that notify somebody; nobody asks it."""

    def __init__(self, container: Container) -> None:
        self.path = str(container.directory / "listener")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(self.path)
        self._socket.listen()

    def __enter__(self) -> str:
        return self.path

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def filter_of(*entries: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """The property `linux` with a filter that allows everything but what these entries say."""
    return {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": list(entries), **properties}}


def acting(actions: list[str]) -> list[dict[str, Any]]:
    """An entry of a filter for each action but the one that is the default."""
    others = [action for action in actions if action != "SCMP_ACT_ALLOW"]
    return [{"names": [name], "action": action} for name, action in zip(UNUSED, others, strict=False)]


def comparing(operators: list[str]) -> list[dict[str, Any]]:
    """An entry of a filter for each operator."""
    found = []
    for name, operator in zip(UNUSED, operators, strict=False):
        argument = {"index": 0, "value": 0xFF, "valueTwo": 0x0F, "op": operator}
        found.append({"names": [name], "action": "SCMP_ACT_ERRNO", "args": [argument]})
    return found


def create_filtered(container: MakeContainer, *entries: dict[str, Any], **properties: Any) -> Container:
    """A container with a filter, which notifies a listener if one of the entries does so; it was attempted to create."""
    one = container()
    with Listener(one) as path:
        if any(entry["action"] == NOTIFY for entry in entries):
            properties["listenerPath"] = path
        one.configure(linux=filter_of(*entries, **properties))
        one.attempt_create()
    return one


@requirement("features_linux.seccomp.enabled")
def test_filter_is_in_force_only_if_seccomp_is_enabled(container: MakeContainer) -> None:
    refuse = {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.EOPNOTSUPP}
    one = container(program=attempting(["mkdir", "/made"]), linux=filter_of(refuse))
    enabled = status(one.features(), "linux", "seccomp", "enabled")
    is_created = one.attempt_create().ok
    in_force = is_created and one.start().attempts()[0].errno == errno.EOPNOTSUPP
    assert in_force == enabled


@requirement("features_linux.seccomp.actions.recognized")
@needs("root")
def test_actions_that_are_listed_are_recognized(container: MakeContainer) -> None:
    listed = some_names(container().features(), "linux", "seccomp", "actions")
    found = refused_among(listed, lambda some: create_filtered(container, *acting(some)).invocations[-1])
    assert not found, f"no filter can be made with {', '.join(found)}"


@requirement("features_linux.seccomp.operators.recognized")
def test_operators_that_are_listed_are_recognized(container: MakeContainer) -> None:
    listed = some_names(container().features(), "linux", "seccomp", "operators")
    found = refused_among(listed, lambda some: create_filtered(container, *comparing(some)).invocations[-1])
    assert not found, f"no filter can be made with {', '.join(found)}"


@requirement("features_linux.seccomp.archs.recognized")
def test_architectures_that_are_listed_are_recognized(container: MakeContainer, conformance_session: Session) -> None:
    listed = some_names(container().features(), "linux", "seccomp", "archs")
    of_others = {*specified()["linux", "seccomp", "archs"]} - {*FAMILIES.get(conformance_session.host.machine, ())}
    # A library may know others well, and not be able to put them into one filter with this machine's.
    tried = [name for name in listed if name not in of_others]
    if not tried:
        raise Unobservable(SAID, "no architecture of this machine is listed")
    found = refused_among(tried, lambda some: create_filtered(container, architectures=some).invocations[-1])
    assert not found, f"no filter can be made for {', '.join(found)}"


def refused_flags(container: MakeContainer, flags: list[str]) -> list[str]:
    """Those of some flags with which a filter cannot be made."""
    found = []
    for flag in flags:
        # Who waits for an answer has to have somebody to ask.
        entries = acting([NOTIFY]) if "WAIT_KILLABLE" in flag else acting(["SCMP_ACT_ERRNO"])
        if not create_filtered(container, *entries, flags=[flag]).invocations[-1].ok:
            found.append(flag)
    return found


@requirement("features_linux.seccomp.known_flags.recognized")
@needs("root")
def test_flags_that_are_listed_are_recognized(container: MakeContainer) -> None:
    features = container().features()
    known = some_names(features, "linux", "seccomp", "knownFlags")
    supported = value(features, "linux", "seccomp", "supportedFlags") or []
    # What is known and not supported may be refused, unless only the runtime knows what it is.
    tried = [flag for flag in known if flag in supported or flag not in specified()["linux", "seccomp", "knownFlags"]]
    if not tried:
        raise Unobservable(SAID, "no flag that is known is supported, too")
    found = refused_flags(container, tried)
    assert not found, f"no filter can be made with {', '.join(found)}"


@requirement("features_linux.seccomp.supported_flags.supported")
@needs("root")
def test_flags_that_are_supported_can_be_used(container: MakeContainer) -> None:
    found = refused_flags(container, some_names(container().features(), "linux", "seccomp", "supportedFlags"))
    assert not found, f"no filter can be made with {', '.join(found)}"


# Security modules


@requirement("features_linux.apparmor.enabled")
@needs("apparmor")
def test_profile_is_taken_only_if_apparmor_is_enabled(container: MakeContainer) -> None:
    one = container(process={"apparmorProfile": "unconfined"})
    enabled = status(one.features(), "linux", "apparmor", "enabled")
    assert one.attempt_create().ok == enabled


@requirement("features_linux.selinux.enabled")
@needs("selinux")
def test_label_is_taken_only_if_selinux_is_enabled(container: MakeContainer) -> None:
    own = Path("/proc/self/attr/current").read_text(encoding="utf-8").rstrip("\0\n")
    one = container(process={"selinuxLabel": own})
    enabled = status(one.features(), "linux", "selinux", "enabled")
    assert one.attempt_create().ok == enabled


# Resource Director Technology


def class_of_service(container: MakeContainer, name: str) -> tuple[bool, Path]:
    """Whether the features say that there is something of intelRdt, and the group of a container that wants it."""
    one = container()
    wanted: dict[str, dict[str, Any]] = {
        "enabled": {},
        # What is in force anyway.
        "schemata": {"schemata": Path("/sys/fs/resctrl/schemata").read_text(encoding="ascii").split()},
        "monitoring": {"enableMonitoring": True},
    }
    one.configure(linux={"intelRdt": {"closID": one.identifier, **wanted[name]}})
    supported = status(one.features(), "linux", "intelRdt", name)
    one.attempt_create()
    return supported, Path("/sys/fs/resctrl", one.identifier)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("enabled", marks=requirement("features_linux.intel_rdt.enabled")),
        pytest.param("schemata", marks=requirement("features_linux.intel_rdt.schemata")),
    ],
)
@needs("resctrl")
def test_class_of_service_is_made_only_if_that_is_supported(container: MakeContainer, name: str) -> None:
    supported, group = class_of_service(container, name)
    assert group.is_dir() == supported, str(group)


@requirement("features_linux.intel_rdt.monitoring")
@needs("resctrl")
def test_container_is_monitored_only_if_that_is_supported(container: MakeContainer) -> None:
    supported, group = class_of_service(container, "monitoring")
    assert any(group.glob("mon_groups/*")) == supported, str(group)


# Memory policies


def refused_policies(container: MakeContainer, policies: dict[str, dict[str, Any]]) -> list[str]:
    """The names of those policies with which no program runs."""
    found = []
    for name, policy in policies.items():
        one = container(linux={"memoryPolicy": policy})
        if not one.attempt_create().ok or not one.attempt("start").ok:
            found.append(name)
    return found


@requirement("features_linux.memory_policy.modes.recognized")
@needs("memory_policy")
def test_modes_of_memory_policies_that_are_listed_are_recognized(container: MakeContainer) -> None:
    listed = some_names(container().features(), "linux", "memoryPolicy", "modes")
    # Another mode than these, such as one of nobody, is to be recognized, too.
    modes = [mode for mode in listed if mode not in OF_LATER_KERNELS]
    found = refused_policies(
        container,
        {mode: {"mode": mode, **({} if mode in WITHOUT_NODES else {"nodes": allowed_node()})} for mode in modes},
    )
    assert not found, f"no program runs with {', '.join(found)}"


@requirement("features_linux.memory_policy.flags.recognized")
@needs("memory_policy")
def test_flags_of_memory_policies_that_are_listed_are_recognized(container: MakeContainer) -> None:
    listed = some_names(container().features(), "linux", "memoryPolicy", "flags")
    found = refused_policies(
        container, {flag: {"mode": "MPOL_BIND", "nodes": allowed_node(), "flags": [flag]} for flag in listed}
    )
    assert not found, f"no program runs with {', '.join(found)}"


def allowed_node() -> str:
    """A memory node that the suite may use, and so the container."""
    status_ = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    listed = next(line.split()[1] for line in status_.splitlines() if line.startswith("Mems_allowed_list:"))
    return listed.replace(",", "-").split("-")[0]


# Mount extensions


@requirement("features_linux.mount_extensions.idmap", "features_linux.mount_extensions.idmap.partial")
@needs("kernel.idmapped_mounts", "namespace.user")
def test_ids_of_mounts_are_mapped_only_if_that_is_supported(container: MakeContainer) -> None:
    # The mappings that even those take that do not take all.
    one = container(
        files={"/source/file": ""},
        program=attempting(["stat", "/srv/file"]),
        **UNSUPPORTED["mountExtensions.idmap.enabled"],
    )
    one.configure(
        mounts=[
            {**mount, "source": "rootfs/source"} if mount["destination"] == MAPPED["destination"] else mount
            for mount in one.config["mounts"]
        ]
    )
    enabled = status(one.features(), "linux", "mountExtensions", "idmap", "enabled")
    invocation = one.attempt_create()
    if enabled and not invocation.ok:
        raise Unsupported("a mount whose IDs are mapped as the user namespace has it", invocation)
    is_mapped = invocation.ok and one.start().attempts()[0].status.uid == 0
    assert is_mapped == enabled
