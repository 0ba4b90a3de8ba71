"""Reports as SARIF 2.1.0, the format in which code hosts take findings."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance import __version__
from conformance.validation.catalogue import descriptions, severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.validation.findings import Finding, Report

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(reports: Sequence[Report]) -> str:
    """The log file: one run with the findings of all reports."""
    findings = [finding for report in reports for finding in report.findings]
    rules = _rules(findings)
    indices = {name: index for index, name in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "oci-conform", "version": __version__, "rules": list(rules.values())}},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": _location(file)} for file in dict.fromkeys(report.file for report in reports)],
        "results": [_result(finding, indices) for finding in findings],
        "invocations": [{"executionSuccessful": all(report.readable for report in reports)}],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rules(findings: Sequence[Finding]) -> dict[str, dict[str, Any]]:
    """The rules that found something, by name."""
    described = descriptions()
    rules: dict[str, dict[str, Any]] = {}
    references: dict[str, set[str | None]] = {}
    for finding in findings:
        references.setdefault(finding.rule, set()).add(finding.reference)
        rules[finding.rule] = {
            "id": finding.rule,
            "shortDescription": {"text": described[finding.rule]},
            "defaultConfiguration": {"level": severity(finding.rule)},
        }
    for name, found in references.items():
        # Those of a schema are about all sections, and have no help of their own.
        if len(found) == 1 and None not in found:
            rules[name]["helpUri"] = found.pop()
    return rules


def _result(finding: Finding, indices: dict[str, int]) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": indices[finding.rule],
        "level": finding.severity,
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": _physical(finding.file, finding.line, finding.column, finding.end_column),
                "logicalLocations": [{"fullyQualifiedName": finding.path}],
            }
        ],
        "relatedLocations": [
            {
                "message": {"text": other.message},
                "physicalLocation": _physical(finding.file, other.line, other.column, other.end_column),
            }
            for other in finding.related
        ],
        "properties": {"requirements": list(finding.requirements), "reference": finding.reference},
    }


def _message(finding: Finding) -> str:
    sentences = [finding.sentence]
    if finding.suggestion is not None:
        sentences.append(f"Perhaps {finding.suggestion} is meant.")
    if finding.unsaid:
        sentences.append(f"Allowed: {finding.unsaid}.")
    return ". ".join([sentences[0], " ".join(sentences[1:])]) if len(sentences) > 1 else sentences[0]


def _physical(file: str, line: int | None, column: int | None, end_column: int | None) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": _location(file)}
    if line is not None:
        location["region"] = {"startLine": line, "startColumn": column, "endLine": line, "endColumn": end_column}
    return location


def _location(file: str) -> dict[str, str]:
    # An absolute path is no relative reference, and needs the scheme.
    return {"uri": f"{'file://' if os.path.isabs(file) else ''}{quote(file)}"}
