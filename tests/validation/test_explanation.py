"""A schema's faults: all of them, one for each value, each with its requirements and with what would do."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.validation.explanation import explain
from conformance.validation.fault import ERROR, Fault
from conformance.validation.gathered import MOST, Enough, Gathered
from conformance.validation.schemas import referred, schema
from conformance.versions import NEWEST
from reference_runtime import documents
from reference_runtime.errors import InvalidConfig
from reference_runtime.validation import Validator
from tests.validation import generation

ABSOLUTE = {"type": "string", "pattern": "^/"}


def faults(schema: dict[str, Any], document: Any, version: str = NEWEST) -> list[Fault]:
    """The faults of a document by a schema."""
    gathered = Gathered(version)
    with contextlib.suppress(Enough):
        explain(schema, document, gathered)
    return gathered.faults


def only(schema: dict[str, Any], document: Any, version: str = NEWEST) -> Fault:
    """The only fault."""
    (fault,) = faults(schema, document, version)
    return fault


def test_all_values_are_judged() -> None:
    schema = {
        "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"minimum": 0}}},
        "required": ["c"],
    }
    found = faults(schema, {"a": 1, "b": [0, -1, -2]})
    assert [(one.path, one.rule) for one in found] == [
        ("$.a", "schema.type"),
        ("$.b[1]", "schema.minimum"),
        ("$.b[2]", "schema.minimum"),
        ("$.c", "schema.required"),
    ]


def test_value_has_one_error_and_what_is_in_it_has_none() -> None:
    schema = {"type": "string", "enum": ["a"], "pattern": "^/", "minLength": 9}
    assert only(schema, 5).rule == "schema.type"
    assert only({"minItems": 2, "items": {"type": "string"}}, [1]).rule == "schema.minItems"


def test_value_that_a_reference_refuses_has_one_error() -> None:
    schema = {"$ref": "#/$defs/a", "minLength": 9, "$defs": {"a": {"anyOf": [{"pattern": "^x"}, {"pattern": "^y"}]}}}
    assert only(schema, "z").rule == "schema.pattern"
    assert only(schema, "x").rule == "schema.minLength"


def test_what_is_missing_does_not_hide_what_is_wrong() -> None:
    schema = {"required": ["a", "b"], "properties": {"c": {"type": "string"}}}
    assert [one.path for one in faults(schema, {"c": 1})] == ["$.a", "$.b", "$.c"]


REQUIREMENTS: dict[str, tuple[dict[str, Any], Any, str, tuple[str, ...]]] = {
    "list": ({"x-requirements": ["one", "two"], "type": "string"}, 1, "$", ("one", "two")),
    "keyword": ({"x-requirements": {"type": ["one"], "pattern": ["two"]}, **ABSOLUTE}, "a", "$", ("two",)),
    "other keyword": ({"x-requirements": {"pattern": ["two"]}, **ABSOLUTE}, 1, "$", ()),
    "reference": (
        {"x-requirements": ["one"], "$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}},
        1,
        "$",
        ("one",),
    ),
    "keyword in a reference": (
        {"x-requirements": {"pattern": ["one"]}, "$ref": "#/$defs/a", "$defs": {"a": ABSOLUTE}},
        "a",
        "$",
        ("one",),
    ),
    "nearer one": (
        {
            "x-requirements": ["far"],
            "$ref": "#/$defs/a",
            "$defs": {"a": {"type": "string", "x-requirements": ["near"]}},
        },
        1,
        "$",
        ("near",),
    ),
    "required": (
        {"required": ["a"], "properties": {"a": {"x-requirements": {"required": ["one"], "type": ["two"]}}}},
        {},
        "$.a",
        ("one",),
    ),
    "required by a list": (
        {"required": ["a"], "properties": {"a": {"x-requirements": ["one"]}}},
        {},
        "$.a",
        ("one",),
    ),
    "required without one": (
        {"x-requirements": ["one"], "required": ["a"], "properties": {"a": {}}},
        {},
        "$.a",
        ("one",),
    ),
    "property is not of the object": (
        {"x-requirements": ["one"], "properties": {"a": {"type": "string"}}},
        {"a": 1},
        "$.a",
        (),
    ),
    "entries": ({"x-requirements": {"items": ["one"]}, "items": {"type": "string"}}, [1], "$[0]", ("one",)),
    "members": (
        {"x-requirements": {"additionalProperties": ["one"]}, "additionalProperties": {"type": "string"}},
        {"a": 1},
        "$.a",
        ("one",),
    ),
    "names": (
        {"x-requirements": {"propertyNames": ["one"]}, "propertyNames": {"minLength": 2}},
        {"a": 1},
        "$.a",
        ("one",),
    ),
}


@pytest.mark.parametrize(("schema", "document", "path", "requirements"), REQUIREMENTS.values(), ids=list(REQUIREMENTS))
def test_requirements_are_those_of_the_part_that_refuses(
    schema: dict[str, Any], document: Any, path: str, requirements: tuple[str, ...]
) -> None:
    fault = only(schema, document)
    assert fault.path == path
    assert fault.requirements == requirements
    assert fault.at_name == ("propertyNames" in schema)


ALLOWED: dict[str, tuple[dict[str, Any], Any, tuple[str, ...]]] = {
    "values": ({"enum": ["a", "b"]}, "c", ("a", "b")),
    "other values": ({"enum": [1, None]}, "c", ("1", "null")),
    "range": ({"minimum": 0, "maximum": 9}, 10, ("0 to 9",)),
    "least": ({"minimum": 1}, 0, ("1 to any",)),
    "most": ({"maximum": 1}, 2, ("any to 1",)),
    "pattern": ({"pattern": "^MB:"}, "x", ("what matches ^MB:",)),
    "absolute path": (ABSOLUTE, "x", ()),
    "type": ({"type": "string"}, 1, ()),
    "words": ({"x-allowed": "9 or so", "minimum": 1}, 0, ("9 or so",)),
    "words at the reference": (
        {"x-allowed": "9 or so", "$ref": "#/$defs/a", "$defs": {"a": {"minimum": 1}}},
        0,
        ("9 or so",),
    ),
    "words of what is around": ({"x-allowed": "9 or so", "items": {"minimum": 1}}, [0], ("1 to any",)),
}


@pytest.mark.parametrize(("schema", "document", "allowed"), ALLOWED.values(), ids=list(ALLOWED))
def test_what_is_allowed_is_told(schema: dict[str, Any], document: Any, allowed: tuple[str, ...]) -> None:
    assert only(schema, document).allowed == allowed


@pytest.mark.parametrize(("value", "suggestion"), [("pids", "pid"), ("Network", "network"), ("quota", None), (1, None)])
def test_value_that_may_be_meant_is_suggested(value: Any, suggestion: str | None) -> None:
    assert only({"enum": ["pid", "network", "mount"]}, value).suggestion == suggestion


@pytest.mark.parametrize(
    ("name", "meant"), [("hostName", "hostname"), ("Root", None), ("org.example", None), ("mount", "mounts")]
)
def test_unknown_name_is_a_warning_only_if_it_looks_like_another_that_is_not_there(
    name: str, meant: str | None
) -> None:
    schema: dict[str, Any] = {"properties": {"hostname": {}, "root": {}, "mounts": {}}}
    found = faults(schema, {"root": 1, name: 1})
    expected = [("names.spelling", meant, f"$.{name}", "warning", True)] if meant else []
    assert [(one.rule, one.suggestion, one.path, one.severity, one.at_name) for one in found] == expected


def test_name_of_an_object_with_names_of_any_kind_is_no_slip() -> None:
    assert faults({"properties": {"hostname": {}}, "additionalProperties": {}}, {"hostName": 1}) == []


def test_many_unknown_names_are_no_delay() -> None:
    document = {f"property{number:06}": 0 for number in range(50_000)}
    found = faults({"properties": {f"property{number:06}x": {} for number in range(9)}}, document)
    assert 0 < len(found) <= MOST


@pytest.mark.parametrize(("version", "warned"), [("1.0.2", True), ("1.1.0", False), ("1.3.0", False)])
def test_what_is_newer_than_the_document_is_a_warning(version: str, warned: bool) -> None:
    schema = {
        "properties": {
            "a": {"x-since": "1.1.0", "type": "string"},
            "b": {"x-since": {"new": "1.1.0"}, "enum": ["new", "old"]},
        }
    }
    found = faults(schema, {"a": "", "b": "new"}, version)
    assert [(one.rule, one.path, one.at_name) for one in found] == [
        ("version.newer", "$.a", True),
        ("version.newer", "$.b", False),
    ][: 2 * warned]
    assert faults(schema, {"b": "old"}, version) == []
    assert [one.rule for one in faults(schema, {"b": ["new"]}, version)] == ["schema.enum"]


def test_what_is_deprecated_is_a_note() -> None:
    fault = only({"properties": {"a": {"deprecated": True, "x-requirements": ["one"]}}}, {"a": 1})
    assert (fault.rule, fault.severity, fault.requirements) == ("schema.deprecated", "note", ("one",))
    assert faults({"deprecated": False}, 1) == []


def test_requirement_that_is_not_in_force_does_not_hide_another() -> None:
    schema = {
        "x-requirements": {
            "minimum": ["config_linux.time_offsets.time_namespace"],
            "enum": ["config.root.path.required"],
        },
        "minimum": 1,
        "enum": [1],
    }
    assert only(schema, 0, "1.0.0").rule == "schema.enum"
    assert only(schema, 0, "1.1.0").rule == "schema.minimum"


def test_search_ends_where_there_is_enough() -> None:
    gathered = Gathered(NEWEST)
    with pytest.raises(Enough):
        explain({"items": {"type": "string"}}, [1] * (MOST + 1), gathered)
    assert len(gathered.errors) == MOST


@given(st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_explanation_finds_an_error_where_the_validator_refuses(data: st.DataObject) -> None:
    text = data.draw(generation.documents("config").flatmap(generation.mistaken))
    document = json.loads(text)
    refused = None
    try:
        Validator(schema("config"), load=referred)(documents.decode(json.dumps(document).encode(), "config.json"))
    except InvalidConfig as error:
        refused = error.place
    found = faults(schema("config"), documents.decode(json.dumps(document).encode(), "config.json"))
    errors = [one.path for one in found if one.severity == ERROR]
    assert (refused in errors) if refused else (errors == [])
    values = [(one.path, one.at_name) for one in found if one.severity == ERROR]
    assert len(values) == len(set(values))
