"""Documents on config-linux.md: namespaces, the cgroup, the root filesystem, and how the rows of the others are made."""

from __future__ import annotations

from typing import Any, Literal

from conformance.bundle.config import namespaces_with
from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]
USER = namespaces_with({"type": "user"})
TIME = namespaces_with({"type": "time"})
MAPPING = {"containerID": 0, "hostID": 100000, "size": 65536}
MAPPED: Change = {"namespaces": USER, "uidMappings": [MAPPING], "gidMappings": [MAPPING]}


def valid(name: str, changes: Change, *conforms: str, top: Change | None = None) -> Valid:
    """A valid `linux`; the requirements are named without the document."""
    return Valid(name, {"linux": changes, **(top or {})}, conforms=_ids(conforms))


def invalid(name: str, changes: Change, rule: str, path: str, *breaks: str) -> Invalid:
    """A `linux` with an error; the path is the one below it, too."""
    return Invalid(name, {"linux": changes}, rule, f"$.linux.{path}", _ids(breaks))


def warned(
    name: str,
    changes: Change,
    rule: str,
    path: str,
    *breaks: str,
    severity: Literal["warning", "note"] = "warning",
    top: Change | None = None,
) -> Warned:
    """A `linux` with something doubtful."""
    whole = path if path.startswith("$") else f"$.linux.{path}"
    return Warned(name, {"linux": changes, **(top or {})}, rule, whole, _ids(breaks), severity)


def noted(name: str, changes: Change, rule: str, path: str, *breaks: str, top: Change | None = None) -> Warned:
    """A `linux` with something that people should know."""
    return warned(name, changes, rule, path, *breaks, severity="note", top=top)


def newer(name: str, version: str, changes: Change, path: str) -> Warned:
    """A `linux` with something that came after the version of the document."""
    return warned(name, changes, "version.newer", path, top={"ociVersion": version})


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"config_linux.{name}" for name in names)


def types(*more: Any) -> Change:
    """`namespaces` that are those of the base, and then some."""
    return {"namespaces": [*namespaces_with(), *more]}


def mapped(*mappings: Any) -> Change:
    """A new user namespace with these mappings of users."""
    return {**MAPPED, "uidMappings": [*mappings]}


def offsets(clocks: Any) -> Change:
    """A new time namespace with these offsets."""
    return {"namespaces": TIME, "timeOffsets": clocks}


VALID = [
    valid("linux without anything", {"namespaces": None}, top={"hostname": None}),
    valid(
        "namespaces of all types",
        {"namespaces": [{"type": one} for one in ("pid", "network", "mount", "ipc", "uts", "cgroup", "time")]},
        *("namespaces.form", "namespaces.type.required", "namespaces.type.known", "namespaces.duplicate"),
    ),
    valid(
        "namespace to join",
        {"namespaces": namespaces_with({"type": "network", "path": "/var/run/netns/one"})},
        *("namespaces.path.absolute", "namespaces.path.type"),
    ),
    valid(
        "namespace of children to join",
        {"namespaces": namespaces_with({"type": "pid", "path": "/proc/1/ns/pid_for_children"})},
        "namespaces.path.type",
    ),
    valid(
        "namespace to join by a path that does not tell its type",
        {"namespaces": namespaces_with({"type": "pid", "path": "/containers/net"})},
        "namespaces.path.type",
    ),
    valid("no namespaces", {"namespaces": []}, "namespaces.form", top={"hostname": None}),
    valid(
        "mappings of a new user namespace",
        MAPPED,
        *(f"id_mappings.{one}" for one in ("form", "user_namespace", "size.positive", "range", "disjoint")),
        *(f"id_mappings.{one}.required" for one in ("container_id", "host_id", "size")),
    ),
    valid(
        "mappings of a joined user namespace",
        {**MAPPED, "namespaces": namespaces_with({"type": "user", "path": "/proc/1/ns/user"})},
        "id_mappings.user_namespace",
    ),
    valid("joined user namespace without mappings", types({"type": "user", "path": "/proc/1/ns/user"})),
    valid("empty mappings without a user namespace", {"uidMappings": [], "gidMappings": []}),
    valid(
        "mappings that touch each other",
        mapped(
            {"containerID": 1000, "hostID": 0, "size": 1},
            {"containerID": 0, "hostID": 1, "size": 1000},
            {"containerID": 1001, "hostID": 1001, "size": 64535},
        ),
        "id_mappings.disjoint",
    ),
    valid(
        "mapping of all IDs",
        mapped({"containerID": 0, "hostID": 0, "size": 4294967295}),
        "id_mappings.range",
    ),
    valid(
        "mapping that ends with the last ID",
        mapped(MAPPING, {"containerID": 4294967294, "hostID": 4294967294, "size": 1}),
        "id_mappings.range",
    ),
    valid(
        "offsets of both clocks",
        offsets({"monotonic": {"secs": 172800, "nanosecs": 0}, "boottime": {"secs": -604800, "nanosecs": 999999999}}),
        *(f"time_offsets.{one}" for one in ("form", "clock", "nanosecs", "time_namespace")),
    ),
    valid("offsets without numbers", offsets({"monotonic": {}}), "time_offsets.form"),
    valid("no offsets, and no time namespace", {"timeOffsets": {}}, "time_offsets.time_namespace"),
    valid("absolute path of cgroups", {"cgroupsPath": "/myRuntime/myContainer"}, "cgroups_path.form"),
    valid("relative path of cgroups", {"cgroupsPath": "pods/one"}, "cgroups_path.form"),
    valid("path of cgroups for systemd", {"cgroupsPath": "system.slice:runtime:one"}, "cgroups_path.form"),
    *(
        valid(f"root mount that is {one}", {"rootfsPropagation": one}, "rootfs_propagation.known")
        for one in ("shared", "slave", "private", "unbindable")
    ),
    valid(
        "masked and read-only paths",
        {"maskedPaths": ["/proc/kcore", "/proc/keys"], "readonlyPaths": ["/proc/sys"]},
        *(f"{kind}_paths.{one}" for kind in ("masked", "readonly") for one in ("form", "absolute")),
    ),
    valid("no masked and read-only paths", {"maskedPaths": [], "readonlyPaths": []}),
    valid("mount label", {"mountLabel": "system_u:object_r:svirt_sandbox_file_t:s0:c715,c811"}, "mount_label"),
    valid("properties of linux that nobody knows", {"org.example.thing": None, "somethingElse": {"deep": [1]}}),
]

