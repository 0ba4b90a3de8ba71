"""The validator says of every document what the `jsonschema` library says of it, and says where and why."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry

from conformance import resources
from conformance.bundle.config import base
from conformance.validation.schemas import referred
from reference_runtime import documents
from reference_runtime.errors import InvalidConfig
from reference_runtime.validation import ANNOTATIONS, KEYWORDS, Validator, member

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".schema.json"
SCHEMAS: dict[str, dict[str, Any]] = {
    path.name.removesuffix(SUFFIX): json.loads(path.read_text(encoding="utf-8"))
    for kind in ("config", "state", "features")
    for path in sorted(Path(resources.directory("schemas")).glob(f"{kind}*{SUFFIX}"))
}
REGISTRY: Registry[Any] = Registry().with_contents((schema["$id"], schema) for schema in SCHEMAS.values())
LIBRARY = {name: jsonschema.Draft202012Validator(SCHEMAS[name], registry=REGISTRY) for name in ("config", "state")}
OURS = {name: Validator(SCHEMAS[name], f"{name}.json", referred) for name in ("config", "state")}

STATE = {"ociVersion": "1.3.0", "id": "one", "status": "running", "pid": 7, "bundle": "/b", "annotations": {"a": "b"}}
MINIMAL: dict[str, Any] = {"ociVersion": "1.0.0", "root": {"path": "rootfs"}}
FULL: dict[str, Any] = {
    "ociVersion": "1.3.0",
    **base(),
    "annotations": {"a": "b"},
    "hooks": {"poststop": [{"path": "/bin/true", "args": ["true"], "env": ["A=b"], "timeout": 1}]},
    "linux": {
        **base()["linux"],
        "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}],
        "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}],
        "timeOffsets": {"monotonic": {"secs": -1, "nanosecs": 5}},
        "devices": [{"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229, "fileMode": 438, "uid": 0, "gid": 0}],
        "cgroupsPath": "/one",
        "sysctl": {"net.ipv4.ip_forward": "1"},
        "rootfsPropagation": "slave",
        "maskedPaths": ["/proc/kcore"],
        "readonlyPaths": ["/proc/sys"],
    },
}


def with_process(**changes: Any) -> dict[str, Any]:
    return {**MINIMAL, "process": {"cwd": "/", "args": ["sh"], **changes}}


def with_linux(**changes: Any) -> dict[str, Any]:
    return {**MINIMAL, "linux": changes}


GOOD = [
    ("config", MINIMAL),
    ("config", FULL),
    ("config", {**MINIMAL, "unknown": {"deep": [1, None]}}),
    ("config", {**MINIMAL, "ociVersion": "1.2.3-rc.1+build.5"}),
    ("config", {**MINIMAL, "annotations": {}}),
    ("config", with_process(args=["sh", ""], env=[""])),
    ("config", with_process(user={"uid": 4294967294, "gid": 1.0})),
    ("config", with_process(rlimits=[{"type": "RLIMIT_CPU", "soft": 0, "hard": 2**64 - 1}])),
    ("config", with_process(oomScoreAdj=-1000)),
    ("config", with_linux(namespaces=[{"type": "time", "path": "/proc/1/ns/time"}])),
    ("state", STATE),
    ("state", {**STATE, "status": "frozen", "unknown": None}),
]
BAD: list[tuple[str, Any, str]] = [
    ("config", [], "$"),
    ("config", None, "$"),
    ("config", {}, "$.ociVersion"),
    ("config", {"ociVersion": "1.0.0"}, "$.root"),
    ("config", {**MINIMAL, "ociVersion": 1}, "$.ociVersion"),
    ("config", {**MINIMAL, "ociVersion": "1.0"}, "$.ociVersion"),
    ("config", {**MINIMAL, "ociVersion": "v1.0.0"}, "$.ociVersion"),
    ("config", {**MINIMAL, "ociVersion": "1.0.01"}, "$.ociVersion"),
    ("config", {**MINIMAL, "ociVersion": "1.0.0\n"}, "$.ociVersion"),
    ("config", {**MINIMAL, "root": {}}, "$.root.path"),
    ("config", {**MINIMAL, "root": {"path": ""}}, "$.root.path"),
    ("config", {**MINIMAL, "root": {"path": "r", "readonly": "yes"}}, "$.root.readonly"),
    ("config", {**MINIMAL, "root": {"path": "r", "readonly": 1}}, "$.root.readonly"),
    ("config", {**MINIMAL, "process": None}, "$.process"),
    ("config", {**MINIMAL, "mounts": [{"destination": "/"}, {}]}, "$.mounts[1].destination"),
    ("config", {**MINIMAL, "mounts": {}}, "$.mounts"),
    ("config", {**MINIMAL, "annotations": {"": "a"}}, "$.annotations['']"),
    ("config", {**MINIMAL, "annotations": {"a.b'c": 1}}, "$.annotations['a.b\\'c']"),
    ("config", {**MINIMAL, "hooks": {"prestart": [{"path": "bin"}]}}, "$.hooks.prestart[0].path"),
    ("config", {**MINIMAL, "hooks": {"poststop": [{"path": "/b", "timeout": 0}]}}, "$.hooks.poststop[0].timeout"),
    ("config", {**MINIMAL, "process": {"args": ["sh"]}}, "$.process.cwd"),
    ("config", with_process(cwd="relative"), "$.process.cwd"),
    ("config", with_process(args=[]), "$.process.args"),
    ("config", with_process(args=["a", 1]), "$.process.args[1]"),
    ("config", with_process(args=[[[[[]]]]]), "$.process.args[0]"),
    ("config", with_process(user={"uid": -1, "gid": 0}), "$.process.user.uid"),
    ("config", with_process(user={"uid": 4294967295, "gid": 0}), "$.process.user.uid"),
    ("config", with_process(user={"uid": True, "gid": 0}), "$.process.user.uid"),
    ("config", with_process(user={"uid": "0", "gid": 0}), "$.process.user.uid"),
    ("config", with_process(user={"uid": 0.5, "gid": 0}), "$.process.user.uid"),
    (
        "config",
        with_process(user={"uid": 0, "gid": 0, "additionalGids": [4294967295]}),
        "$.process.user.additionalGids[0]",
    ),
    ("config", with_process(oomScoreAdj=1001), "$.process.oomScoreAdj"),
    ("config", with_process(rlimits=[{"type": "RLIMIT_CPU", "soft": 0, "hard": 2**64}]), "$.process.rlimits[0].hard"),
    ("config", with_linux(namespaces=[{"type": "mnt"}]), "$.linux.namespaces[0].type"),
    ("config", with_linux(namespaces=[{"type": ["pid"]}]), "$.linux.namespaces[0].type"),
    ("config", with_linux(timeOffsets={"realtime": {}}), "$.linux.timeOffsets.realtime"),
    ("config", with_linux(sysctl={"a.b": 1}), "$.linux.sysctl['a.b']"),
    ("config", with_linux(rootfsPropagation="recursive"), "$.linux.rootfsPropagation"),
    ("config", with_linux(maskedPaths=["/a", "b"]), "$.linux.maskedPaths[1]"),
    ("config", with_linux(devices=[{"type": "c", "path": "/dev/a", "major": -1}]), "$.linux.devices[0].major"),
    ("state", {}, "$.ociVersion"),
    ("state", {**STATE, "status": ""}, "$.status"),
    ("state", {**STATE, "pid": -1}, "$.pid"),
    ("state", {**STATE, "annotations": {"a": None}}, "$.annotations.a"),
]

PIECES = st.sampled_from(
    [None, True, 0, -1, 1.0, 1.5, 2**32 - 1, 2**32, 2**64, "", "/", "a", "1.0.0", "pid", [], {}, [""], {"": ""}]
).map(copy.deepcopy)


def verdict(name: str, document: Any) -> InvalidConfig | None:
    """What our validator says, of the document as it comes from a file."""
    decoded = documents.decode(json.dumps(document).encode(), f"{name}.json")
    try:
        OURS[name](decoded)
    except InvalidConfig as error:
        return error
    return None


@pytest.mark.parametrize(("name", "document"), GOOD)
def test_good_documents_are_accepted_by_both(name: str, document: Any) -> None:
    assert verdict(name, document) is None
    assert LIBRARY[name].is_valid(document)


@pytest.mark.parametrize(("name", "document", "place"), BAD)
def test_bad_documents_are_refused_by_both(name: str, document: Any, place: str) -> None:
    assert not LIBRARY[name].is_valid(document)
    error = verdict(name, document)
    assert error is not None
    assert error.place == place
    assert str(error) == f"{name}.json: {place}: {error.problem}"
    assert error.problem.isprintable()
    assert 0 < len(error.problem) < 400


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for name in value:
            yield from _paths(value[name], (*path, name))
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _paths(entry, (*path, index))


@st.composite
def mutated(draw: st.DrawFn, document: Any) -> Any:
    """`document` with something removed, added or replaced at one to three places."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([path for path in _paths(document) if path] or [()]))
        if not path:
            return draw(PIECES)
        parent = document
        for step in path[:-1]:
            parent = parent[step]
        change = draw(st.sampled_from(["remove", "replace", "add"]))
        if change == "remove":
            del parent[path[-1]]
        elif change == "replace":
            parent[path[-1]] = draw(PIECES)
        elif isinstance(parent, list):
            parent.append(draw(PIECES))
        else:
            parent[draw(st.sampled_from(["", "path", "type", "uid", "unknown"]))] = draw(PIECES)
    return document


