"""Reports as JSON, as `schemas/validation.schema.json` has it."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from conformance import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.validation.findings import Finding, Report

FORMAT = 1
"""The version of the format; properties may be added within one."""


def render(reports: Sequence[Report]) -> str:
    """One object with all reports."""
    findings = [finding for report in reports for finding in report.findings]
    document = {
        "format": FORMAT,
        "version": __version__,
        "documents": [_document(report) for report in reports],
        "summary": {
            "documents": len(reports),
            "valid": sum(report.valid for report in reports),
            "errors": sum(finding.severity == "error" for finding in findings),
            "warnings": sum(finding.severity == "warning" for finding in findings),
            "notes": sum(finding.severity == "note" for finding in findings),
        },
    }
    return json.dumps(document, indent=2)


def _document(report: Report) -> dict[str, Any]:
    return {
        "file": report.file,
        "kind": report.kind,
        "spec_version": report.spec_version,
        "readable": report.readable,
        "valid": report.valid,
        "complete": report.complete,
        "findings": [_finding(finding) for finding in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    fields = dataclasses.asdict(finding)
    # It is that of the document.
    del fields["file"]
    return fields
