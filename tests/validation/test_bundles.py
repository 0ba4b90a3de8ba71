"""Each bundle of the corpus has the finding that it must have, and no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.bundle.config import merge
from conformance.validation import Report, validate
from tests.validation.corpus.bundles import INVALID_BUNDLES, VALID_BUNDLES, InvalidBundle, ValidBundle
from tests.validation.corpus.case import BASES

if TYPE_CHECKING:
    from pathlib import Path


def report(bundle: ValidBundle | InvalidBundle, directory: Path) -> Report:
    """The report of a bundle that is made in that directory."""
    config = json.dumps(merge(BASES["config"], {"root": {"path": bundle.root}}))
    for name in bundle.files:
        path = directory / name
        if path.suffix == ".json":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(config, encoding="utf-8")
        else:
            path.mkdir(parents=True)
    return validate(directory)


@pytest.mark.parametrize("bundle", [pytest.param(bundle, id=bundle.name) for bundle in VALID_BUNDLES])
def test_valid_bundle_has_no_finding(bundle: ValidBundle, tmp_path: Path) -> None:
    assert [finding.sentence for finding in report(bundle, tmp_path).findings] == []


@pytest.mark.parametrize("bundle", [pytest.param(bundle, id=bundle.name) for bundle in INVALID_BUNDLES])
def test_invalid_bundle_has_its_error_and_no_other_finding(bundle: InvalidBundle, tmp_path: Path) -> None:
    findings = report(bundle, tmp_path).findings
    found = [(finding.severity, finding.rule, finding.path, finding.requirements) for finding in findings]
    assert found == [("error", bundle.rule, bundle.path, bundle.breaks)]
