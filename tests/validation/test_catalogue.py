"""Every rule that can be the rule of a finding is described."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.validation import catalogue, validate
from conformance.validation.rule import RULES
from reference_runtime.validation import KEYWORDS
from tests.validation import corpus

if TYPE_CHECKING:
    from tests.validation.corpus.case import Invalid, Warned

DESCRIPTIONS = catalogue.descriptions()

_INNER = ("$ref", "anyOf", "properties", "additionalProperties", "propertyNames", "items")
"""Keywords that refuse nothing themselves."""


def test_rules_of_all_findings_are_described() -> None:
    cases: list[Invalid | Warned] = [*corpus.invalid(), *corpus.warned()]
    found = {(one.rule, one.severity) for case in cases for one in validate(case.content, case.kind).findings}
    assert sorted({name for name, _ in found} - DESCRIPTIONS.keys()) == []
    assert sorted((name, severity) for name, severity in found if severity != catalogue.severity(name)) == []
    assert RULES.keys() <= DESCRIPTIONS.keys()


@pytest.mark.parametrize("keyword", sorted(KEYWORDS.keys() - set(_INNER)))
def test_keyword_that_refuses_something_is_described(keyword: str) -> None:
    assert f"schema.{keyword}" in DESCRIPTIONS


@pytest.mark.parametrize("name", sorted(DESCRIPTIONS.keys() - RULES.keys()))
def test_description_is_of_a_rule_that_is_there(name: str) -> None:
    area, _, what = name.partition(".")
    package = Path(catalogue.__file__).parent
    used = {
        path.name
        for path in package.glob("*.py")
        if path != Path(catalogue.__file__) and f'"{name}"' in path.read_text()
    }
    assert used or (area == "schema" and what in KEYWORDS)


def test_descriptions_are_sentences() -> None:
    for name, description in DESCRIPTIONS.items():
        assert json.dumps(description).isascii(), name
        assert description.endswith("."), name
        assert "  " not in description, name
