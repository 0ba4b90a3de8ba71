"""The JSON output is what its schema says, and says what the library says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import conformance
from conformance import resources
from conformance.validation import Report, json_report, validate
from tests.validation import corpus

if TYPE_CHECKING:
    from tests.validation.corpus.case import Invalid, Valid, Warned

SCHEMA = json.loads(Path(resources.schema_path("validation")).read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

ODD: dict[str, Report] = {
    "missing": validate("/does/not/exist"),
    "empty": validate(b""),
    "surrogate": validate(b'{"\\ud800": "\\udfff"}'),
    "UTF-16": validate("{}".encode("utf-16")),
    "name of the file": validate(b"{}", name="\udcff\n"),
    "deep": validate(b"[" * 100_000),
    "twice": validate(b'{"a": 1, "a": 2}', "state"),
    "too many": validate(json.dumps([{}] * 9).encode(), "features"),
    "version": validate(b"{}", spec_version="1.0.1"),
}


def written(*reports: Report) -> Any:
    text = json_report.render(reports)
    assert text.isascii()
    return json.loads(text)


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("report", ODD.values(), ids=list(ODD))
def test_odd_report_is_what_the_schema_says(report: Report) -> None:
    VALIDATOR.validate(written(report))


def test_reports_of_the_corpus_are_what_the_schema_says() -> None:
    cases: list[Valid | Invalid | Warned] = [*corpus.valid(), *corpus.invalid(), *corpus.warned()]
    reports = [validate(case.content, case.kind, name=case.name) for case in cases]
    document = written(*reports)
    VALIDATOR.validate(document)
    assert document["summary"]["documents"] == len(cases)
    assert document["summary"]["valid"] == len(corpus.valid()) + len(corpus.warned())
    assert document["summary"]["errors"] == len(corpus.invalid())
    assert [one["file"] for one in document["documents"]] == [case.name for case in cases]


def test_fields_are_those_of_the_finding() -> None:
    report = validate(b'{"ociVersion": "1.3.0", "id": "a", "status": "running", "pid": "7", "bundle": "/a"}')
    (finding,) = report.findings
    document = written(report)
    assert document["format"] == 1
    assert document["version"] == conformance.__version__
    assert document["summary"] == {"documents": 1, "valid": 0, "errors": 1, "warnings": 0, "notes": 0}
    (one,) = document["documents"]
    assert one == {
        "file": "(bytes)",
        "kind": "state",
        "spec_version": "1.3.0",
        "readable": True,
        "valid": False,
        "complete": True,
        "findings": [
            {
                "severity": "error",
                "rule": "schema.type",
                "requirements": list(finding.requirements),
                "path": "$.pid",
                "line": 1,
                "column": 64,
                "end_column": 67,
                "message": "'7' is no integer",
                "allowed": list(finding.allowed),
                "suggestion": None,
                "reference": finding.reference,
                "related": [],
            }
        ],
    }


def test_every_field_of_the_output_is_described() -> None:
    document = written(ODD["twice"], ODD["missing"])
    described = SCHEMA["$defs"]
    assert document.keys() == SCHEMA["properties"].keys()
    assert document["summary"].keys() == SCHEMA["properties"]["summary"]["properties"].keys()
    for one in document["documents"]:
        assert one.keys() == described["document"]["properties"].keys()
        for finding in one["findings"]:
            assert finding.keys() == described["finding"]["properties"].keys()
