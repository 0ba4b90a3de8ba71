"""Each document of the corpus has the finding that it must have, and no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import resources
from conformance.requirements import register
from conformance.validation import engine, source, syntax, validate
from conformance.validation.rule import RULES
from tests.validation import corpus
from tests.validation.corpus.bundles import INVALID_BUNDLES, VALID_BUNDLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.validation.corpus.case import Invalid, Valid, Warned

VALID, INVALID, WARNED = corpus.valid(), corpus.invalid(), corpus.warned()

VIOLABLE = {one.id for one in register.load().requirements.values() if one.broken_by}
"""The requirements that a document can break."""


def of_schema(part: Any) -> Iterator[str]:
    """The requirements that a part of a schema enforces."""
    if isinstance(part, dict):
        found = part.get("x-requirements", [])
        for identifiers in found.values() if isinstance(found, dict) else [found]:
            yield from identifiers
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from of_schema(inner)


def enforced() -> set[str]:
    """The requirements that the schemas and the rules enforce."""
    found = {*source.ENCODING, *syntax.UNIQUE_NAMES, *engine.CONFIG_REQUIRED}
    for rule in RULES.values():
        found.update(rule.requirements)
    for kind in ("config", "state", "features"):
        for path in Path(resources.directory("schemas")).glob(f"{kind}*.schema.json"):
            found.update(of_schema(json.loads(path.read_text(encoding="utf-8"))))
    return found


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in VALID])
def test_valid_document_has_no_finding(case: Valid) -> None:
    report = validate(case.content, case.kind)
    assert [finding.sentence for finding in report.findings] == []


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in INVALID])
def test_invalid_document_has_its_error_and_no_other_finding(case: Invalid) -> None:
    report = validate(case.content, case.kind)
    found = [(finding.severity, finding.rule, finding.path, finding.requirements) for finding in report.findings]
    assert found == [("error", case.rule, case.path, case.breaks)]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in WARNED])
def test_doubtful_document_has_its_warning_and_no_other_finding(case: Warned) -> None:
    report = validate(case.content, case.kind)
    found = [(finding.severity, finding.rule, finding.path, finding.requirements) for finding in report.findings]
    assert found == [(case.severity, case.rule, case.path, case.breaks)]


def test_corpus_is_as_large_as_it_should_be() -> None:
    assert len(INVALID) >= 400
    assert len(VALID) >= 100


@pytest.mark.parametrize("cases", [VALID, INVALID, WARNED], ids=["valid", "invalid", "warned"])
def test_documents_have_names_of_their_own(cases: list[Valid | Invalid | Warned]) -> None:
    names = [case.name for case in cases]
    assert sorted(names) == sorted(set(names))


def test_every_requirement_that_a_document_can_break_is_enforced() -> None:
    assert sorted(VIOLABLE - enforced()) == [], "no schema and no rule"
    assert sorted(enforced() - VIOLABLE) == [], "the register does not say that a document can break it"


def test_every_requirement_that_a_document_can_break_has_examples() -> None:
    broken = {requirement for case in INVALID for requirement in case.breaks}
    broken |= {requirement for case in WARNED for requirement in case.breaks}
    broken |= {requirement for bundle in INVALID_BUNDLES for requirement in bundle.breaks}
    kept = {requirement for case in VALID for requirement in case.conforms}
    kept |= {requirement for bundle in VALID_BUNDLES for requirement in bundle.conforms}
    assert sorted(VIOLABLE - broken) == [], "no document breaks it"
    assert sorted(VIOLABLE - kept) == [], "no document conforms to it"
    print(f"{len(VIOLABLE)} requirements that a document can break: each has a rule and both examples")