@given(mutated(FULL))
def test_verdict_on_a_changed_config_is_that_of_the_library(document: Any) -> None:
    assert (verdict("config", document) is None) == LIBRARY["config"].is_valid(document)


@given(mutated(STATE))
def test_verdict_on_a_changed_state_is_that_of_the_library(document: Any) -> None:
    assert (verdict("state", document) is None) == LIBRARY["state"].is_valid(document)


def _schemas_in(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for keyword in ("properties", "$defs"):
        for inner in schema.get(keyword, {}).values():
            yield from _schemas_in(inner)
    for keyword in ("additionalProperties", "propertyNames", "items"):
        if keyword in schema:
            yield from _schemas_in(schema[keyword])
    for inner in schema.get("anyOf", ()):
        yield from _schemas_in(inner)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_keyword_of_the_schemas_is_known(name: str) -> None:
    used = {keyword for schema in _schemas_in(SCHEMAS[name]) for keyword in schema}
    assert used <= KEYWORDS.keys() | ANNOTATIONS


def test_every_reference_leads_to_a_definition_and_every_definition_is_used() -> None:
    definitions = {
        f"{name}{SUFFIX}#/$defs/{definition}"
        for name, schema in SCHEMAS.items()
        for definition in schema.get("$defs", ())
    }
    references = set()
    for name, schema in SCHEMAS.items():
        for part in _schemas_in(schema):
            if "$ref" in part:
                file, _, rest = part["$ref"].partition("#")
                references.add(f"{file or name + SUFFIX}#{rest}" if rest else file)
    assert references - {name + SUFFIX for name in SCHEMAS} == definitions


def test_no_keyword_is_both_a_rule_and_an_annotation() -> None:
    assert KEYWORDS.keys() & ANNOTATIONS == set()


def test_unknown_keyword_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        Validator({"maxItems": 1})([1, 2])


@pytest.mark.parametrize(
    ("name", "place"),
    [("a", "$.a"), ("a_1", "$.a_1"), ("a.b", "$['a.b']"), ("", "$['']"), ("it's", "$['it\\'s']"), ("\\", "$['\\\\']")],
)
def test_places_are_json_paths(name: str, place: str) -> None:
    assert member("$", name) == place
