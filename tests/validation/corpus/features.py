"""Documents on features.md and features-linux.md."""

from __future__ import annotations

import json
from typing import Any, Literal

from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]

ACTIONS = tuple(
    f"SCMP_ACT_{name}"
    for name in ("ALLOW", "ERRNO", "KILL", "KILL_PROCESS", "KILL_THREAD", "LOG", "NOTIFY", "TRACE", "TRAP")
)
OPERATORS = tuple(f"SCMP_CMP_{name}" for name in ("EQ", "GE", "GT", "LE", "LT", "MASKED_EQ", "NE"))
FLAGS = tuple(f"SECCOMP_FILTER_FLAG_{name}" for name in ("TSYNC", "SPEC_ALLOW", "LOG"))
MODES = tuple(
    f"MPOL_{name}"
    for name in ("DEFAULT", "BIND", "INTERLEAVE", "WEIGHTED_INTERLEAVE", "PREFERRED", "PREFERRED_MANY", "LOCAL")
)

LINUX = {
    "namespaces": ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"],
    "capabilities": ["CAP_CHOWN", "CAP_BPF", "CAP_CHECKPOINT_RESTORE"],
    "cgroup": {"v1": True, "v2": True, "systemd": True, "systemdUser": False, "rdma": True},
    "seccomp": {
        "enabled": True,
        "actions": [*ACTIONS],
        "operators": [*OPERATORS],
        "archs": ["SCMP_ARCH_X86_64", "SCMP_ARCH_RISCV64"],
        "knownFlags": [*FLAGS],
        "supportedFlags": [FLAGS[0]],
    },
    "apparmor": {"enabled": True},
    "selinux": {"enabled": False},
    "memoryPolicy": {"modes": [*MODES], "flags": ["MPOL_F_NUMA_BALANCING", "MPOL_F_STATIC_NODES"]},
    "intelRdt": {"enabled": True, "schemata": True, "monitoring": False},
    "mountExtensions": {"idmap": {"enabled": True}},
    "netDevices": {"enabled": True},
}
HOOKS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")


def valid(name: str, changes: Change, *conforms: str, text: str | None = None) -> Valid:
    """A valid structure; the requirements begin with `linux_` for those of features-linux.md."""
    return Valid(name, changes, conforms=_ids(conforms), kind="features", text=text)


def invalid(name: str, changes: Change, rule: str, path: str, *breaks: str, text: str | None = None) -> Invalid:
    """A structure with an error."""
    return Invalid(name, changes, rule, f"${path}", _ids(breaks), kind="features", text=text)


def warned(
    name: str, changes: Change, rule: str, path: str, *breaks: str, severity: Literal["warning", "note"] = "warning"
) -> Warned:
    """A structure with something doubtful."""
    return Warned(name, changes, rule, f"${path}", _ids(breaks), severity, kind="features")


def noted(name: str, changes: Change, rule: str, path: str) -> Warned:
    """A structure with something that people should know."""
    return warned(name, changes, rule, path, severity="note")


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"features_linux.{name[6:]}" if name.startswith("linux_") else f"features.{name}" for name in names)


def linux(**properties: Any) -> Change:
    """A structure with these properties of Linux."""
    return {"linux": properties}


def seccomp(**properties: Any) -> Change:
    """A structure with these properties of seccomp."""
    return linux(seccomp=properties)


def nothing(*names: str) -> str:
    """A structure that has null for these properties, which a merge patch would remove."""
    return json.dumps({"ociVersionMin": "1.0.0", "ociVersionMax": "1.3.0", **dict.fromkeys(names)})