INVALID = [
    # Namespaces
    invalid(
        "namespaces that are an object", {"namespaces": {"pid": {}}}, "schema.type", "namespaces", "namespaces.form"
    ),
    invalid("namespace that is a string", types("cgroup"), "schema.type", "namespaces[5]", "namespaces.form"),
    invalid(
        "namespace without a type",
        types({"path": "/proc/1/ns/user"}),
        *("schema.required", "namespaces[5].type", "namespaces.type.required"),
    ),
    *(
        invalid(
            f"namespace of the type {type_!r}",
            types({"type": type_}),
            *("schema.enum", "namespaces[5].type", "namespaces.type.known"),
        )
        for type_ in ("mnt", "net", "PID", "users", "cgroup2", "CLONE_NEWUSER", "", " user")
    ),
    invalid(
        "namespace whose type is a number", types({"type": 1}), "schema.type", "namespaces[5].type", "namespaces.form"
    ),
    invalid(
        "namespace whose type is a list",
        types({"type": ["user"]}),
        "schema.type",
        "namespaces[5].type",
        "namespaces.form",
    ),
    *(
        invalid(
            f"namespace with the path {path!r}",
            types({"type": "cgroup", "path": path}),
            *("schema.pattern", "namespaces[5].path", "namespaces.path.absolute"),
        )
        for path in ("", "proc/1/ns/cgroup", "./ns", "1234")
    ),
    invalid(
        "namespace whose path is a process",
        types({"type": "cgroup", "path": 1234}),
        *("schema.type", "namespaces[5].path", "namespaces.form"),
    ),
    invalid(
        "namespace with the path of another type",
        {"namespaces": namespaces_with({"type": "pid", "path": "/proc/1234/ns/net"})},
        *("namespaces.path_type", "namespaces[4].path", "namespaces.path.type"),
    ),
    invalid(
        "namespace with the path of another type of the runtime",
        {"namespaces": namespaces_with({"type": "mount", "path": "/proc/self/ns/pid_for_children"})},
        *("namespaces.path_type", "namespaces[4].path", "namespaces.path.type"),
    ),
    invalid(
        "namespace twice", types({"type": "pid"}), "namespaces.duplicate", "namespaces[5].type", "namespaces.duplicate"
    ),
    invalid(
        "namespace twice, once to join",
        types({"type": "network", "path": "/var/run/netns/one"}),
        *("namespaces.duplicate", "namespaces[5].type", "namespaces.duplicate"),
    ),
    # Mappings
    invalid(
        "mappings that are an object",
        {**MAPPED, "uidMappings": MAPPING},
        "schema.type",
        "uidMappings",
        "id_mappings.form",
    ),
    invalid("mapping that is text", mapped("0 100000 65536"), "schema.type", "uidMappings[0]", "id_mappings.form"),
    *(
        invalid(
            f"mapping without {name}",
            {**MAPPED, "gidMappings": [{key: value for key, value in MAPPING.items() if key != name}]},
            *("schema.required", f"gidMappings[0].{name}", f"id_mappings.{one}.required"),
        )
        for name, one in (("containerID", "container_id"), ("hostID", "host_id"), ("size", "size"))
    ),
    *(
        invalid(
            f"mapping with the {name} {value!r}",
            mapped({**MAPPING, name: value}),
            *(f"schema.{keyword}", f"uidMappings[0].{name}", f"id_mappings.{one}"),
        )
        for name, value, keyword, one in (
            ("containerID", "0", "type", "form"),
            ("containerID", -1, "minimum", "form"),
            ("containerID", 4294967295, "maximum", "range"),
            ("hostID", None, "type", "form"),
            ("hostID", 1.5, "type", "form"),
            ("hostID", -100000, "minimum", "form"),
            ("hostID", 4294967296, "maximum", "range"),
            ("size", 0, "minimum", "size.positive"),
            ("size", -1, "minimum", "size.positive"),
            ("size", 4294967296, "maximum", "form"),
            ("size", "65536", "type", "form"),
        )
    ),
    invalid(
        "mapping beyond the last ID of the container",
        mapped(MAPPING, {"containerID": 4294967294, "hostID": 0, "size": 2}),
        *("mappings.range", "uidMappings[1].size", "id_mappings.range"),
    ),
    invalid(
        "mapping beyond the last ID of the host",
        {**MAPPED, "gidMappings": [{"containerID": 0, "hostID": 4294967290, "size": 6}]},
        *("mappings.range", "gidMappings[0].size", "id_mappings.range"),
    ),
    invalid(
        "mappings that overlap in the container",
        mapped(MAPPING, {"containerID": 65535, "hostID": 1000, "size": 1}),
        *("mappings.overlap", "uidMappings[1]", "id_mappings.disjoint"),
    ),
    invalid(
        "mappings that overlap on the host",
        {**MAPPED, "gidMappings": [{"containerID": 70000, "hostID": 165535, "size": 10}, MAPPING]},
        *("mappings.overlap", "gidMappings[1]", "id_mappings.disjoint"),
    ),
    invalid("mapping twice", mapped(MAPPING, MAPPING), "mappings.overlap", "uidMappings[1]", "id_mappings.disjoint"),
    invalid(
        "mapping within another",
        mapped(MAPPING, {"containerID": 70000, "hostID": 0, "size": 1}, {"containerID": 5, "hostID": 5, "size": 1}),
        *("mappings.overlap", "uidMappings[2]", "id_mappings.disjoint"),
    ),
    invalid(
        "mappings without a user namespace",
        {"uidMappings": [MAPPING], "gidMappings": [MAPPING]},
        *("mappings.user_namespace", "uidMappings", "id_mappings.user_namespace"),
    ),
    invalid(
        "mappings of groups without a user namespace",
        {"gidMappings": [MAPPING]},
        *("mappings.user_namespace", "gidMappings", "id_mappings.user_namespace"),
    ),
    Invalid(
        "mappings without namespaces",
        {"hostname": None, "linux": {"namespaces": None, "uidMappings": [MAPPING], "gidMappings": [MAPPING]}},
        "mappings.user_namespace",
        "$.linux.uidMappings",
        ("config_linux.id_mappings.user_namespace",),
    ),
    # Offsets of clocks
    invalid("offsets that are a number", offsets(5), "schema.type", "timeOffsets", "time_offsets.form"),
    invalid(
        "offset that is a number", offsets({"boottime": 5}), "schema.type", "timeOffsets.boottime", "time_offsets.form"
    ),
    *(
        invalid(
            f"offset of the clock {clock!r}",
            offsets({clock: {"secs": 1}}),
            *("schema.enum", path, "time_offsets.clock"),
        )
        for clock, path in (
            ("realtime", "timeOffsets.realtime"),
            ("Monotonic", "timeOffsets.Monotonic"),
            ("CLOCK_MONOTONIC", "timeOffsets.CLOCK_MONOTONIC"),
            ("boot-time", "timeOffsets['boot-time']"),
            ("1", "timeOffsets['1']"),
        )
    ),
    *(
        invalid(
            f"offset with the {name} {value!r}",
            offsets({"monotonic": {name: value}}),
            *(f"schema.{keyword}", f"timeOffsets.monotonic.{name}", f"time_offsets.{one}"),
        )
        for name, value, keyword, one in (
            ("secs", "86400", "type", "form"),
            ("secs", 0.5, "type", "form"),
            ("secs", 2**63, "maximum", "form"),
            ("secs", -(2**63) - 1, "minimum", "form"),
            ("nanosecs", -1, "minimum", "form"),
            ("nanosecs", True, "type", "form"),
            ("nanosecs", 1000000000, "maximum", "nanosecs"),
            ("nanosecs", 4294967296, "maximum", "nanosecs"),
        )
    ),
    invalid(
        "offsets without a time namespace",
        {"timeOffsets": {"monotonic": {"secs": 1}}},
        *("time_offsets.namespace", "timeOffsets", "time_offsets.time_namespace"),
    ),
    invalid(
        "offsets of a joined time namespace",
        {"timeOffsets": {"boottime": {}}, **types({"type": "time", "path": "/proc/1/ns/time"})},
        *("time_offsets.namespace", "timeOffsets", "time_offsets.time_namespace"),
    ),
    # Cgroups
    invalid(
        "path of cgroups that is a list", {"cgroupsPath": ["/one"]}, "schema.type", "cgroupsPath", "cgroups_path.form"
    ),
    invalid(
        "path of cgroups for each controller",
        {"cgroupsPath": {"memory": "/one", "cpu": "/two"}},
        *("schema.type", "cgroupsPath", "cgroups_path.form"),
    ),
    # The root filesystem and paths in it
    *(
        invalid(
            f"root mount that is {value!r}",
            {"rootfsPropagation": value},
            *(f"schema.{keyword}", "rootfsPropagation", "rootfs_propagation.known"),
        )
        for value, keyword in (
            ("Private", "enum"),
            ("rec", "enum"),
            ("", "enum"),
            (["slave"], "type"),
        )
    ),
    *(
        row
        for kind in ("masked", "readonly")
        for row in (
            invalid(
                f"{kind} path that is no list",
                {f"{kind}Paths": "/proc/sys"},
                *("schema.type", f"{kind}Paths", f"{kind}_paths.form"),
            ),
            invalid(
                f"{kind} path that is an object",
                {f"{kind}Paths": ["/proc/kcore", {"path": "/proc/sys"}]},
                *("schema.type", f"{kind}Paths[1]", f"{kind}_paths.form"),
            ),
            *(
                invalid(
                    f"{kind} path {path!r}",
                    {f"{kind}Paths": ["/proc/kcore", path]},
                    *("schema.pattern", f"{kind}Paths[1]", f"{kind}_paths.absolute"),
                )
                for path in ("proc/sys", "", "./proc/sys", "../proc", " /proc/sys")
            ),
        )
    ),
    invalid(
        "mount label of parts", {"mountLabel": ["system_u", "object_r"]}, "schema.type", "mountLabel", "mount_label"
    ),
    # Strings that the kernel gets
    *(
        Invalid(f"NUL in linux.{name}", {"linux": changes}, "strings.end", f"$.linux.{path}", ("config.strings.end",))
        for name, changes, path in (
            ("namespaces", types({"type": "cgroup", "path": "/a\0"}), "namespaces[5].path"),
            ("devices", {"devices": [{"type": "p", "path": "/run/pipe\0"}]}, "devices[0].path"),
            ("maskedPaths", {"maskedPaths": ["/proc/kcore\0"]}, "maskedPaths[0]"),
            ("readonlyPaths", {"readonlyPaths": ["/\0proc"]}, "readonlyPaths[0]"),
            ("sysctl", {"sysctl": {"kernel.msgmax": "\0"}}, "sysctl['kernel.msgmax']"),
            ("cgroupsPath", {"cgroupsPath": "\0"}, "cgroupsPath"),
            ("mountLabel", {"mountLabel": "a\0b"}, "mountLabel"),
            ("intelRdt", {"intelRdt": {"closID": "a\0b"}}, "intelRdt.closID"),
        )
    ),
]

