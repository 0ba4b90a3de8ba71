"""What real programs write is valid, but for what ``captured/findings.toml`` explains."""

from __future__ import annotations

import collections
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.validation import validate

if TYPE_CHECKING:
    from conformance.validation import Kind

CAPTURED = Path(__file__).with_name("captured")
DOCUMENTS = sorted(path.stem for path in CAPTURED.glob("*.json"))
FINDINGS = tomllib.loads((CAPTURED / "findings.toml").read_text(encoding="utf-8"))["finding"]


def kind_of(name: str) -> Kind:
    """The kind of the document, as its name tells it."""
    if "-state-" in name or "-hook-" in name:
        return "state"
    return "features" if name.endswith("-features") else "config"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_has_no_finding_but_those_that_are_explained(name: str) -> None:
    report = validate(CAPTURED / f"{name}.json", kind_of(name))
    found = {(one.severity, one.rule, re.sub(r"\[[0-9]+\]", "[*]", one.path)) for one in report.findings}
    expected = {(one["severity"], one["rule"], one["path"]) for one in FINDINGS if name in one["documents"]}
    assert found == expected, "\n".join(one.explained for one in report.findings)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_kind_of_document_can_be_told_by_its_content(name: str) -> None:
    assert validate((CAPTURED / f"{name}.json").read_bytes()).kind == kind_of(name)


def test_documents_are_of_all_kinds() -> None:
    kinds = collections.Counter(map(kind_of, DOCUMENTS))
    assert kinds["config"] >= 100
    assert kinds["state"] >= 20
    assert kinds["features"] >= 5


def test_explanations_are_of_documents_that_are_here() -> None:
    assert sorted({name for one in FINDINGS for name in one["documents"]} - set(DOCUMENTS)) == []
    assert [one["rule"] for one in FINDINGS if not one["reason"].strip()] == []


def test_origin_of_each_document_is_told() -> None:
    lines = (CAPTURED / "README.md").read_text(encoding="utf-8").splitlines()
    told = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")]
    assert sorted(told[2:]) == DOCUMENTS
