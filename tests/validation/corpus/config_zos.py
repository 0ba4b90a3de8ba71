"""Documents on config-zos.md."""

from __future__ import annotations

from typing import Any

from tests.validation.corpus.case import Invalid, Valid, Warned

Change = dict[str, Any]

ZOS: Change = {"linux": None, "process": {"capabilities": None}}
"""What makes a config for z/OS of the base."""

PID = {"type": "pid", "path": "/proc/1234/ns/pid"}


def valid(name: str, changes: Change, *conforms: str) -> Valid:
    """A valid `zos`; the requirements are named without the document."""
    return Valid(name, {**ZOS, "zos": changes}, conforms=_ids(conforms))


def invalid(name: str, listed: Any, rule: str, path: str, *breaks: str) -> Invalid:
    """A `zos` with namespaces that have an error; the path is the one below `zos`, too."""
    return Invalid(name, {**ZOS, "zos": {"namespaces": listed}}, rule, f"$.zos.{path}", _ids(breaks))


def _ids(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"config_zos.{name}" for name in names)


VALID = [
    valid(
        "zos with all namespaces",
        {"namespaces": [PID, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}]},
        *(f"namespaces.{one}" for one in ("form", "type.required", "type.known", "path.absolute", "duplicate")),
    ),
    valid("zos with no namespaces", {"namespaces": []}, "namespaces.form"),
    valid("zos without anything", {}, "namespaces.form"),
    valid("zos with devices, of which the text of 1.3.0 knows nothing", {"devices": [{"path": "/dev/null"}]}),
]

INVALID = [
    invalid("zos with a namespace alone", PID, "schema.type", "namespaces", "namespaces.form"),
    invalid("zos with a namespace as a string", ["pid"], "schema.type", "namespaces[0]", "namespaces.form"),
    invalid(
        "zos with a namespace without a type",
        [{"path": "/proc/1234/ns/pid"}],
        *("schema.required", "namespaces[0].type", "namespaces.type.required"),
    ),
    invalid(
        "zos with a type that is a list", [{"type": ["pid"]}], "schema.type", "namespaces[0].type", "namespaces.form"
    ),
    *(
        invalid(
            f"zos with a namespace of the type {one}",
            [{"type": "mount"}, {"type": one}],
            *("schema.enum", "namespaces[1].type", "namespaces.type.known"),
        )
        for one in ("network", "user", "cgroup", "time", "PID", "mnt", "")
    ),
    invalid(
        "zos with a relative path of a namespace",
        [{"type": "pid", "path": "proc/1234/ns/pid"}],
        *("schema.pattern", "namespaces[0].path", "namespaces.path.absolute"),
    ),
    invalid(
        "zos with an empty path of a namespace",
        [{"type": "pid", "path": ""}],
        *("schema.pattern", "namespaces[0].path", "namespaces.path.absolute"),
    ),
    invalid(
        "zos with a process for a path",
        [{"type": "pid", "path": 1234}],
        *("schema.type", "namespaces[0].path", "namespaces.form"),
    ),
    invalid(
        "zos with a namespace twice",
        [{"type": "ipc"}, {"type": "uts"}, {"type": "ipc"}],
        *("zos.duplicate_namespaces", "namespaces[2].type", "namespaces.duplicate"),
    ),
    invalid(
        "zos with a namespace that is new and joined",
        [{"type": "pid"}, PID],
        *("zos.duplicate_namespaces", "namespaces[1].type", "namespaces.duplicate"),
    ),
]

WARNED = [
    Warned(
        "zos 1.2.0 with namespaces",
        {**ZOS, "zos": {"namespaces": [PID]}, "ociVersion": "1.2.0"},
        *("version.newer", "$.zos.namespaces"),
    ),
    Warned(
        "zos with a misspelt list of namespaces",
        {**ZOS, "zos": {"namespace": [PID]}},
        *("names.spelling", "$.zos.namespace"),
    ),
]