VALID = [
    valid(
        "features without anything but the versions",
        {},
        *("form", "oci_version_min.required", "oci_version_max.required"),
        *("oci_versions.semver", "oci_version_max.order"),
    ),
    valid(
        "all features",
        {
            "hooks": [*HOOKS],
            "mountOptions": ["ro", "rro", "bind", "acl", "tmpcopyup", "idmap", "copy-symlink"],
            "linux": LINUX,
            "annotations": {"io.github.seccomp.libseccomp.version": "2.5.4", "org.opencontainers.runc.version": ""},
            "potentiallyUnsafeConfigAnnotations": ["com.example.foo.bar", "org.systemd.property.", "bundle"],
        },
        *("hooks.form", "mount_options.form", "mount_options.generic", "linux.form", "properties.defined"),
        *("annotations.form", "annotations.convention", "annotations.reverse_domain", "unsafe_annotations.form"),
        *(f"linux_{one}.form" for one in ("namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux")),
        *(f"linux_{one}.form" for one in ("memory_policy", "intel_rdt", "intel_rdt.schemata", "intel_rdt.monitoring")),
        *("linux_mount_extensions.form", "linux_net_devices.form", "linux_seccomp.supported_flags.known"),
    ),
    valid(
        "features that are null",
        {},
        *("hooks.form", "mount_options.form", "linux.form", "annotations.form", "unsafe_annotations.form"),
        text=nothing("hooks", "mountOptions", "linux", "annotations", "potentiallyUnsafeConfigAnnotations"),
    ),
    valid(
        "features of Linux that are null",
        {},
        *("linux_namespaces.form", "linux_cgroup.form", "linux_seccomp.form", "linux_mount_extensions.form"),
        text=json.dumps({"ociVersionMin": "1.0.0", "ociVersionMax": "1.3.0", "linux": dict.fromkeys(LINUX)}),
    ),
    valid(
        "features of the features of Linux that are null",
        {},
        *("linux_cgroup.form", "linux_seccomp.form", "linux_intel_rdt.form", "linux_memory_policy.form"),
        text=json.dumps(
            {
                "ociVersionMin": "1.0.0",
                "ociVersionMax": "1.3.0",
                "linux": {
                    name: dict.fromkeys(value) if isinstance(value, dict) else None for name, value in LINUX.items()
                },
            }
        ),
    ),
    valid("features that are empty", {"hooks": [], "linux": {}, "annotations": {}}, "hooks.form", "linux.form"),
    valid("one version", {"ociVersionMin": "1.3.0"}, "oci_version_max.order"),
    valid(
        "versions that text would order otherwise",
        {"ociVersionMin": "1.0.9", "ociVersionMax": "1.0.10"},
        "oci_version_max.order",
    ),
    valid(
        "release after its candidate",
        {"ociVersionMin": "1.1.0-rc.9", "ociVersionMax": "1.1.0"},
        "oci_version_max.order",
    ),
    valid(
        "candidates in their order",
        {"ociVersionMin": "1.1.0-rc.9", "ociVersionMax": "1.1.0-rc.10"},
        "oci_version_max.order",
    ),
    valid(
        "longer candidate after a shorter one",
        {"ociVersionMin": "1.1.0-rc", "ociVersionMax": "1.1.0-rc.1"},
        "oci_version_max.order",
    ),
    valid(
        "development after the release, as the specification has it",
        {"ociVersionMin": "1.0.2", "ociVersionMax": "1.0.2-dev"},
        *("oci_version_max.order", "oci_versions.semver"),
    ),
    valid("metadata of a build", {"ociVersionMin": "1.3.0+b", "ociVersionMax": "1.3.0+a"}, "oci_version_max.order"),
    valid(
        "development with what the next release defines",
        {"ociVersionMax": "1.1.0+dev", **linux(mountExtensions={"idmap": {"enabled": True}})},
        "properties.defined",
    ),
    valid(
        "properties of an older version",
        {"ociVersionMax": "1.1.0", "linux": {"cgroup": {"rdma": True}, "intelRdt": {"enabled": True}}},
        "properties.defined",
    ),
    valid(
        "newer property that is null",
        {},
        "properties.defined",
        text=json.dumps({"ociVersionMin": "1.0.0", "ociVersionMax": "1.1.0", "linux": {"netDevices": None}}),
    ),
    valid(
        "flags without those that are known", seccomp(supportedFlags=[*FLAGS]), "linux_seccomp.supported_flags.known"
    ),
    valid("all flags supported", seccomp(knownFlags=[*FLAGS], supportedFlags=[*FLAGS]), "linux_seccomp.form"),
]

