"""The invalid configurations of the checks are invalid for the reason that they name, and for no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance import versions
from conformance.bundle.config import base, merge
from conformance.bundle.invalid import ABSENT, Invalid
from conformance.checks.config import test_invalid_values as of_config
from conformance.checks.config_linux import test_invalid_resources as of_resources
from conformance.checks.config_linux import test_invalid_values as of_linux
from conformance.requirements import register
from conformance.validation import validate
from reference_runtime import config
from reference_runtime.errors import UnsupportedConfig

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

TABLES = (
    *(of_config.INVALID, of_config.WITHOUT_A_NUMBER, of_config.DOUBTFUL),
    *(of_config.SIZES, of_config.SIZES_WITHOUT_A_NUMBER),
    *(of_linux.INVALID, of_linux.WITHOUT_A_NUMBER, of_linux.DOUBTFUL),
    *(of_resources.INVALID, of_resources.WITHOUT_A_NUMBER, of_resources.DOUBTFUL),
)


def named(row: ParameterSet) -> ParameterSet:
    """A case with the ID of the requirement that it breaks, which is one of its marks there."""
    (identifier,) = (mark.args[0] for mark in row.marks if getattr(mark, "name", "") == "requirement")
    return pytest.param(identifier, *row.values, id=f"{identifier}: {row.id}")


for_each_case = pytest.mark.parametrize(("identifier", "invalid"), [named(row) for table in TABLES for row in table])


def version_of(identifier: str) -> str:
    """The newest version of the specification in which a requirement stands."""
    return register.load()[identifier].until or versions.NEWEST


def valid_document(identifier: str, invalid: Invalid) -> dict[str, Any]:
    """What a case makes invalid."""
    return merge({"ociVersion": version_of(identifier), **base()}, invalid.valid)


def content(document: dict[str, Any]) -> bytes:
    """The bytes of a configuration."""
    return json.dumps(document).encode()


def test_names_are_unique_in_each_table() -> None:
    for table in TABLES:
        names = [row.id for row in table]
        assert sorted(set(names), key=str) == sorted(names, key=str)


@for_each_case
def test_change_is_all_that_is_wrong(identifier: str, invalid: Invalid) -> None:
    report = validate(content(valid_document(identifier, invalid)), "config")
    assert [finding.sentence for finding in report.errors] == []


@for_each_case
def test_change_breaks_the_requirement(identifier: str, invalid: Invalid) -> None:
    document = invalid.spoil(valid_document(identifier, invalid))
    report = validate(content(document), "config", version_of(identifier))
    assert identifier in [name for finding in report.errors for name in finding.requirements]


@for_each_case
def test_valid_configuration_is_taken_by_the_reference_runtime(identifier: str, invalid: Invalid) -> None:
    document = valid_document(identifier, invalid)
    try:
        found: Any = config.from_bytes(content(document), "/bundle", "one").document
    except UnsupportedConfig as refusal:
        # What it does not support is at least valid, as the first of these tests shows.
        found = document if "not supported by this runtime" in str(refusal) else None
    assert found == document


def test_document_stays_as_it_was_when_a_copy_is_spoilt() -> None:
    document = {"linux": {"namespaces": [{"type": "pid"}]}}
    spoilt = Invalid({}, "$.linux.namespaces[1]", {"type": "mnt"}).spoil(document)
    assert spoilt == {"linux": {"namespaces": [{"type": "pid"}, {"type": "mnt"}]}}
    assert Invalid({}, "$.linux.namespaces[0].type", ABSENT).spoil(document) == {"linux": {"namespaces": [{}]}}
    assert Invalid({}, "$.linux['a.b']", 1).spoil(document)["linux"]["a.b"] == 1
    assert document == {"linux": {"namespaces": [{"type": "pid"}]}}
