"""Specification version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import requirement, versions

if TYPE_CHECKING:
    from conformance.fixtures import MakeContainer


@requirement("config.oci_version.accepted")
@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.0.2", "1.0.2-dev", "1.0.0+build.5"])
def test_config_of_the_first_minor_version_is_accepted(container: MakeContainer, version: str) -> None:
    assert container(ociVersion=version).facts().argv == ["/probe", "facts"]


@requirement("config.oci_version.accepted")
def test_config_of_an_older_minor_version_is_accepted(container: MakeContainer) -> None:
    supported = str(container().config["ociVersion"])
    older = [version for version in versions.KNOWN if versions.key(version) <= versions.key(supported)]
    refused = [version for version in older if not container(ociVersion=version).attempt_create().ok]
    assert refused == []