WARNED = [
    *(
        warned(
            f"root mount that is {one}",
            {"rootfsPropagation": one},
            *("rootfs_propagation.recursive", "rootfsPropagation", "rootfs_propagation.known"),
        )
        for one in ("rshared", "rslave", "rprivate", "runbindable")
    ),
    newer("time namespace before 1.1.0", "1.0.2", types({"type": "time"}), "namespaces[5].type"),
    warned("misspelt property of linux", {"maskedPath": ["/proc/kcore"]}, "names.spelling", "maskedPath"),
    noted("new user namespace without mappings", {"namespaces": USER}, "mappings.missing", "uidMappings"),
    noted(
        "new user namespace without mappings of groups",
        {"namespaces": USER, "uidMappings": [MAPPING]},
        *("mappings.missing", "gidMappings"),
    ),
    noted(
        "user that is not mapped",
        MAPPED,
        *("mappings.user", "$.process.user.uid"),
        top={"process": {"user": {"uid": 65536, "gid": 65535}}},
    ),
    noted(
        "further group that is not mapped",
        MAPPED,
        *("mappings.user", "$.process.user.additionalGids[1]"),
        top={"process": {"user": {"additionalGids": [0, 100000]}}},
    ),
    noted(
        "more mappings than the kernel takes",
        mapped(*({"containerID": one, "hostID": 2 * one, "size": 1} for one in range(341))),
        *("mappings.many", "uidMappings"),
    ),
]
