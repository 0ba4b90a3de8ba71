"""The names that the rules know are those of the reference runtime, and the options those of the specification."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from conformance.validation import mount_options
from conformance.validation.kernel_names import CAPABILITIES, RESOURCES
from reference_runtime import capabilities, process
from reference_runtime import mount_options as of_runtime


def test_capabilities_are_those_of_the_runtime() -> None:
    assert CAPABILITIES == capabilities.NAMES


def test_resources_are_those_of_the_runtime() -> None:
    assert RESOURCES == process.RLIMITS


def test_options_of_the_runtime_are_known_but_for_those_that_the_text_does_not_have() -> None:
    # The first was forgotten in its table; the others are those of mount(8), which stand for several of the text's.
    assert set(of_runtime.names()) - set(mount_options.KNOWN) == {"rnodev", "user", "users", "owner", "group"}


def test_options_are_those_of_the_text() -> None:
    directory = os.environ.get("OCI_SPEC_DIRECTORY")
    if not directory:
        pytest.skip("$OCI_SPEC_DIRECTORY does not name a directory with the specification")
    text = (Path(directory) / "config.md").read_text(encoding="utf-8")
    table = re.findall(r"^ `(\w+) *` +\| (?:MUST|SHOULD|MAY) +\|", text, re.MULTILINE)
    assert sorted(mount_options.KNOWN) == sorted(table)
