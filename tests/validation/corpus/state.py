"""Documents on the state of a container (runtime.md, State)."""

from __future__ import annotations

from typing import Any, Literal

from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]

FORM = ("form", "schema")


def valid(name: str, changes: Change, *conforms: str) -> Valid:
    """A valid state; the requirements are named from `runtime.state.` on, here and below."""
    return Valid(name, changes, conforms=_ids(conforms), kind="state")


def invalid(name: str, changes: Change, rule: str, path: str, *breaks: str) -> Invalid:
    """A state with an error."""
    return Invalid(name, changes, rule, path, _ids(breaks), kind="state")


def warned(
    name: str, changes: Change, rule: str, path: str, *breaks: str, severity: Literal["warning", "note"] = "warning"
) -> Warned:
    """A state with something doubtful."""
    return Warned(name, changes, rule, path, _ids(breaks), severity, kind="state")


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"runtime.state.{name}" for name in names)


VALID = [
    valid(
        "state",
        {},
        *(f"{name}.present" for name in ("oci_version", "id", "status", "pid", "bundle")),
        *("form", "schema", "oci_version.complies", "pid.container_process", "bundle.absolute"),
    ),
    *(valid(f"status {status}", {"status": status, "pid": 1}, "form") for status in ("creating", "created", "stopped")),
    valid("status of a runtime's own", {"status": "paused"}, "form", "schema"),
    valid("stopped container without a process", {"status": "stopped", "pid": None}, "pid.present"),
    valid(
        "stopped container whose process ID is 0", {"status": "stopped", "pid": 0}, "pid.container_process", "schema"
    ),
    valid("container that is being created", {"status": "creating", "pid": None}, "pid.present"),
    valid("annotations of a container", {"annotations": {"com.example.key": "", "myKey": "a"}}, "annotations.map"),
    valid("no annotations of a container", {"annotations": {}}, "annotations.map"),
    valid("further properties", {"owner": "root", "rootfs": "rootfs", "created": None, "systemd-scope": []}, "schema"),
    valid("version with a suffix", {"ociVersion": "1.0.2-dev"}, "oci_version.complies"),
    valid("bundle on Windows", {"bundle": "C:\\containers\\one"}, "bundle.absolute"),
    valid("container with an empty ID", {"id": ""}, "form"),
    Valid(
        "state of the specification's example",
        {},
        ("runtime.state.form",),
        "state",
        """{"ociVersion": "1.0.0", "id": "oci-container1", "status": "running", "pid": 4422,
            "bundle": "/containers/redis", "annotations": {"myKey": "myValue"}}""",
    ),
]

INVALID = [
    *(
        Invalid(f"state that is {what}", {}, "schema.type", "$", _ids(FORM), "state", text)
        for what, text in (("an array", "[]"), ("a string", '"running"'), ("null", "null"))
    ),
    *(
        invalid(f"state without {name}", {name: None}, "schema.required", f"$.{name}", f"{broken}.present")
        for name, broken in (
            *(("ociVersion", "oci_version"), ("id", "id"), ("status", "status"), ("bundle", "bundle")),
        )
    ),
    *(
        invalid(f"state whose {name} is {what}", {name: value}, "schema.type", f"$.{name}", *FORM)
        for name, what, value in (
            ("ociVersion", "a number", 1.3),
            ("id", "a number", 1),
            ("id", "an array", ["one"]),
            ("status", "a number", 2),
            ("status", "an object", {"name": "running"}),
            ("pid", "a string", "4242"),
            ("pid", "half a number", 0.5),
            ("pid", "a boolean", True),
            ("bundle", "an array", ["/containers/one"]),
        )
    ),
    invalid("state without a word as status", {"status": ""}, "schema.minLength", "$.status", "form"),
    invalid("process ID of -1", {"pid": -1}, "schema.minimum", "$.pid", "pid.container_process", "schema"),
    *(
        invalid(
            f"{status} container whose process ID is 0",
            {"status": status, "pid": 0},
            *("state.pid_of_process", "$.pid", "pid.container_process"),
        )
        for status in ("created", "running")
    ),
    *(
        invalid(f"bundle {path!r}", {"bundle": path}, "state.bundle", "$.bundle", "bundle.absolute")
        for path in ("containers/one", ".", "", "./one", "C:one")
    ),
    *(
        invalid(
            f"state of version {version!r}",
            {"ociVersion": version},
            "state.version",
            "$.ociVersion",
            "oci_version.complies",
        )
        for version in ("", "v1.3.0", "1", "latest", "1.0.x", "1..0")
    ),
    *(
        invalid(
            f"annotations of a container that are {what}",
            {"annotations": value},
            "schema.type",
            "$.annotations",
            "annotations.map",
        )
        for what, value in (("an array", []), ("a string", "a=b"))
    ),
    *(
        invalid(
            f"annotation of a container that is {what}",
            {"annotations": {"key": value}},
            *("schema.type", "$.annotations.key", "annotations.map"),
        )
        for what, value in (("a number", 1), ("a list", ["a"]))
    ),
]

WARNED = [
    *(
        warned(
            f"{status} container without a process ID",
            {"status": status, "pid": None},
            "state.pid",
            "$.pid",
            "pid.present",
        )
        for status in ("created", "running")
    ),
    warned(
        "version that names no release", {"ociVersion": "1.0"}, "state.release", "$.ociVersion", "oci_version.complies"
    ),
    warned("state of a version to come", {"ociVersion": "1.4.0"}, "version.unknown", "$.ociVersion", severity="note"),
    *(
        warned(f"status {status!r}", {"status": status}, "state.status", "$.status", severity="note")
        for status in ("Running", "stoped", "runing")
    ),
    warned("name state.Pid", {"status": "stopped", "pid": None, "Pid": 1}, "names.spelling", "$.Pid"),
    warned("name state.annotation", {"annotation": {}}, "names.spelling", "$.annotation"),
]