INVALID = [
    invalid("features as a list", {}, "schema.type", "", "form", text='["hooks"]'),
    invalid("features that are null as a whole", {}, "schema.type", "", "form", text="null"),
    invalid(
        "features without the lowest version",
        {"ociVersionMin": None},
        *("schema.required", ".ociVersionMin", "oci_version_min.required"),
    ),
    invalid(
        "features without the highest version",
        {"ociVersionMax": None},
        *("schema.required", ".ociVersionMax", "oci_version_max.required"),
    ),
    invalid(
        "lowest version that is null",
        {},
        *("schema.type", ".ociVersionMin", "oci_versions.semver"),
        text='{"ociVersionMin": null, "ociVersionMax": "1.3.0"}',
    ),
    invalid(
        "highest version that is null",
        {},
        *("schema.type", ".ociVersionMax", "oci_versions.semver"),
        text='{"ociVersionMin": "1.0.0", "ociVersionMax": null}',
    ),
    invalid(
        "lowest version as a number", {"ociVersionMin": 1.0}, "schema.type", ".ociVersionMin", "oci_versions.semver"
    ),
    *(
        invalid(
            f"highest version {called}",
            {"ociVersionMax": version},
            *("schema.pattern", ".ociVersionMax", "oci_versions.semver"),
        )
        for called, version in (
            ("of two numbers", "1.3"),
            ("with a v", "v1.3.0"),
            ("in words", "latest"),
            ("that is empty", ""),
            ("with a zero in front", "1.03.0"),
        )
    ),
    *(
        invalid(
            f"highest version {highest} below the lowest {lowest}",
            {"ociVersionMin": lowest, "ociVersionMax": highest},
            *("features.order", ".ociVersionMax", "oci_version_max.order"),
        )
        for lowest, highest in (
            ("1.1.0", "1.0.0"),
            ("1.0.10", "1.0.9"),
            ("1.2.0", "1.1.9"),
            ("1.1.0", "1.1.0-rc.2"),
            ("1.1.0-rc.10", "1.1.0-rc.9"),
            ("1.1.0-rc.1", "1.1.0-rc"),
            ("1.1.0-rc.1", "1.1.0-beta.2"),
            ("1.1.0-rc.one", "1.1.0-rc.1"),
        )
    ),
    *(
        invalid(
            f"newer property {path} of features of {version}",
            {"ociVersionMax": version, **changes},
            *("features.defined", path, "properties.defined"),
        )
        for version, path, changes in (
            ("1.1.0", ".potentiallyUnsafeConfigAnnotations", {"potentiallyUnsafeConfigAnnotations": []}),
            ("1.1.0", ".linux.mountExtensions", linux(mountExtensions={})),
            ("1.2.1", ".linux.netDevices", linux(netDevices={"enabled": False})),
            ("1.2.1", ".linux.memoryPolicy", linux(memoryPolicy={})),
            ("1.2.1-dev", ".linux.unknown", linux(unknown=True)),
            ("1.2.0", ".linux.intelRdt.schemata", linux(intelRdt={"enabled": True, "schemata": True})),
            ("1.1.0-rc.2", ".linux.intelRdt.monitoring", linux(intelRdt={"monitoring": False})),
            ("1.1.0+dev", ".linux.netDevices", linux(netDevices={})),
        )
    ),
    invalid("unknown property", {"freebsd": {}}, "features.defined", ".freebsd", "properties.defined"),
    invalid(
        "property of the vendor",
        {"org.example.features": True},
        *("features.defined", "['org.example.features']", "properties.defined"),
    ),
    invalid("property with a slip", {"mountOption": ["ro"]}, "features.defined", ".mountOption", "properties.defined"),
    invalid("property in upper case", {"Hooks": []}, "features.defined", ".Hooks", "properties.defined"),
    invalid(
        "unknown property of Linux", linux(landlock={}), "features.defined", ".linux.landlock", "properties.defined"
    ),
    invalid(
        "unknown manager of cgroups",
        linux(cgroup={"v2": True, "cgroupfs": True}),
        *("features.defined", ".linux.cgroup.cgroupfs", "properties.defined"),
    ),
    invalid(
        "unknown mount extension",
        linux(mountExtensions={"idmap": {"enabled": True, "recursive": True}}),
        *("features.defined", ".linux.mountExtensions.idmap.recursive", "properties.defined"),
    ),
    invalid("hooks by their names", {"hooks": {"prestart": True}}, "schema.type", ".hooks", "hooks.form"),
    invalid("one hook as a text", {"hooks": "prestart"}, "schema.type", ".hooks", "hooks.form"),
    invalid("hook as an object", {"hooks": [{"name": "prestart"}]}, "schema.type", ".hooks[0]", "hooks.form"),
    invalid("hook that is null", {"hooks": ["prestart", None]}, "schema.type", ".hooks[1]", "hooks.form"),
    invalid(
        "mount options in one text", {"mountOptions": "ro,rw"}, "schema.type", ".mountOptions", "mount_options.form"
    ),
    invalid("mount option as a number", {"mountOptions": [1]}, "schema.type", ".mountOptions[0]", "mount_options.form"),
    invalid("support of Linux as a boolean", {"linux": True}, "schema.type", ".linux", "linux.form"),
    invalid("list of features of Linux", {"linux": ["namespaces"]}, "schema.type", ".linux", "linux.form"),
    invalid("list of annotations", {"annotations": ["a=b"]}, "schema.type", ".annotations", "annotations.form"),
    invalid(
        "annotation that is true",
        {"annotations": {"org.example.checkpoint": True}},
        *("schema.type", ".annotations['org.example.checkpoint']", "annotations.convention"),
    ),
    invalid(
        "annotation of a runtime that is an object",
        {"annotations": {"org.example.version": {"major": 1}}},
        *("schema.type", ".annotations['org.example.version']", "annotations.convention"),
    ),
    invalid(
        "annotation with an empty key",
        {"annotations": {"": "1"}},
        *("schema.minLength", ".annotations['']", "annotations.convention"),
    ),
    invalid(
        "unsafe annotations with their values",
        {"potentiallyUnsafeConfigAnnotations": {"org.example.a": "b"}},
        *("schema.type", ".potentiallyUnsafeConfigAnnotations", "unsafe_annotations.form"),
    ),
    invalid(
        "unsafe annotation that is no text",
        {"potentiallyUnsafeConfigAnnotations": [True]},
        *("schema.type", ".potentiallyUnsafeConfigAnnotations[0]", "unsafe_annotations.form"),
    ),
    invalid(
        "namespaces as a config has them",
        linux(namespaces=[{"type": "pid"}]),
        *("schema.type", ".linux.namespaces[0]", "linux_namespaces.form"),
    ),
    invalid(
        "namespaces by their names",
        linux(namespaces={"pid": True}),
        *("schema.type", ".linux.namespaces", "linux_namespaces.form"),
    ),
    invalid(
        "capabilities as a number",
        linux(capabilities=41),
        *("schema.type", ".linux.capabilities", "linux_capabilities.form"),
    ),
    invalid(
        "capability by its number",
        linux(capabilities=[21]),
        *("schema.type", ".linux.capabilities[0]", "linux_capabilities.form"),
    ),
    invalid("list of versions of cgroups", linux(cgroup=["v1"]), "schema.type", ".linux.cgroup", "linux_cgroup.form"),
    *(
        invalid(
            f"{name} of cgroups as {called}",
            linux(cgroup={name: value}),
            "schema.type",
            f".linux.cgroup.{name}",
            "linux_cgroup.form",
        )
        for name, called, value in (
            ("v1", "a text", "true"),
            ("v2", "a number", 1),
            ("systemd", "an object", {"enabled": True}),
            ("systemdUser", "a text", "no"),
            ("rdma", "a list", []),
        )
    ),
    invalid("seccomp as a boolean", linux(seccomp=True), "schema.type", ".linux.seccomp", "linux_seccomp.form"),
    invalid(
        "seccomp enabled by a text",
        seccomp(enabled="yes"),
        "schema.type",
        ".linux.seccomp.enabled",
        "linux_seccomp.form",
    ),
    *(
        invalid(
            f"{name} of seccomp as {called}",
            seccomp(**{name: value}),
            "schema.type",
            f".linux.seccomp.{name}{below}",
            "linux_seccomp.form",
        )
        for name, called, value, below in (
            ("actions", "a text", "SCMP_ACT_ALLOW", ""),
            ("operators", "an object", {"SCMP_CMP_EQ": True}, ""),
            ("archs", "numbers", [3221225534], "[0]"),
            ("knownFlags", "a number", 7, ""),
            ("supportedFlags", "objects", [{}], "[0]"),
        )
    ),
    invalid(
        "flag that is supported and not known",
        seccomp(knownFlags=[FLAGS[0]], supportedFlags=[FLAGS[0], FLAGS[2]]),
        *("features.supported_flags", ".linux.seccomp.supportedFlags[1]", "linux_seccomp.supported_flags.known"),
    ),
    invalid(
        "supported flag where none is known",
        seccomp(knownFlags=[], supportedFlags=[FLAGS[1]]),
        *("features.supported_flags", ".linux.seccomp.supportedFlags[0]", "linux_seccomp.supported_flags.known"),
    ),
    invalid("AppArmor as a boolean", linux(apparmor=True), "schema.type", ".linux.apparmor", "linux_apparmor.form"),
    invalid(
        "AppArmor enabled by a number",
        linux(apparmor={"enabled": 1}),
        "schema.type",
        ".linux.apparmor.enabled",
        "linux_apparmor.form",
    ),
    invalid("SELinux as a text", linux(selinux="enforcing"), "schema.type", ".linux.selinux", "linux_selinux.form"),
    invalid(
        "SELinux enabled by a text",
        linux(selinux={"enabled": "true"}),
        "schema.type",
        ".linux.selinux.enabled",
        "linux_selinux.form",
    ),
    invalid(
        "list of memory policies",
        linux(memoryPolicy=[*MODES]),
        "schema.type",
        ".linux.memoryPolicy",
        "linux_memory_policy.form",
    ),
    invalid(
        "mode as a text",
        linux(memoryPolicy={"modes": MODES[0]}),
        "schema.type",
        ".linux.memoryPolicy.modes",
        "linux_memory_policy.form",
    ),
    invalid(
        "flags as a number",
        linux(memoryPolicy={"flags": 3}),
        "schema.type",
        ".linux.memoryPolicy.flags",
        "linux_memory_policy.form",
    ),
    invalid("RDT as a boolean", linux(intelRdt=False), "schema.type", ".linux.intelRdt", "linux_intel_rdt.form"),
    invalid(
        "RDT enabled by a text",
        linux(intelRdt={"enabled": ""}),
        "schema.type",
        ".linux.intelRdt.enabled",
        "linux_intel_rdt.form",
    ),
    invalid(
        "schemata of RDT",
        linux(intelRdt={"schemata": ["L3"]}),
        "schema.type",
        ".linux.intelRdt.schemata",
        "linux_intel_rdt.schemata.form",
    ),
    invalid(
        "monitoring as a number",
        linux(intelRdt={"monitoring": 0}),
        "schema.type",
        ".linux.intelRdt.monitoring",
        "linux_intel_rdt.monitoring.form",
    ),
    invalid(
        "list of mount extensions",
        linux(mountExtensions=["idmap"]),
        "schema.type",
        ".linux.mountExtensions",
        "linux_mount_extensions.form",
    ),
    invalid(
        "id-mapped mounts as a boolean",
        linux(mountExtensions={"idmap": True}),
        "schema.type",
        ".linux.mountExtensions.idmap",
        "linux_mount_extensions.form",
    ),
    invalid(
        "partial id-mapped mounts",
        linux(mountExtensions={"idmap": {"enabled": "partial"}}),
        "schema.type",
        ".linux.mountExtensions.idmap.enabled",
        "linux_mount_extensions.form",
    ),
    invalid(
        "network devices as a boolean",
        linux(netDevices=True),
        "schema.type",
        ".linux.netDevices",
        "linux_net_devices.form",
    ),
    invalid(
        "network devices enabled by a text",
        linux(netDevices={"enabled": "true"}),
        "schema.type",
        ".linux.netDevices.enabled",
        "linux_net_devices.form",
    ),
]

