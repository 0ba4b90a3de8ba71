"""Documents that nobody has thought of: they are valid, or what is wrong with them is found; by all who judge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.requirements import register
from conformance.validation import rules, validate  # noqa: F401 - it makes the rules known
from conformance.validation.acceptance import is_faultless
from conformance.validation.fault import ERROR
from conformance.validation.rule import RULES
from conformance.validation.schemas import KINDS, referred, schema
from conformance.versions import NEWEST
from reference_runtime import config, documents
from reference_runtime.errors import InvalidConfig, UnsupportedConfig
from reference_runtime.validation import Validator
from tests.validation import generation
from tests.validation.library import library_errors

if TYPE_CHECKING:
    from conformance.validation import Kind
    from conformance.validation.fault import Fault

REGISTER = register.load()

of_every_kind = pytest.mark.parametrize("kind", KINDS)

bounded = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def mistaken(data: st.DataObject, kind: Kind) -> bytes:
    """A valid document with a mistake."""
    return data.draw(generation.valid_documents(kind).flatmap(generation.mistaken)).encode()


def decoded(content: bytes) -> Any:
    """The document in some bytes. Raises `InvalidConfig`, also for a name that is there twice."""
    return documents.decode(content, "document")


def rules_that_object(document: Any, kind: Kind) -> set[str]:
    """The rules that find an error, by the newest version of the specification."""
    applied = [rule for rule in RULES.values() if kind in rule.kinds and rule.severity == ERROR and not rule.of_bundle]
    return {fault.rule for rule in applied for fault in rule.faults(document) if is_in_force(fault)}


def is_in_force(fault: Fault) -> bool:
    """Whether the newest version has a requirement that the fault breaks."""
    return not fault.requirements or any(REGISTER[one].in_force(NEWEST) for one in fault.requirements)


@of_every_kind
@bounded
@given(data=st.data())
def test_schema_has_nothing_against_a_document_that_is_made_from_it(kind: Kind, data: st.DataObject) -> None:
    document = data.draw(generation.documents(kind))
    report = validate(json.dumps(document).encode(), kind, NEWEST)
    assert [one.sentence for one in report.errors if one.rule.startswith(("schema.", "json."))] == []
    assert library_errors(document, kind) == []


@of_every_kind
@bounded
@given(data=st.data())
def test_document_that_is_made_from_the_schema_and_mended_by_the_rules_is_valid(
    kind: Kind, data: st.DataObject
) -> None:
    document = data.draw(generation.valid_documents(kind))
    assert library_errors(document, kind) == []
    assert rules_that_object(document, kind) == set()


@of_every_kind
@bounded
@given(data=st.data())
def test_mistake_is_harmless_or_found(kind: Kind, data: st.DataObject) -> None:
    content = mistaken(data, kind)
    report = validate(content, kind, NEWEST)
    try:
        document = decoded(content)
    except InvalidConfig:
        assert not report.valid
        return
    objections = {*library_errors(json.loads(content), kind), *rules_that_object(document, kind)}
    assert report.valid == (not objections), (objections, [one.sentence for one in report.findings])


@of_every_kind
@bounded
@given(data=st.data())
def test_interpreter_agrees_with_the_library(kind: Kind, data: st.DataObject) -> None:
    document = json.loads(mistaken(data, kind))
    refusal = None
    try:
        Validator(schema(kind), load=referred)(decoded(json.dumps(document).encode()))
    except InvalidConfig as error:
        refusal = str(error)
    assert (refusal is not None) == bool(errors := library_errors(document, kind)), (refusal, errors)


@of_every_kind
@bounded
@given(data=st.data())
def test_what_is_accepted_fast_is_valid_in_every_version(kind: Kind, data: st.DataObject) -> None:
    content = mistaken(data, kind)
    try:
        accepted = is_faultless(kind, decoded(content))
    except InvalidConfig:
        accepted = False
    if accepted:
        version = data.draw(st.sampled_from([None, "1.0.0", NEWEST]))
        assert [one.sentence for one in validate(content, kind, version).errors] == []


@bounded
@given(data=st.data())
def test_runtime_accepts_a_config_as_the_validator_does(data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        content = mistaken(data, "config")
    else:
        content = json.dumps(data.draw(generation.valid_documents("config"))).encode()
    refusal = None
    try:
        config.from_bytes(content, "/bundle", "one")
    except UnsupportedConfig:
        # It is valid, and asks for what the runtime does not do.
        pass
    except InvalidConfig as error:
        refusal = str(error)
    errors = [one.sentence for one in validate(content, "config").errors]
    assert (refusal is not None) == bool(errors), (refusal, errors)