WARNED = [
    warned(
        "mount option of tmpfs",
        {"mountOptions": ["ro", "size"]},
        "features.mount_options",
        ".mountOptions[1]",
        "mount_options.generic",
    ),
    warned(
        "mount option with a value",
        {"mountOptions": ["subtype=foo"]},
        "features.mount_options",
        ".mountOptions[0]",
        "mount_options.generic",
    ),
    warned(
        "annotation that is no reverse domain name",
        {"annotations": {"version": "1.1.0"}},
        *("features.reverse_domain", ".annotations.version", "annotations.reverse_domain"),
    ),
    noted(
        "features of a newer version", {"ociVersionMax": "1.4.0", "future": True}, "features.newer", ".ociVersionMax"
    ),
    noted("hook that nobody knows", {"hooks": ["preStart"]}, "features.known", ".hooks[0]"),
    noted("namespace by its short name", linux(namespaces=["mnt"]), "features.known", ".linux.namespaces[0]"),
    noted("namespace in upper case", linux(namespaces=["PID"]), "features.known", ".linux.namespaces[0]"),
    noted("capability without its prefix", linux(capabilities=["CHOWN"]), "features.known", ".linux.capabilities[0]"),
    noted("action in lower case", seccomp(actions=["scmp_act_allow"]), "features.known", ".linux.seccomp.actions[0]"),
    noted("operator by its sign", seccomp(operators=["=="]), "features.known", ".linux.seccomp.operators[0]"),
    noted("architecture as uname has it", seccomp(archs=["x86_64"]), "features.known", ".linux.seccomp.archs[0]"),
    noted(
        "flag of a newer kernel",
        seccomp(knownFlags=["SECCOMP_FILTER_FLAG_NEW"]),
        "features.known",
        ".linux.seccomp.knownFlags[0]",
    ),
    noted(
        "mode without its prefix",
        linux(memoryPolicy={"modes": ["BIND"]}),
        "features.known",
        ".linux.memoryPolicy.modes[0]",
    ),
    noted("hook that is listed twice", {"hooks": ["poststop", "poststop"]}, "features.duplicate", ".hooks[1]"),
    noted(
        "mount option that is listed twice",
        {"mountOptions": ["ro", "rw", "ro"]},
        "features.duplicate",
        ".mountOptions[2]",
    ),
    noted(
        "unsafe annotations by a pattern",
        {"potentiallyUnsafeConfigAnnotations": ["org.systemd.property.*"]},
        *("features.unsafe_annotations", ".potentiallyUnsafeConfigAnnotations[0]"),
    ),
    noted(
        "unsafe annotation without a name",
        {"potentiallyUnsafeConfigAnnotations": [""]},
        *("features.unsafe_annotations", ".potentiallyUnsafeConfigAnnotations[0]"),
    ),
]
